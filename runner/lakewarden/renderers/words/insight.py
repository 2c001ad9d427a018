"""The words and figures of a report's insight, the same in every format."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from lakewarden.model.decision import Outcome
from lakewarden.model.insight import (
    Amount,
    Change,
    Exempted,
    Governance,
    Insight,
    Lacking,
    Moved,
    WhatIf,
)
from lakewarden.model.report import PolicyCounts, Report
from lakewarden.renderers.words import wording
from lakewarden_collector.counted import counted

KINDS: Final = {"rule": "by rule", "flag": "by the owner's flag", "waiver": "by waiver"}
"""Kind of exemption to its words, in the order of the pages' legends."""

GOVERNED: Final = (
    "A table is governed if at least one policy applies to it and every mandatory policy that "
    "applies has a decision, whatever the outcome."
)

UNLISTED: Final = "The share of all tables is unknown, because not everything could be listed."

HOW_TRIED: Final = (
    "The same policies were evaluated on the same tables again with these settings; overrides for "
    "individual tables were scaled alike. Unknown: the size is missing, or not precise enough for "
    "that threshold."
)

CAVEATS: Final = "Keep in mind"

AS_IT_IS: Final = 1
"""The factor of the run itself."""

_BYTES: Final = "_bytes"


def titles(report: Report) -> Mapping[str, str]:
    """Return policy id to title."""
    return {policy.policy_id: policy.title for policy in report.policies}


def largest(report: Report, policy_id: str) -> str:
    """Return the heading of the largest tables that lack what a policy asks for."""
    for policy in report.policies:
        if policy.policy_id == policy_id:
            words = policy.what_if.lacking if policy.what_if else ""
            return f"Largest {words}" if words else f"Largest tables that fail: {policy.title}"
    return f"Largest tables that fail: {policy_id}"


def amount(number: Amount) -> str:
    """Write tables and their data: `12 tables, 1.5 GiB, 2 of unknown size`."""
    tables = counted(number.tables, "table")
    return f"{tables}, {wording.known_size(number)}" if number.tables else tables


def known(governance: Governance) -> int:
    """Return how many tables are known and were not left out."""
    groups = (governance.governed, governance.undecided, governance.outside)
    return sum(group.tables for group in groups) + governance.unread


def share(number: float | None) -> str:
    """Write a share of 0 to 1 in per cent."""
    return "unknown" if number is None else wording.share(number, 1)


def most_exempt(insight: Insight) -> list[Exempted]:
    """Return the policies that exempt tables, those of the most tables first."""
    return sorted(insight.exempted, key=lambda each: (-each.total.tables, -each.total.bytes))


def kinds(exempted: Exempted) -> list[str]:
    """Say which kinds of exemption a policy has: `6 by rule (1.5 GiB)`, the most tables first."""
    some = [(kind, group) for kind, group in exempted.kinds.items() if group.tables]
    if len(some) == 1:
        return [_by(some[0][0])]
    ordered = sorted(some, key=lambda item: (-item[1].tables, item[0]))
    return [f"{group.tables:,} {_by(kind)}{in_brackets(group)}" for kind, group in ordered]


def _by(kind: str) -> str:
    return KINDS.get(kind, f"by {kind}")


def most_moved(change: Change) -> list[Moved]:
    """Return the decisions that moved, those of the most tables first."""
    return sorted(change.moved, key=lambda each: (-each.amount.tables, -each.amount.bytes))


def change_title(change: Change, time: str) -> str:
    """Return the heading of what has changed; `time` is its time as the format writes it."""
    return "What the plan changes" if change.planned else f"Changes since {time}"


def changed_tables(change: Change) -> list[tuple[str, Amount, tuple[str, ...]]]:
    """Return what became of tables: in words, how many, and the largest by name."""
    if change.planned:
        return [
            ("broken by the plan, new ones included", change.broken, change.broken_examples),
            ("fixed by the plan", change.fixed, change.fixed_examples),
            ("new", change.added, change.added_examples),
        ]
    return [
        ("no longer non-compliant", change.fixed, change.fixed_examples),
        ("newly non-compliant", change.broken, change.broken_examples),
        ("only in this run", change.added, change.added_examples),
        ("only in the previous run", change.removed, change.removed_examples),
    ]


def lacking(lacking: Lacking) -> str:
    """Say how many tables lack what a policy asks for: `7 tables fail (1.5 GiB). 1 more …`."""
    failing, exempt = lacking.failing, lacking.excused
    verb = "fails" if failing.tables == 1 else "fail"
    first = f"{counted(failing.tables, 'table')} {verb}{in_brackets(failing)}"
    if not exempt.tables:
        return f"{first}."
    pronoun = "it" if exempt.tables == 1 else "they"
    more = f"{exempt.tables:,} more would fail if {pronoun} weren't exempt"
    return f"{first}. {more}{in_brackets(exempt)}."


def in_brackets(number: Amount) -> str:
    """Write the data of some tables behind their number: ` (1.5 GiB)`, nothing for none."""
    return f" ({wording.known_size(number)})" if number.tables else ""


def nobody_knows(governance: Governance) -> bool:
    """Say whether there are tables, but nobody knows of how many."""
    return governance.share is None and known(governance) > 0


def settings(values: Mapping[str, Any]) -> str:
    """Write settings as words: `size threshold 512.0 MiB, test size threshold 512.0 KiB`."""
    return ", ".join(f"{name(key)} {setting(key, value)}" for key, value in values.items())


def setting(key: str, value: Any) -> str:  # noqa: ANN401 -- whatever a setting holds
    """Write a setting's value; a number whose name ends in `_bytes` is a size."""
    if key.endswith(_BYTES) and isinstance(value, int | float):
        return wording.size(value)
    return wording.fact(value, "")


def name(key: str) -> str:
    """Write a setting's key as words: `size threshold`."""
    return key.removesuffix(_BYTES).replace("_", " ")


def tried(report: Report) -> dict[str, list[WhatIf]]:
    """Return each policy's results under other settings, by rising factor; the run itself is 1.

    The run's own has of `unknown` only the number of tables.
    """
    insight = report.insight
    result: dict[str, list[WhatIf]] = {}
    if insight is None:
        return result
    for each in insight.what_if:
        result.setdefault(each.policy_id, []).append(each)
    for policy_id, some in result.items():
        some.append(_as_it_is(report, insight, policy_id, some[0].now))
        some.sort(key=lambda each: each.factor)
    return result


def _as_it_is(report: Report, insight: Insight, policy_id: str, now: Mapping[str, Any]) -> WhatIf:
    counts = report.summary.by_policy.get(policy_id, PolicyCounts())
    failing = Amount(tables=counts.outcomes.get(Outcome.FAIL, 0), bytes=counts.failing_bytes)
    undecided = (Outcome.UNKNOWN, Outcome.ERROR)
    exempted = {each.policy_id: each.total for each in insight.exempted}
    return WhatIf(
        policy_id=policy_id,
        factor=AS_IT_IS,
        settings=dict(now),
        now=dict(now),
        failing={each.policy_id: each.failing for each in insight.lacking}.get(policy_id, failing),
        exempt=exempted.get(policy_id, Amount()),
        unknown=Amount(tables=sum(counts.outcomes.get(each, 0) for each in undecided)),
        newly_failing=Amount(),
        no_longer_failing=Amount(),
        examples=(),
    )
