"""Options that say what a run writes, and when it fails."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from msgspec import Struct

from lakewarden.model.decision import Severity
from lakewarden.model.errors import ConfigurationError
from lakewarden.renderers import SUFFIXES, TEMPLATE, Format, format_name, format_of, plug_ins
from lakewarden.report.atomic_file import is_stdout
from lakewarden.report.gate import Permission, parse_permission, parse_severity

COMPARING: Final = "Comparing and replaying"
GATE: Final = "Gate"
_URI: Final = re.compile(r"file:|[a-zA-Z][\w+.-]*://")
FORMATS: Final = ", ".join(Format)
_NOT_FORMATS: Final = frozenset(
    {suffix.removeprefix(".") for suffix in SUFFIXES}
    | {"pdf", "text", "txt", "xls", "xlsx", "xml", "yaml", "yml"}
)
"""Words before `=` that are meant as a format and not as the beginning of a path."""


class ReportTarget(Struct, frozen=True, kw_only=True):
    """One report to write: a format, and the file or the open stream that it goes to."""

    format: str
    """A `Format`, the name of a plug-in's format, or `template:FILE`."""
    path: Path | None = None
    stream: Any = None
    """A text stream, where there is no path; None is standard output."""


class PackedBaseline(Struct, frozen=True, kw_only=True):
    """What an evidence pack has of a run's baseline: files, and how that run called them."""

    entries: Path
    called: str
    against: str = ""
    """The ratchet's reference; empty without one."""
    before: Path | None = None
    """The baseline at that reference; None where it had none."""


def parse_target(text: str) -> ReportTarget:
    """Read FORMAT=PATH, or a PATH whose suffix tells the format."""
    word, found, path = _parts(text)
    chosen: str | None = format_name(word) if found else None
    if chosen:
        if not path:
            raise _no_target(f"{text!r} names no file after its format")
    elif found and (not word or word.lower() in _NOT_FORMATS or _looks_like_a_format(word)):
        raise unknown_format(word, where="--report", more=_target_remedy())
    else:
        chosen, path = format_of(text), text
        if chosen is None or text.lower().startswith(f"{TEMPLATE}:"):
            raise _no_target(f"the name {text!r} doesn't end in a report's format")
    if is_stdout(path):
        return ReportTarget(format=chosen)
    return ReportTarget(format=chosen, path=Path(path))


def target_of(text: str, report_format: str) -> ReportTarget:
    """Return where a report of a format that is chosen already goes: `-` or a path."""
    word, found, _ = _parts(text)
    if found and format_name(word):
        raise ConfigurationError(
            f"a format is named twice: {report_format}, and {word} before the path",
            where="--format",
            remedy="Leave --format out.",
        )
    if not text:
        raise _no_target("no file is named")
    return ReportTarget(format=report_format, path=None if is_stdout(text) else Path(text))


def refuse_two_on_stdout(targets: Iterable[ReportTarget]) -> None:
    """Raise `ConfigurationError` where two reports would go to standard output."""
    if sum(target.path is None for target in targets) > 1:
        raise ConfigurationError(
            "two reports would both go to standard output",
            where="--report",
            remedy="Give each report a file of its own.",
        )


def _parts(text: str) -> tuple[str, str, str]:
    """Divide at the first `=`; after `template:`, at the first that an existing file precedes."""
    kind, _, rest = text.partition(":")
    if kind.lower() == TEMPLATE:
        for at in (found.start() for found in re.finditer("=", rest)):
            if Path(rest[:at]).is_file():
                return f"{kind}:{rest[:at]}", "=", rest[at + 1 :]
    return text.partition("=")


def parse_format(text: str) -> str:
    """Read a format's name; raises `ConfigurationError` that suggests the nearest."""
    chosen = format_name(text)
    if chosen is None:
        raise unknown_format(text, where="--format", more=f"{formats()}.")
    return chosen


def _target_remedy() -> str:
    return (
        f"Write FORMAT=PATH, such as html=report.html, or a path that ends in "
        f"{', '.join(SUFFIXES)}. {formats()}, or a template of yours: template:FILE=PATH."
    )


def formats() -> str:
    """Say which formats there are, those of plug-ins with their distributions."""
    others = [f"{name} ({distribution})" for name, distribution in plug_ins.names().items()]
    return f"The formats are {FORMATS}" + (
        f", and by plug-ins {', '.join(others)}" if others else ""
    )


def unknown_format(word: str, *, where: str, more: str) -> ConfigurationError:
    """Return the error of a word that isn't a format, with the nearest one."""
    word = word.lower()
    near = SUFFIXES.get(f".{word}") or next(iter(get_close_matches(word, _names())), None)
    meant = f"Did you mean {near}? " if near else ""
    return ConfigurationError(
        f"unknown report format {word!r}", where=where, remedy=f"{meant}{more}"
    )


def _looks_like_a_format(word: str) -> bool:
    return word.isalpha() and bool(get_close_matches(word.lower(), _names()))


def _names() -> list[str]:
    return [*Format, *plug_ins.names()]


def _no_target(what: str) -> ConfigurationError:
    return ConfigurationError(what, where="--report", remedy=_target_remedy())


def parse_history(text: str) -> str:
    """Read the place of a history; raises `ConfigurationError` where there is none."""
    if not text.strip():
        raise ConfigurationError(
            "no folder or URI is named",
            where="--history",
            remedy="Name a folder, which is made where it isn't there yet, or s3://bucket/folder.",
        )
    return text


def history_folder(location: str) -> Path | None:
    """Return the folder of a history, None for one in an object store."""
    return None if _URI.match(location) else Path(location)


