"""`lakewarden baseline`: failures that a team knows of, and that don't gate meanwhile."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

import typer
from msgspec import structs

from lakewarden.baseline.entries import Entry, read_entries, written
from lakewarden.baseline.failing import failing, names_of
from lakewarden.baseline.ledger import BaselineLedger
from lakewarden.commands.command import Group, add
from lakewarden.commands.output import check_output, text_output
from lakewarden.commands.terminal import notes
from lakewarden.model.errors import ConfigurationError
from lakewarden.options.policies import complete_policies
from lakewarden.renderers.safe_console import result
from lakewarden.renderers.words.wording import violation_name, visible
from lakewarden.report.atomic_file import PendingFile
from lakewarden.report.recount import open_report
from lakewarden_collector.counted import counted
from lakewarden_collector.patterns import Pattern, any_matches
from lakewarden_collector.texts import is_empty

app = typer.Typer(
    cls=Group,
    no_args_is_help=True,
    help="Introduce rules on an estate that breaks them: known failures don't gate, new ones do.",
)

_File = Annotated[Path, typer.Argument(metavar="FILE", help="A baseline.")]
_Report = Annotated[
    Path, typer.Option("--report", metavar="REPORT", help="A JSON report that `evaluate` wrote.")
]


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """Which failures are meant."""

    of_policy: Annotated[
        tuple[str, ...],
        typer.Option(
            "--policy",
            metavar="PATTERN",
            autocompletion=complete_policies,
            help="Only failures of policies whose id matches. May be repeated.",
        ),
    ] = ()
    of_table: Annotated[
        tuple[str, ...],
        typer.Option(
            "--table",
            metavar="PATTERN",
            help="Only failures of tables whose full name matches. May be repeated.",
        ),
    ] = ()

    def of(self, entries: Iterable[Entry]) -> Iterator[Entry]:
        """Yield those among entries."""
        policies = tuple(map(Pattern, self.of_policy or ("*",)))
        tables = tuple(map(Pattern, self.of_table or ("*",)))
        for each in entries:
            if any_matches(policies, each.policy) and any_matches(tables, each.table):
                yield each


def create(
    report: _Report,
    chosen: Chosen,
    *,
    output: Annotated[
        str,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            show_default=False,
            help="Where to write the baseline; by default to standard output.",
        ),
    ] = "-",
) -> None:
    """Take the failures of a report that gate for known.

    lakewarden evaluate --source databricks --no-gate --report report.json
    lakewarden baseline create --report report.json -o baseline.txt
    lakewarden evaluate --source databricks --baseline baseline.txt

    What is unknown or an error is never part of it.
    """
    check_output(output, report)
    entries = list(chosen.of(failing(open_report(report))))
    with text_output(output, "baseline") as out:
        out.write(written(entries))
    notes().print(_amount(entries, "known violation"))


def accept(
    file: _File,
    report: _Report,
    chosen: Chosen,
    *,
    reason: Annotated[
        str, typer.Option(metavar="TEXT", help="Why these failures are accepted, for the auditor.")
    ],
) -> None:
    """Add failures of a report that the baseline doesn't know, with a reason. Removes nothing.

    lakewarden baseline accept baseline.txt --report report.json --reason "Rebuilt in May"
    """
    if is_empty(reason):
        raise ConfigurationError(
            "is empty", where="--reason", remedy="Say why these failures are accepted."
        )
    ledger = BaselineLedger.read(file)
    entries = ledger.entries
    new = [
        structs.replace(each, reason=reason)
        for each in chosen.of(failing(open_report(report), ledger))
    ]
    if new:
        _write(file, [*entries, *new])
    _say("accepted", new)
    notes().print(_amount(new, "violation") if new else "Nothing that the baseline doesn't know.")


def shrink(file: _File, report: _Report) -> None:
    """Remove what is over: a report's policies decided the table and don't find it. Adds nothing.

    lakewarden baseline shrink baseline.txt --report report.json

    An entry stays where its table or its policy wasn't decided.
    """
    ledger = BaselineLedger.read(file)
    entries = ledger.entries
    opened = open_report(report)
    ledger.see(names_of(opened))
    for table in opened.tables():
        ledger.mark(table)
    over = ledger.over()
    if over:
        gone = {each.place for each in over}
        _write(file, [each for each in entries if each.place not in gone])
    _say("over", over)
    notes().print(f"{_amount(over, 'violation')}; {len(entries) - len(over):,} are left")


def show(file: _File) -> None:
    """Say what a baseline knows: violations and tables by policy, and since when.

    lakewarden baseline show baseline.txt
    """
    entries = read_entries(file)
    policies = Counter(each.policy for each in entries)
    for policy_id, number in sorted(policies.items(), key=lambda each: (-each[1], each[0])):
        own = [each for each in entries if each.policy == policy_id]
        tables = counted(len({each.table for each in own}), "table")
        oldest = min(each.since for each in own)
        result(f"{visible(policy_id)}: {counted(number, 'violation')} of {tables}, since {oldest}")
    accepted = sum(each.reason is not None for each in entries)
    result(f"{_amount(entries, 'known violation')}, {accepted:,} of them accepted with a reason")


def _write(file: Path, entries: list[Entry]) -> None:
    with PendingFile(file) as pending:
        pending.write(written(entries).encode())


def _say(word: str, entries: list[Entry]) -> None:
    for each in entries:
        result(f"{word}: {visible(violation_name(each.table, each.policy, each.key))}")


def _amount(entries: list[Entry] | tuple[Entry, ...], what: str) -> str:
    tables = counted(len({each.table for each in entries}), "table")
    return f"{counted(len(entries), what)} of {tables}"


_COMMANDS: Final[tuple[Callable[..., None], ...]] = (create, show, shrink, accept)
for command in _COMMANDS:
    add(app, command)
