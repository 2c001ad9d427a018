"""`lakewarden diff`: what differs between two reports, violation by violation."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TextIO

import typer

from lakewarden.commands.output import (
    SUMMARY_FORMATS,
    SummaryFormat,
    check_output,
    file_of,
    summary_format,
    text_output,
)
from lakewarden.commands.terminal import is_quiet, notes
from lakewarden.renderers.words.wording import gate_lines, visible
from lakewarden.report.gate import judge_diff
from lakewarden.report.recount import open_report

if TYPE_CHECKING:
    from lakewarden.model.diff import ChangedViolation, Diff
    from lakewarden.model.report import Gate
    from lakewarden.report.diff import Differ

EPILOG = (
    "Exit codes: 0 whatever has changed; 2 for a file that isn't a report; 4 where the output "
    "can't be written. With --fail-on-new: 1 for a mandatory failure that the old report doesn't "
    "have, 3 where there is none, but something couldn't be read or decided that could before."
)


def diff(
    old: Annotated[Path, typer.Argument(metavar="OLD", help="The JSON report to compare with.")],
    new: Annotated[Path, typer.Argument(metavar="NEW", help="The JSON report that is newer.")],
    *,
    output: Annotated[
        str,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            show_default=False,
            help="Where to write it; by default to standard output. The suffix tells the format: "
            ".md or .json, else text.",
        ),
    ] = "-",
    chosen: Annotated[
        SummaryFormat | None,
        typer.Option(
            "--format",
            metavar=SUMMARY_FORMATS,
            show_default=False,
            help="console for people, markdown for a pull request (at most 12 KB), json for "
            "programs: every violation that changed.",
        ),
    ] = None,
    fail_on_new: Annotated[
        bool,
        typer.Option(
            "--fail-on-new",
            help="Exit with 1 where there is a mandatory failure that OLD doesn't have.",
        ),
    ] = False,
) -> None:
    """Say what changed between two JSON reports: new, fixed, exempt, gone, and why.

    lakewarden diff monday.json today.json
    lakewarden diff main.json branch.json --fail-on-new -o comment.md

    A violation is the same if table, policy and key are; its message doesn't count. What can have
    changed each decision is named: the data, the policies, the settings, the waivers, the engine
    or the time. What the two reports don't have in common, such as their scope, is said first.
    """
    # Every command would wait for these: imported when asked for.
    from lakewarden.renderers.diff_json import write_diff_json  # noqa: PLC0415 -- see above
    from lakewarden.report.diff import Differ  # noqa: PLC0415 -- see above
    from lakewarden.report.old_report import open_old  # noqa: PLC0415 -- see above

    check_output(output, old, new)
    kind = chosen or summary_format(output, "a diff")
    packed, report = open_old(old), open_report(new)
    differ = Differ(packed, report)
    changes = differ.changes(report.tables(), report.tables)
    with text_output(output, kind.value) as out:
        if kind is SummaryFormat.JSON:
            write_diff_json(differ.result, changes, out)
        found = _finished(differ, changes)
        gate = judge_diff(found) if fail_on_new else None
        if kind is not SummaryFormat.JSON:
            _write(kind, differ, found, gate, out)
    if kind is not SummaryFormat.CONSOLE or file_of(output) is not None:
        notes().print(_line(found, gate))
    if gate is not None and gate.exit_code:
        raise typer.Exit(gate.exit_code)


def _finished(differ: Differ, changes: Iterator[ChangedViolation]) -> Diff:
    """Compare what is left, and return the figures."""
    for _ in changes:
        pass
    return differ.result()


def _write(
    kind: SummaryFormat, differ: Differ, found: Diff, gate: Gate | None, out: TextIO
) -> None:
    """Write a summary."""
    if kind is SummaryFormat.MARKDOWN:
        from lakewarden.renderers.markdown.diff import write_diff  # noqa: PLC0415 -- as above

        write_diff(found, differ.heaviest, out, gate)
    elif is_quiet():
        out.write(f"{visible(_line(found, gate))}\n")
    else:
        from lakewarden.renderers.console.diff import show_diff  # noqa: PLC0415 -- starts rich

        show_diff(found, differ.heaviest, out, gate)


def _line(found: Diff, gate: Gate | None) -> str:
    """Return the conclusion on one line."""
    from lakewarden.renderers.words.diff import diff_headline  # noqa: PLC0415 -- as above

    return " ".join((diff_headline(found), *(gate_lines(gate) if gate else ())))
