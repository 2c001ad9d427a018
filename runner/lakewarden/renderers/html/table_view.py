"""One of the worst tables as the page lists it for readers without scripts: short, in plain HTML.

The script has everything; here each text has an end, so that two hundred tables stay small.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final
from urllib.parse import quote

from msgspec import Struct

from lakewarden.model.decision import Decision, Outcome, Severity
from lakewarden.model.policy import Policy
from lakewarden.model.report import TableReport
from lakewarden.renderers.words import wording
from lakewarden.renderers.words.wording import first_fix
from lakewarden.report.summary import owner_group
from lakewarden.report.table_status import (
    SEVERITY_RANK,
    PolicyIndex,
    Status,
    severity_of,
    status_of,
)

LETTERS: Final = 150
"""Of the texts about one decision."""

TOLD: Final = 2
"""Decisions of one table that are shown, the worst first; the others are counted."""

_ORDER: Final = (Outcome.FAIL, Outcome.ERROR, Outcome.UNKNOWN)


class DecisionView(Struct, frozen=True):
    """A decision with the words of its policy."""

    policy: Policy
    decision: Decision
    texts: list[str]


class TableView(Struct, frozen=True):
    """`telling` are the decisions to be read, the worst first; `others` counts the rest."""

    table: TableReport
    status: Status
    severity: Severity | None
    """Of the worst fail."""
    telling: list[DecisionView]
    others: list[str]
    """`12 pass`, `3 not applicable`."""
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
    chosen = {policy.policy_id: policy for *_, policy in telling[:TOLD]}
    rest = Counter(
        decision.outcome for name, decision in table.decisions.items() if name not in chosen
    )
    fails = [rank for order, rank, _ in telling if _ORDER[order] is Outcome.FAIL]
    views = [
        DecisionView(policy, table.decisions[name], list(_texts(table.decisions[name])))
        for name, policy in chosen.items()
    ]
    return TableView(
        table=table,
        status=status_of(table, policy_index),
        severity=list(Severity)[min(fails)] if fails else None,
        telling=views,
        others=[
            f"{rest[outcome]:,} {wording.OUTCOMES[outcome]}" for outcome in Outcome if rest[outcome]
        ],
        owner=owner_group(table.owner),
    )


def _texts(decision: Decision) -> Iterator[str]:
    """Yield what proves the decision, up to `LETTERS` letters; a fix only where it fits whole."""
    found = [each.message for each in decision.violations]
    found += [
        f"{wording.lack(each.kind, each.status)}{': ' if each.reason else ''}{each.reason}"
        for each in decision.missing
    ]
    left = LETTERS
    for text in [*found, *decision.reasons]:
        if len(text) > left:
            yield wording.shortened(text, left) if left > 1 else "…"
            return
        yield text
        left -= len(text)
    fix = next(filter(None, map(first_fix, decision.violations)), "")
    if fix and len(fix) <= left:
        yield fix


def slug(text: str) -> str:
    """Return text for the part of a link after `#`; it is the same for what is shown of it."""
    return quote(wording.visible(text, keep="\n"), safe="")
