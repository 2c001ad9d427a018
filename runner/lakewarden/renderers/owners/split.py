"""Writes a report's pages and texts for each owner into a folder, and a list of them."""

from __future__ import annotations

import csv
import hashlib
import re
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from msgspec import Struct

from lakewarden.model.errors import ConfigurationError
from lakewarden.model.report import Report
from lakewarden.renderers.csv import cell
from lakewarden.renderers.html.renderer import HtmlRenderer
from lakewarden.renderers.owners.owner_report import Owner, OwnerReport, TablesByOwner
from lakewarden.renderers.owners.text import write_text
from lakewarden.report.atomic_file import PendingFile
from lakewarden.report.output_paths import Input, Output, check_outputs
from lakewarden.report.summary import owner_group
from lakewarden.report.table_status import Status
from lakewarden.report.weight import Load
from lakewarden_collector.errors import OutputError

LIST: Final = "owners.csv"
"""The list of owners with their files; the next split knows by it which files are of this one."""

COLUMNS: Final = (
    *("owner", "page", "text", "tables", "non_compliant", "bytes_non_compliant"),
    *("unsized_non_compliant", "undecided", "failed_decisions", "weight", "not_read"),
)

_NAMES: Final = {None: "owner-not-known", "": "no-owner"}
_RESERVED: Final = re.compile(r"con|prn|aux|nul|com\d|lpt\d|owners|owner-not-known|no-owner")
"""What Windows keeps for itself, and what we do."""
_DIGESTED: Final = re.compile(r".*-[0-9a-f]{12}")
_OURS: Final = re.compile(r"[a-z0-9][a-z0-9-]*\.(?:html|md)")
_LONGEST: Final = 60


class Split(Struct, frozen=True):
    """What was written, and which files of an earlier split were removed."""

    owners: int
    removed: tuple[str, ...]


def split_by_owner(report: Report, folder: Path, source: Path) -> Split:
    """Write each owner's page and text, then the list; remove what an earlier split has left.

    The page of an owner whose tables are gone would mislead: pages that the folder's list names are
    removed at the end. Other files stay. `source` is the report's own file, which stays in any
    case. Raises `ConfigurationError` where the folder can't be used, and `OutputError` where a file
    can't be written.
    """
    previous = _prepare(folder, source)
    rows: list[tuple[Load, list[str | int]]] = []
    with TablesByOwner(report) as tables:
        names = {owner: file_name(owner) for owner in tables.owners}
        written = [f"{name}{suffix}" for name in names.values() for suffix in (".html", ".md")]
        check_outputs(
            [Output(option="--output", what=each, path=folder / each) for each in written],
            [Input(what="the report", path=source)],
        )
        _refuse_others(folder, [each for each in written if each not in previous])
        # So the next split knows this one's pages, even if this one is killed.
        blank = [""] * (len(COLUMNS) - 2)
        _write_list(folder, [["", each, *blank] for each in sorted(previous.union(written))])
        for owner, name in names.items():
            mine = OwnerReport(report, owner, tables)
            words = owner_group(owner)
            page, text = f"{name}.html", f"{name}.md"
            with PendingFile(folder / page) as pending:
                HtmlRenderer(owner=words).render(mine, pending.text())
            with PendingFile(folder / text) as pending:
                found = write_text(mine, words, page, pending.text())
            load = found.loads_by_owner.get(words, Load())
            rows.append((load, _row(mine, load, words, page, text)))
    rows.sort(key=lambda each: (-each[0].weight, -each[0].advisory_weight, each[1]))
    _write_list(folder, [row for _, row in rows])
    stale = sorted(previous - set(written))
    for each in stale:
        _remove(folder / each)
    return Split(owners=len(rows), removed=tuple(stale))


def file_name(owner: Owner) -> str:
    """Return an owner's file name without suffix: lower-case ASCII, the same in every run.

    It is the owner's name where that is one already. Any other gets a digest of the name, so that
    names that differ only in case or in marks have different files on every file system.
    """
    if not owner:
        return _NAMES[owner]
    plain = unicodedata.normalize("NFKD", owner).encode("ascii", "ignore").decode().lower()
    words = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:_LONGEST].strip("-")
    if words == owner and not _RESERVED.fullmatch(owner) and not _DIGESTED.fullmatch(owner):
        return words
    digest = hashlib.sha256(owner.encode("utf-8", "surrogatepass")).hexdigest()[:12]
    return f"{words or 'owner'}-{digest}"


def _prepare(folder: Path, source: Path) -> set[str]:
    """Make the folder, and return the files of an earlier split in it."""
    check_outputs(
        [Output(option="--output", what="the list of owners", path=folder / LIST)],
        [Input(what="the report", path=source)],
    )
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        raise ConfigurationError(
            "isn't a folder, and can't be made one",
            where=str(folder),
            remedy="Name a folder for the owners' pages with --output.",
        ) from error
    try:
        with (folder / LIST).open(encoding="utf-8", newline="") as lines:
            rows = list(csv.reader(lines))
    except FileNotFoundError:
        return set()
    except (OSError, ValueError, csv.Error):
        rows = []
    if not rows or tuple(rows[0]) != COLUMNS:
        raise ConfigurationError(
            "isn't the list of an earlier split, and would be overwritten",
            where=str(folder / LIST),
            remedy="Name another folder with --output, or move the file.",
        )
    # Whatever the list says, only a name that a split gives is ever removed.
    return {name for row in rows[1:] for name in row[1:3] if _OURS.fullmatch(name)}


def _refuse_others(folder: Path, names: Sequence[str]) -> None:
    for path in (folder / name for name in names):
        if path.exists():
            raise ConfigurationError(
                "isn't a page of an earlier split, and would be overwritten",
                where=str(path),
                remedy="Name another folder with --output, or move the file.",
            )


def _write_list(folder: Path, rows: Sequence[Sequence[str | int]]) -> None:
    with PendingFile(folder / LIST) as pending:
        writer = csv.writer(pending.text(), quoting=csv.QUOTE_ALL)
        writer.writerow(COLUMNS)
        writer.writerows([cell(value) for value in row] for row in rows)


def _remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise OutputError(
            f"is a page of an earlier split and can't be removed: {error.strerror}",
            where=str(path),
            remedy="Remove it yourself: its owner has no tables any more.",
        ) from error


def _row(report: OwnerReport, load: Load, name: str, page: str, text: str) -> list[str | int]:
    return [
        *(name, page, text),
        report.summary.total.tables,
        *(load.broken.tables, load.broken.bytes, load.broken.unsized),
        report.summary.tables_by_status[Status.UNDECIDED],
        *(load.failed, load.weight, report.completeness.tables_failed),
    ]
