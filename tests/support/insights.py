"""A plausible insight into a sample report, for what shows it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from lakewarden.model.decision import Outcome
from lakewarden.model.insight import (
    Amount,
    Change,
    Exempted,
    Governance,
    Insight,
    Lacking,
    LackingTable,
    Moved,
    WhatIf,
)
from lakewarden.model.policy import Policy
from lakewarden.model.report import TableReport
from lakewarden.report.table_status import Status, status_of
from tests.support import reports

THRESHOLD: Final = 1024**3
POLICY: Final = "clustering.strategy_required"
"""The sample's policy that asks for something by size."""


def with_insight(
    sample: reports.Sample, *, changed: bool = True, not_tried: str = ""
) -> reports.Sample:
    """Give a sample report its insight, with a change since a previous report if `changed`."""
    sample.insight = insight(
        sample.rows,
        sample.policies,
        unread=sample.completeness.tables_failed,
        change=change(sample.rows, sample.policies) if changed else None,
        not_tried=not_tried,
    )
    return sample


def amount(tables: Iterable[TableReport]) -> Amount:
    """Count tables and their known bytes."""
    result = Amount()
    for table in tables:
        result.tables += 1
        result.bytes += table.size.get("bytes", 0)
        result.unsized += "bytes" not in table.size
    return result


def insight(
    tables: Sequence[TableReport],
    policies: Sequence[Policy],
    *,
    unread: int,
    change: Change | None,
    not_tried: str,
) -> Insight:
    """Return what `tables` means; other thresholds are pretended, not evaluated."""
    undecided = [each for each in tables if _status(each, policies) is Status.UNDECIDED]
    outside = [each for each in tables if _status(each, policies) is Status.NOT_APPLICABLE]
    apart = {id(each) for each in (*undecided, *outside)}
    governed = [each for each in tables if id(each) not in apart]
    total = amount(tables)
    known = len(tables) + unread
    return Insight(
        governance=Governance(
            governed=amount(governed),
            undecided=amount(undecided),
            outside=amount(outside),
            unread=unread,
            share=len(governed) / known if known else None,
            share_of_bytes=amount(governed).bytes / total.bytes if total.bytes else None,
        ),
        exempted=tuple(_exempted(tables)),
        lacking=(_lacking(tables),),
        what_if=() if not_tried else tuple(_tried(tables)),
        not_tried=not_tried,
        change=change,
    )


def change(tables: Sequence[TableReport], policies: Sequence[Policy]) -> Change:
    """Return a change in which some tables of `tables` got better and others worse."""
    failing = _largest(tables, Outcome.FAIL)
    exempt = _largest(tables, Outcome.EXEMPT)
    groups = {
        status.value: amount(each for each in tables if _status(each, policies) is status)
        for status in Status
    }
    before = groups | {Status.NON_COMPLIANT.value: Amount(tables=len(failing) + 3, bytes=2**40)}
    return Change(
        clock="2026-10-23T05:10:00Z",
        source="demo",
        scope="every table of the demo lakehouse",
        differences=(
            "The settings differ: what moved may have moved because of them.",
            "The previous report does not know clustering.key_limit.",
        ),
        before=before,
        after=groups,
        added=amount(tables[:3]),
        removed=Amount(tables=2, bytes=7 * 1024**3),
        added_examples=tuple(each.full_name for each in tables[:3]),
        removed_examples=("main.sales.gone", "main.web.<b>also gone</b>"),
        fixed=amount(exempt[:4]),
        broken=amount(failing[:1]),
        fixed_examples=tuple(each.full_name for each in exempt[:3]),
        broken_examples=tuple(each.full_name for each in failing[:1]),
        moved=(
            Moved(
                policy_id=POLICY,
                before=Outcome.FAIL,
                after=Outcome.EXEMPT,
                amount=amount(exempt[:4]),
                examples=tuple(each.full_name for each in exempt[:3]),
            ),
            Moved(
                policy_id=POLICY,
                before=Outcome.UNKNOWN,
                after=Outcome.FAIL,
                amount=amount(failing[:1]),
                examples=tuple(each.full_name for each in failing[:1]),
            ),
        ),
    )


def _status(table: TableReport, policies: Sequence[Policy]) -> Status:
    return status_of(table, {policy.policy_id: policy for policy in policies})


def _largest(tables: Sequence[TableReport], outcome: Outcome) -> list[TableReport]:
    return sorted(
        (table for table in tables if table.decisions[POLICY].outcome is outcome),
        key=lambda table: -table.size.get("bytes", -1),
    )


def _exempted(tables: Sequence[TableReport]) -> Iterable[Exempted]:
    exempt = _largest(tables, Outcome.EXEMPT)
    kinds: dict[str, list[TableReport]] = {}
    for table in exempt:
        kinds.setdefault(table.decisions[POLICY].exemptions[0].kind, []).append(table)
    if exempt:
        yield Exempted(
            policy_id=POLICY,
            total=amount(exempt),
            kinds={kind: amount(tables) for kind, tables in kinds.items()},
        )


def _lacking(tables: Sequence[TableReport]) -> Lacking:
    failing, excused = _largest(tables, Outcome.FAIL), _largest(tables, Outcome.EXEMPT)
    both = sorted([*failing, *excused], key=lambda table: -table.size.get("bytes", -1))
    return Lacking(
        policy_id=POLICY,
        failing=amount(failing),
        excused=amount(excused),
        largest=tuple(
            LackingTable(
                full_name=table.full_name,
                outcome=table.decisions[POLICY].outcome,
                bytes=table.size.get("bytes"),
                owner=table.owner,
                excuse="; ".join(each.reason for each in table.decisions[POLICY].exemptions),
            )
            for table in both[:10]
        ),
    )


def _tried(tables: Sequence[TableReport]) -> Iterable[WhatIf]:
    failing, exempt = _largest(tables, Outcome.FAIL), _largest(tables, Outcome.EXEMPT)
    unknown = amount(each for each in tables if each.decisions[POLICY].outcome is Outcome.UNKNOWN)
    for step, factor in enumerate((0.1, 0.5, 2.0, 10.0)):
        newly = exempt[: max(0, 4 - 3 * step)]
        spared = failing[: max(0, step - 1)]
        yield WhatIf(
            policy_id=POLICY,
            factor=factor,
            settings={
                "size_threshold_bytes": int(THRESHOLD * factor),
                "test_size_threshold_bytes": int(1024**2 * factor),
            },
            now={"size_threshold_bytes": THRESHOLD, "test_size_threshold_bytes": 1024**2},
            failing=amount([*failing[len(spared) :], *newly]),
            exempt=amount([*exempt[len(newly) :], *spared]),
            unknown=unknown,
            newly_failing=amount(newly),
            no_longer_failing=amount(spared),
            examples=tuple(table.full_name for table in newly[:3]),
        )
