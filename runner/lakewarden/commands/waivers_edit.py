"""`lakewarden waivers add`, `renew` and `prune`: the file of waivers, edited in place."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lakewarden.commands.terminal import notes
from lakewarden.commands.waivers_file import opened
from lakewarden.model.clock import utc_now
from lakewarden.model.errors import ConfigurationError
from lakewarden.model.waiver import WaiverKind
from lakewarden.options import ClockOptions
from lakewarden.options.policies import EffectivePolicyOptions, complete_policies
from lakewarden.renderers.safe_console import result
from lakewarden.report.atomic_file import PendingFile
from lakewarden.waivers.edits import removed
from lakewarden.waivers.states import statuses_in, useless
from lakewarden.waivers.waiver_file import (
    Located,
    WaiverFile,
    called,
    day_after,
    only_one,
    renewed,
    with_new,
)
from lakewarden_collector.counted import counted

_Policy = Annotated[
    str,
    typer.Option("--policy", metavar="ID", autocompletion=complete_policies, help="Its policy."),
]
_Table = Annotated[
    str | None, typer.Option("--table", metavar="FULL_NAME", help="The table that it names.")
]
_Pattern = Annotated[
    str | None,
    typer.Option(
        "--pattern", metavar="PATTERN", help="The pattern that it names, such as 'prod.old.*'."
    ),
]
_Expires = Annotated[
    str,
    typer.Option(
        "--expires",
        metavar="DATE|DAYS",
        help="The last day (UTC), such as 2027-06-30, or a number of days from today, such as 90d.",
    ),
]
_Starts = Annotated[
    str | None,
    typer.Option(
        "--starts", metavar="DATE|today", help="The first day (UTC). Without it, it holds at once."
    ),
]
_ApprovedBy = Annotated[
    str, typer.Option("--approved-by", metavar="NAME", help="Who agreed to the exception.")
]
_Ticket = Annotated[
    str | None, typer.Option("--ticket", metavar="TEXT", help="Where that is written down.")
]
_Kind = Annotated[
    WaiverKind | None,
    typer.Option(
        "--kind",
        metavar="KIND",
        show_default=False,
        help="accepted: the failure is there, and lived with; mitigated: something else makes up "
        "for it; false_positive: the policy is wrong about the table.",
    ),
]


def add_waiver(
    policies: EffectivePolicyOptions,
    clock: ClockOptions,
    *,
    policy: _Policy,
    table: _Table = None,
    pattern: _Pattern = None,
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why, for the auditor.")],
    owner: Annotated[str, typer.Option(metavar="NAME", help="Who answers for the tables.")],
    approved_by: _ApprovedBy,
    ticket: _Ticket = None,
    kind: _Kind = None,
    starts: _Starts = None,
    expires: _Expires,
) -> None:
    """Add a waiver to waivers.yaml, behind the others. Nothing else in the file changes.

    lakewarden waivers add --policy naming.short_columns --table main.sales.old --expires 90d \
--reason "Moves in May" --owner sales-data --approved-by data-governance

    Each waiver needs a reason, an owner and someone who approved it, for the auditor. What a run
    would refuse isn't added: an unknown policy, or a day that isn't one. Nor is what is waived
    already.
    """
    now = clock.now or utc_now()
    found = opened(policies)
    fields = {
        "policy": policy,
        "table": table,
        "pattern": pattern,
        "kind": kind,
        "reason": reason,
        "owner": owner,
        "approved_by": approved_by,
        "ticket": ticket,
        "starts": starts and day_after(starts, now),
        "expires": day_after(expires, now),
    }
    text, waiver = with_new(found, fields, now)
    _write(found, text)
    _say("added", waiver)


def renew(
    policies: EffectivePolicyOptions,
    clock: ClockOptions,
    *,
    policy: _Policy,
    table: _Table = None,
    pattern: _Pattern = None,
    expires: _Expires,
    approved_by: _ApprovedBy,
    reason: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Why, if not for the reason as before.")
    ] = None,
    ticket: _Ticket = None,
    starts: _Starts = None,
) -> None:
    """Let a waiver last longer: someone approves it once more. Its other lines stay as they are.

    lakewarden waivers renew --policy naming.short_columns --table main.sales.old --expires 90d \
--approved-by data-governance

    Where the settings limit how long a waiver lasts, begin a new life by `--starts today`.
    """
    now = clock.now or utc_now()
    found = opened(policies)
    target = table or pattern
    if target is None or (table and pattern):
        raise ConfigurationError(
            "a waiver has only one of the two" if target else "which waiver is meant?",
            where="--table, --pattern",
            remedy="Name the waiver's table or its pattern, as `lakewarden waivers list` shows it.",
        )
    one = only_one(found, policy, target, now)
    fields = {
        "reason": reason,
        "approved_by": approved_by,
        "ticket": ticket,
        "starts": starts and day_after(starts, now),
        "expires": day_after(expires, now),
    }
    text, waiver = renewed(found, one, fields, now)
    _write(found, text)
    _say("renewed", waiver)


def prune(
    policies: EffectivePolicyOptions,
    clock: ClockOptions,
    *,
    report: Annotated[
        Path | None,
        typer.Option(
            "--report",
            metavar="REPORT",
            help="A JSON report of `evaluate`: also remove what it calls unused or unneeded.",
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only show what would be removed.")
    ] = False,
) -> None:
    """Remove the waivers that have expired; with a report, also those that do nothing.

    lakewarden waivers prune --dry-run
    lakewarden waivers prune --report report.json

    Comments above a removed waiver stay; its own lines go, with the comments in them.
    """
    now = clock.now or utc_now()
    found = opened(policies)
    gone = list(useless(found.waivers, now, statuses_in(found.waivers, report)))
    if gone and not dry_run:
        _write(found, removed(found.path, found.text, {each.index for each, _ in gone}))
    for each, reason in gone:
        verb = "would be removed" if dry_run else "removed"
        result(f"{verb}: {called(each.waiver)}, {reason} ({each.where})")
    left = counted(len(found.waivers) - len(gone), "waiver")
    notes().print(
        f"{counted(len(gone), 'waiver')} {'to remove' if dry_run else 'removed'}, {left} left"
    )


def _write(waivers: WaiverFile, text: str) -> None:
    folder = waivers.path.parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigurationError(
            f"no folder can be made here: {error.strerror}", where=str(folder)
        ) from error
    with PendingFile(waivers.path) as file:
        file.write(text.encode())


def _say(verb: str, one: Located) -> None:
    waiver = one.waiver
    result(f"{verb}: {called(waiver)}, until {waiver.expires} ({one.where})")
