"""One table as the page lists it."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

from msgspec import Struct

from lakewarden.model.decision import Decision, Enforcement, Outcome, Severity
from lakewarden.model.policy import Policy
from lakewarden.model.report import TableReport
from lakewarden.renderers.words import wording
from lakewarden.report.summary import owner_group
from lakewarden.report.table_status import (
    SEVERITY_RANK,
    PolicyIndex,
    Status,
    enforcement_of,
    severity_of,
    status_of,
)

LETTERS: Final = {
    Outcome.PASS: "p",
    Outcome.FAIL: "f",
    Outcome.EXEMPT: "x",
    Outcome.NOT_APPLICABLE: "n",
    Outcome.UNKNOWN: "u",
    Outcome.ERROR: "e",
}
"""A row carries one letter a policy, for the filters."""

_ORDER: Final = (Outcome.FAIL, Outcome.ERROR, Outcome.UNKNOWN, Outcome.EXEMPT)


class DecisionView(Struct, frozen=True):
    """A decision with the words of its policy; severity and enforcement are those in force."""

    policy: Policy
    decision: Decision
    severity: Severity
    enforcement: Enforcement


class TableView(Struct, frozen=True):
    """`telling` are the decisions to be read, the worst first; `quiet` pass or do not apply."""

    table: TableReport
    status: Status
    severity: Severity | None
    """Of the worst fail."""
    letters: str
    telling: list[DecisionView]
    quiet: list[DecisionView]
    owner: str
    """The owner, or the summary's word for none."""
    facts: list[str]
    """`<domain>.<fact>=<value>` of the facts that tables can be filtered by."""


def table_view(table: TableReport, policy_index: PolicyIndex) -> TableView:
    """Work out what the page shows of a table."""
    views = [
        DecisionView(
            policy, decision, severity_of(policy, decision), enforcement_of(policy, decision)
        )
        for policy_id, policy in policy_index.items()
        if (decision := table.decisions.get(policy_id)) is not None
    ]
    fails = [view.severity for view in views if view.decision.outcome is Outcome.FAIL]
    return TableView(
        table=table,
        status=status_of(table, policy_index),
        severity=min(fails, key=SEVERITY_RANK.__getitem__, default=None),
        letters="".join(
            LETTERS[table.decisions[policy_id].outcome] if policy_id in table.decisions else "-"
            for policy_id in policy_index
        ),
        telling=sorted(
            (view for view in views if view.decision.outcome in _ORDER),
            key=lambda view: (_ORDER.index(view.decision.outcome), SEVERITY_RANK[view.severity]),
        ),
        quiet=[view for view in views if view.decision.outcome not in _ORDER],
        owner=owner_group(table.owner),
        facts=[
            f"{domain}.{fact}={str(value).lower() if isinstance(value, bool) else value}"
            for domain, facts in sorted(table.facts.items())
            for fact, value in sorted(facts.items())
            if isinstance(value, str | bool)
        ],
    )


def slug(text: str) -> str:
    """Return text for the part of a link after `#`; it is the same for what is shown of it."""
    return quote(wording.visible(text, keep="\n"), safe="")