def parse_share(text: str) -> float:
    """Read 0.95 or 95%; raises `ConfigurationError`."""
    number = text.strip()
    try:
        value = float(number.removesuffix("%")) / (100 if number.endswith("%") else 1)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise ConfigurationError(
            f"{text!r} isn't a share of the tables",
            where="--min-coverage",
            remedy="Write a number from 0 to 1, or a percentage: 0.95 or 95%.",
        )
    return value


@dataclass(frozen=True, kw_only=True)
class ReportOptions:
    """What a run writes, and what it compares with."""

    reports: Annotated[
        tuple[ReportTarget, ...],
        typer.Option(
            "--report",
            "-o",
            metavar="[FORMAT=]PATH",
            parser=parse_target,
            help=f"Write a report ({FORMATS}, or template:FILE for your own). The suffix sets the "
            "format: report.html, .json, .md. json=- goes to standard output. May be repeated.",
        ),
    ] = ()
    previous: Annotated[
        Path | None,
        typer.Option(
            metavar="REPORT",
            rich_help_panel=COMPARING,
            help="Also show what has changed since this JSON report of a previous run: tables that "
            "are new, gone, fixed or broken, and decisions with a new outcome.",
        ),
    ] = None
    history: Annotated[
        str | None,
        typer.Option(
            metavar="DIR|URI",
            parser=parse_history,
            rich_help_panel=COMPARING,
            help="Add the run to this history, a Delta table in a folder or an object store, and "
            "show the trend, how long failures last, and which came back. Without --previous, "
            "changes are those since the latest run that can be compared.",
        ),
    ] = None
    baseline: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            rich_help_panel=GATE,
            help="Don't gate on the failures in this file, which `lakewarden baseline create` "
            "writes. New ones gate, and so does what is unknown or an error.",
        ),
    ] = None
    baseline_from: Annotated[
        str | None,
        typer.Option(
            metavar="REPORT|INVENTORY|GIT-REF",
            rich_help_panel=GATE,
            help="Instead of a file of failures: don't gate on what failed in a previous report, "
            "on what these policies find in a previous inventory, or on what the policies and "
            "settings of a git reference, such as origin/main, find in the tables of this run. "
            "Write report:, inventory: or git: in front where one could be taken for another.",
        ),
    ] = None
    ratchet_against: Annotated[
        str | None,
        typer.Option(
            metavar="GIT-REF",
            rich_help_panel=GATE,
            help="Fail where the baseline has an entry that it doesn't have at this git reference, "
            "such as origin/main. What is in it in place of another is named.",
        ),
    ] = None
    packed_baseline: PackedBaseline | None = None
    """The baseline of a run that is decided again."""
    promises: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            rich_help_panel=COMPARING,
            help="Keep in this file what a plan leaves unknown until it is applied. A run on the "
            "estate settles these promises, and the report names the broken and open ones.",
        ),
    ] = None
    save_inventory: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            rich_help_panel=COMPARING,
            help="Also save what was collected, to evaluate it again or to --reuse its sizes.",
        ),
    ] = None
    pack: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.zip",
            rich_help_panel=COMPARING,
            help="Also write an evidence pack: the inventory, policies, settings and waivers with "
            "the decisions, and digests of all. `verify` checks it, `replay` decides again.",
        ),
    ] = None
    keep_packs: Annotated[
        bool,
        typer.Option(
            "--keep-packs/--no-keep-packs",
            show_default=False,
            rich_help_panel=COMPARING,
            help="Keep the run's evidence pack in the history, beside its decisions.",
        ),
    ] = False
    sign_key: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.pem",
            rich_help_panel=COMPARING,
            help="Sign the evidence pack with this Ed25519 private key. The signature goes beside "
            "it, as FILE.zip.intoto.json.",
        ),
    ] = None
    no_what_if: Annotated[
        bool,
        typer.Option(
            "--no-what-if/--what-if",
            show_default=False,
            rich_help_panel=COMPARING,
            help="Don't evaluate other thresholds as well, and be done sooner. The report then "
            "says that they were left out.",
        ),
    ] = False


@dataclass(frozen=True, kw_only=True)
class GateOptions:
    """Which results fail a run."""

    no_gate: Annotated[
        bool,
        typer.Option(
            "--no-gate/--gate",
            show_default=False,
            rich_help_panel=GATE,
            help="Turn exit codes 1 and 3 into 0.",
        ),
    ] = False
    allow: Annotated[
        tuple[Permission, ...],
        typer.Option(
            metavar="OUTCOME[:POLICY]",
            parser=parse_permission,
            rich_help_panel=GATE,
            help="Don't gate on this outcome (fail, unknown or error) of the policies that match, "
            "or of all. May be repeated.",
        ),
    ] = ()
    fail_on: Annotated[
        Severity | None,
        typer.Option(
            metavar="SEVERITY",
            parser=parse_severity,
            rich_help_panel=GATE,
            help="Also gate on failures of advisory policies from this severity on "
            f"({', '.join(Severity)}); also on those of policies that aren't mandatory yet.",
        ),
    ] = None
    """The mildest severity of an advisory failure that gates; None where none gates."""
    strict_waivers: Annotated[
        bool,
        typer.Option(
            "--strict-waivers/--lax-waivers",
            show_default=False,
            rich_help_panel=GATE,
            help="Also exit with 1 if a waiver has to be put right: it has expired, lasts too "
            "long, matches no table, covers too many, contradicts another one or isn't needed.",
        ),
    ] = False
    min_coverage: Annotated[
        float | None,
        typer.Option(
            metavar="SHARE",
            parser=parse_share,
            rich_help_panel=GATE,
            help="Don't gate on unreadable tables if at least this share of all known tables was "
            "evaluated: 0.95 or 95%.",
        ),
    ] = None
    """The share of the known tables, 0 to 1, that is enough; None demands all of them."""
