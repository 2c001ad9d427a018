"""One table document out of a file: alone in it, or chosen by its name among others."""

from __future__ import annotations

import io
import json
from pathlib import Path

from lakewarden.evaluation.name_patterns import there_is
from lakewarden.model.errors import ConfigurationError
from lakewarden_collector.counted import counted
from lakewarden_collector.document import EncodedDocument, TableDocument
from lakewarden_collector.file_kinds import HEAD, FileKind, Wanted, mismatch, recognise
from lakewarden_collector.inventory import Failure, InventoryReader
from lakewarden_collector.patterns import Pattern, fold


def choose_document(
    text: bytes, name: str, table: str | None, clock: str | None
) -> TableDocument | EncodedDocument:
    """Return the document in `text`: JSON on any number of lines, NDJSON, an array, an inventory.

    `name` is what to call the file, `table` a name or pattern that chooses among several. Raises
    `ConfigurationError` for what isn't a document, naming line and JSON path, and where it isn't
    clear which one is meant.
    """
    line, spread = _one_line(text, name)
    items = list(InventoryReader(io.BytesIO(line), name, clock))
    failures = [item for item in items if isinstance(item, Failure)]
    documents = [item for item in items if not isinstance(item, Failure)]
    if not documents:
        raise _unreadable(failures, name, spread=spread)
    pattern = Pattern(table if table is not None else "*")
    chosen = [document for document in documents if pattern.matches(document.full_name)]
    if len(chosen) == 1:
        return chosen[0]
    there = there_is(table or "", [document.full_name for document in documents])
    if not chosen:
        lost = f" {counted(len(failures), 'more line')} can't be read." if failures else ""
        raise ConfigurationError(
            f"no table matches {table}", where="--table", remedy=f"{there}{lost}"
        )
    names = {fold(document.full_name) for document in chosen}
    if len(names) == 1:
        raise ConfigurationError(
            f"{chosen[0].full_name} appears {len(chosen)} times, so a run decides none of them",
            where=name,
            remedy="Remove all but one.",
        )
    matching = f" that match {table}" if table is not None else ""
    raise ConfigurationError(
        f"there are {len(chosen)} table documents{matching}",
        where=name,
        remedy=f"Choose one, such as --table '{chosen[0].full_name}'. {there}",
    )


def _one_line(text: bytes, name: str) -> tuple[bytes, bool]:
    """Return a text that the reader of inventories takes, and whether it is one spread document."""
    kind = recognise(text[:HEAD], whole=len(text) < HEAD)
    if kind is FileKind.EMPTY:
        raise ConfigurationError("is empty", where=name, remedy="Name a file with a document.")
    if kind in (FileKind.SPREAD_JSON, FileKind.OTHER_JSON):
        try:
            json.loads(text)
        except ValueError as error:
            raise ConfigurationError(
                f"isn't valid JSON: {error}", where=name, remedy="Correct the document."
            ) from error
        # A line end is no more than a blank between the values of valid JSON.
        return text.replace(b"\r", b" ").replace(b"\n", b" "), True
    if kind not in (None, FileKind.INVENTORY):
        what, remedy = mismatch(kind, Wanted.INVENTORY)
        raise ConfigurationError(what, where=name, remedy=remedy)
    return text, False


def _unreadable(failures: list[Failure], name: str, *, spread: bool) -> ConfigurationError:
    if not failures:
        return ConfigurationError(
            "there is no table document in it",
            where=name,
            remedy="Name a file with a document, such as `lakewarden collect` writes.",
        )
    first, *others = failures
    more = f" ({counted(len(others), 'more line')} can't be read either)" if others else ""
    remedy = "Correct the document; docs/document.md describes each field."
    return ConfigurationError(
        f"{first.reason}{more}",
        where=name if spread else first.where,
        remedy=remedy if spread else first.remedy,
    )


def read_bytes(path: Path) -> bytes:
    """Return a file's bytes; raises `ConfigurationError` where it can't be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigurationError(
            f"can't be read: {error.strerror}",
            where=str(path),
            remedy="Name a file with a table document, or - for standard input.",
        ) from error
