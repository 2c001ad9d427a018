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

KINDS: Final = {"rule": "by rule", "flag": "by the table's own flag", "waiver": "by waiver"}
"""Kind of exemption to how it excuses, in the order of the pages' legends."""

GOVERNED: Final = (
    "A table is governed if a policy is about it and every mandatory policy about it has been "
    "decided, for good or bad."
)

UNLISTED: Final = (
    "What share of all tables that is cannot be told, since not everything could be listed."
)

HOW_TRIED: Final = (
    "The same policies were asked again about the same tables, with these settings and those of "
    "overrides by table multiplied alike. Cannot be told: the size is not known, or not well "
    "enough for that threshold."
)

CAVEATS: Final = "Not all of this need be the tables' doing"

AS_IT_IS: Final = 1
"""The factor of the run itself."""

_BYTES: Final = "_bytes"


def titles(report: Report) -> Mapping[str, str]:
    """Return policy id to title."""
    return {policy.policy_id: policy.title for policy in report.policies}


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
    """Return the policies that let tables off, those of the most tables first."""
    return sorted(insight.exempted, key=lambda each: (-each.total.tables, -each.total.bytes))


def kinds(exempted: Exempted) -> list[str]:
    """Say whom a policy lets off by what: `6 by rule (1.5 GiB)`, the most tables first."""
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


def lacking(lacking: Lacking) -> str:
    """Say how many tables lack what a policy asks for: `7 tables fail (1.5 GiB), 1 more …`."""
    failing, excused = lacking.failing, lacking.excused
    verb = "fails" if failing.tables == 1 else "fail"
    first = f"{counted(failing.tables, 'table')} {verb}{in_brackets(failing)}"
    more = (
        f"{excused.tables:,} more would fail, but {'is' if excused.tables == 1 else 'are'} excused"
    )
    return f"{first}; {more}{in_brackets(excused)}." if excused.tables else f"{first}."


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
    """Return what was tried of each policy, by rising factor; the run itself is that of 1.

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
