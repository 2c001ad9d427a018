"""`lakewarden diff`: what differs between two reports, violation by violation."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING, Annotated, TextIO

import typer

from lakewarden.commands.compared_runs import ComparedRun, files_of, open_runs
from lakewarden.commands.output import (
    ChosenFormat,
    SummaryFormat,
    SummaryOutput,
    check_output,
    file_of,
    summary_format,
    text_output,
)
from lakewarden.commands.terminal import TerminalProgress, is_quiet, notes
from lakewarden.engines.choice import EngineKindOptions
from lakewarden.options.reports import parse_history
from lakewarden.renderers.words.wording import gate_lines, visible
from lakewarden.report.gate import judge_diff

if TYPE_CHECKING:
    from lakewarden.model.diff import ChangedViolation, Diff
    from lakewarden.model.report import Gate
    from lakewarden.report.causes import ProvenCauses
    from lakewarden.report.diff import Differ

EPILOG = (
    "Exit codes: 0 whatever has changed; 2 for what isn't a report, a pack or a run; 4 where the "
    "output can't be written, or the engine fails that decides packs again. With --fail-on-new: 1 "
    "for a mandatory failure that the old run doesn't have, 3 where there is none, but something "
    "couldn't be read or decided that could before."
)


def diff(
    old: Annotated[
        str,
        typer.Argument(
            metavar="OLD",
            help="What to compare with: a JSON report, an evidence pack, or a run of the history.",
        ),
    ],
    new: Annotated[
        str,
        typer.Argument(
            metavar="NEW",
            help="What is newer: another of these. Runs of the history are history:2026-03-31 (the "
            "last one until the end of that day), history:latest, history:previous (the one before "
            "NEW), or history:ID.",
        ),
    ],
    engine: EngineKindOptions,
    *,
    history: Annotated[
        str | None,
        typer.Option(
            metavar="DIR|URI",
            parser=parse_history,
            help="The history that history:RUN is about; by default the project file's.",
        ),
    ] = None,
    output: SummaryOutput = "-",
    chosen: ChosenFormat = None,
    fail_on_new: Annotated[
        bool,
        typer.Option(
            "--fail-on-new",
            help="Exit with 1 where there is a mandatory failure that OLD doesn't have.",
        ),
    ] = False,
) -> None:
    """Say what changed between two runs: new, fixed, exempt, gone, and why.

    lakewarden diff monday.json today.json
    lakewarden diff main.json branch.json --fail-on-new -o comment.md
    lakewarden diff monday.zip today.zip
    lakewarden diff history:2026-03-31 history:latest --history history

    A violation is the same if table, policy and key are; its message doesn't count. What can have
    changed each decision is named: the data, the policies, the settings, the waivers, the engine
    or the time. Of two evidence packs, also of those that the history keeps, the changed decisions
    are made again with one of these exchanged at a time, which proves it. What the two runs don't
    have in common, such as their scope, is said first.
    """
    # Every command would wait for these: imported when asked for.
    from lakewarden.renderers.diff_json import write_diff_json  # noqa: PLC0415 -- see above
    from lakewarden.report.diff import Differ  # noqa: PLC0415 -- see above

    check_output(output, *files_of(old, new))
    kind = chosen or summary_format(output, "a diff")
    with ExitStack() as stack:
        before, after = open_runs(old, new, history, stack)
        differ = Differ(before.as_old(), after.report, _proven(before, after, engine))
        changes = differ.changes(after.tables(), after.tables)
        out = stack.enter_context(text_output(output, kind.value))
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


def _proven(before: ComparedRun, after: ComparedRun, engine: EngineKindOptions) -> ProvenCauses:
    """Decide again what has changed, where both runs have a pack."""
    if before.packed is None or after.packed is None:
        return {}
    from lakewarden.packs.causes import CauseFinder  # noqa: PLC0415 -- brings the engines
    from lakewarden.report.diff import Differ  # noqa: PLC0415 -- as above

    differ = Differ(before.as_old(), after.report)
    changes = list(differ.changes(after.tables(), after.tables))
    with CauseFinder(before.packed, after.packed, engine, TerminalProgress()) as finder:
        return finder.causes(changes, differ.result().causes)


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
