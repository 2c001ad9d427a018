"""`lakewarden waivers`: approved exceptions, listed, added, renewed, checked and pruned."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer
from rich.table import Table

from lakewarden.commands import waivers_edit
from lakewarden.commands.command import Group, add
from lakewarden.commands.inputs import with_local_policies
from lakewarden.commands.output import Format, write_json
from lakewarden.commands.terminal import notes
from lakewarden.commands.waivers_file import find_waiver_file, judged, opened
from lakewarden.engines.choice import EngineKindOptions
from lakewarden.model.clock import utc_now
from lakewarden.model.errors import EXIT_FAILED, EXIT_USAGE
from lakewarden.options import ClockOptions
from lakewarden.options.policies import EffectivePolicyOptions, complete_policies
from lakewarden.renderers.safe_console import console, result
from lakewarden.renderers.words.wording import visible
from lakewarden.waivers.lint import Fault, in_order, lint
from lakewarden.waivers.listing import Filters, Listed, list_waivers, read_days
from lakewarden.waivers.states import statuses_in
from lakewarden_collector.counted import counted

app = typer.Typer(
    cls=Group,
    no_args_is_help=True,
    help="Exempt tables accountably: list, add, renew, check and prune what is in waivers.yaml.",
)

EPILOG: Final = (
    "Exit codes of lint: 0 nothing found; 1 findings; 2 a file that a run would refuse, "
    "too, with every waiver that is wrong."
)
_COLUMNS: Final = ("state", "days left", "policy", "table or pattern", "owner", "expires", "where")


def list_all(
    policies: EffectivePolicyOptions,
    clock: ClockOptions,
    *,
    expiring: Annotated[
        int | None,
        typer.Option(
            metavar="DAYS",
            parser=read_days,
            help="Only those that end within these days, such as 30d, and haven't yet.",
        ),
    ] = None,
    owner: Annotated[
        str | None, typer.Option(metavar="PATTERN", help="Only those of owners that match.")
    ] = None,
    of_policy: Annotated[
        str | None,
        typer.Option(
            "--policy",
            metavar="PATTERN",
            autocompletion=complete_policies,
            help="Only those of policies whose id matches.",
        ),
    ] = None,
    table: Annotated[
        str | None,
        typer.Option(
            metavar="PATTERN",
            help="Only those about tables that match, and those by a pattern that covers them.",
        ),
    ] = None,
    report: Annotated[
        Path | None,
        typer.Option(
            "--report",
            metavar="REPORT",
            help="A JSON report of `evaluate`: shows what only a run can tell.",
        ),
    ] = None,
    output: Annotated[
        Format, typer.Option("--format", help="text for reading, json for programs.")
    ] = Format.TEXT,
) -> None:
    """List the waivers with where each stands, the next to end first.

    lakewarden waivers list --expiring 30d --owner 'sales-*'

    Piped, a waiver is a line: state, days left, policy, table or pattern, owner, expiry, file and
    line, with tabs between them.
    """
    now = clock.now or utc_now()
    filters = Filters(expiring=expiring, owner=owner, policy=of_policy, table=table)
    waivers = opened(policies).waivers
    found = list_waivers(waivers, now, filters, statuses_in(waivers, report))
    if output is Format.JSON:
        write_json(found)
        return
    out = console()
    if not out.is_terminal:
        for each in found:
            result(*_cells(each))
        return
    shown = Table(box=None, pad_edge=False)
    for heading in _COLUMNS:
        shown.add_column(heading, overflow="fold")
    for each in found:
        shown.add_row(*(visible(str(cell)) for cell in _cells(each)))
    out.print(shown)


def lint_all(
    policies: EffectivePolicyOptions,
    clock: ClockOptions,
    engine: EngineKindOptions,
    *,
    output: Annotated[
        Format, typer.Option("--format", help="text for reading, json for programs.")
    ] = Format.TEXT,
) -> None:
    """Check waivers.yaml without a run: what is invalid, expired, there twice, or covers all.

    lakewarden waivers lint

    A finding is a line: file and line, what is wrong, and what to do. It fits a pre-commit hook.
    Policies about waivers judge what hasn't expired; findings of advisory ones don't count.
    """
    options = with_local_policies(policies)
    file, now = find_waiver_file(options), clock.now or utc_now()
    found = lint(file.path, file.policy_ids, now, file.too_long)
    broken = any(each.fault is Fault.INVALID for each in found)
    if not broken:
        found = in_order((*found, *judged(options, file.modules, engine, now)))
    if output is Format.JSON:
        write_json(found)
    else:
        for each in found:
            result(f"{each.where}: {each.fault}: {each.what}. {each.remedy}".rstrip())
    notes().print(f"{file.path}: {counted(len(found), 'finding')}")
    if any(each.fault is not Fault.ADVISORY for each in found):
        raise typer.Exit(EXIT_USAGE if broken else EXIT_FAILED)


def _cells(each: Listed) -> tuple[object, ...]:
    target = each.table or each.pattern
    state = ",".join((each.state, *each.conditions))
    return state, each.days_left, each.policy, target, each.owner, each.expires, each.where


add(app, list_all, "list")
add(app, lint_all, "lint", epilog=EPILOG)
add(app, waivers_edit.add_waiver, "add")
add(app, waivers_edit.renew)
add(app, waivers_edit.prune)
