"""One of the worst tables as the page lists it for readers without scripts: short, in plain HTML.

The script has everything; here each text has an end, so that two hundred tables stay small.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final
from urllib.parse import quote

from msgspec import Struct

from lakewarden.model.decision import Decision, Fix, Outcome, Severity
from lakewarden.model.policy import Policy
from lakewarden.model.report import TableReport
from lakewarden.renderers.words import wording
from lakewarden.report.summary import owner_group
from lakewarden.report.table_status import (
    SEVERITY_RANK,
    PolicyIndex,
    Status,
    severity_of,
    status_of,
)

LETTERS: Final = 450
"""Of the texts about one table: what the worst decision leaves of them, the next ones use."""

NAMED: Final = 10
"""Policies of one outcome that are named where there is no room for more than their titles."""

_ORDER: Final = (Outcome.FAIL, Outcome.ERROR, Outcome.UNKNOWN)


class DecisionView(Struct, frozen=True):
    """A decision with the words of its policy."""

    policy: Policy
    decision: Decision
    texts: list[str]
    fix: Fix | None
    """The best one, where there is room and its SQL isn't undone by a definition."""


class TableView(Struct, frozen=True):
    """`telling` are the decisions to be read, the worst first; `others` are named or counted."""

    table: TableReport
    status: Status
    severity: Severity | None
    """Of the worst fail."""
    telling: list[DecisionView]
    others: list[str]
    """`fail: Tables have a comment`, `12 pass`, `3 not applicable`."""
    owner: str
    """The owner, or the summary's word for none."""


def table_view(table: TableReport, policy_index: PolicyIndex) -> TableView:
    """Work out what the page shows of a table."""
    telling = sorted(
        (
            (_ORDER.index(decision.outcome), SEVERITY_RANK[severity_of(policy, decision)], policy)
            for policy_id, policy in policy_index.items()
            if (decision := table.decisions.get(policy_id)) and decision.outcome in _ORDER
        ),
        key=lambda each: each[:2],
    )
    fails = [rank for order, rank, _ in telling if _ORDER[order] is Outcome.FAIL]
    worst_first = [(policy, table.decisions[policy.policy_id]) for *_, policy in telling]
    views = list(_views(worst_first, declared=table.definition is not None))
    return TableView(
        table=table,
        status=status_of(table, policy_index),
        severity=list(Severity)[min(fails)] if fails else None,
        telling=views,
        others=list(_others(table, worst_first[len(views) :])),
        owner=owner_group(table.owner),
    )


def _views(
    worst_first: Sequence[tuple[Policy, Decision]], *, declared: bool
) -> Iterator[DecisionView]:
    """Yield the decisions for whose proof there is room; the worst is there in any case."""
    left = LETTERS
    for place, (policy, decision) in enumerate(worst_first):
        proof = _proof(decision)
        texts = proof if sum(map(len, proof)) <= left else list(_shortened(proof, left))
        if place and texts is not proof:
            return
        left -= sum(map(len, texts))
        fix = (
            None
            if declared
            else next((each.fixes[0] for each in decision.violations if each.fixes), None)
        )
        letters = len(fix.title) + sum(map(len, fix.sql)) if fix else 0
        if letters > left:
            fix, letters = None, 0
        left -= letters
        yield DecisionView(policy, decision, texts, fix)


def _others(table: TableReport, untold: Sequence[tuple[Policy, Decision]]) -> Iterator[str]:
    """Name the policies that more should be said of, and count those that are in order."""
    for outcome in _ORDER:
        titles = [policy.title for policy, decision in untold if decision.outcome is outcome]
        if titles:
            more = f" and {len(titles) - NAMED:,} more" if len(titles) > NAMED else ""
            yield f"{wording.OUTCOMES[outcome]}: {', '.join(titles[:NAMED])}{more}"
    counts = Counter(decision.outcome for decision in table.decisions.values())
    for outcome in Outcome:
        if outcome not in _ORDER and counts[outcome]:
            yield f"{counts[outcome]:,} {wording.OUTCOMES[outcome]}"


def _proof(decision: Decision) -> list[str]:
    found = [each.message for each in decision.violations]
    found += [
        f"{wording.lack(each.kind, each.status)}{': ' if each.reason else ''}{each.reason}"
        for each in decision.missing
    ]
    return [*found, *decision.reasons]


def _shortened(texts: Sequence[str], letters: int) -> Iterator[str]:
    for text in texts:
        if len(text) > letters:
            yield wording.shortened(text, letters) if letters > 1 else "…"
            return
        yield text
        letters -= len(text)


def slug(text: str) -> str:
    """Return text for the part of a link after `#`; it is the same for what is shown of it."""
    return quote(wording.visible(text, keep="\n"), safe="")
