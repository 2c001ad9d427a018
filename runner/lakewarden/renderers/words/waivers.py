"""What reports say of waivers: what each one is, where it stands and what is wrong with it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final, TypeAlias

from lakewarden.model.waiver import (
    WaiverCondition,
    WaiverKind,
    WaiverState,
    WaiverStatus,
)

Label: TypeAlias = WaiverState | WaiverCondition

KINDS: Final = {
    WaiverKind.ACCEPTED: "risk accepted",
    WaiverKind.MITIGATED: "mitigated",
    WaiverKind.FALSE_POSITIVE: "false positive",
}

WORDS: Final[dict[Label, str]] = {
    WaiverState.ACTIVE: "active",
    WaiverState.EXPIRING: "expiring soon",
    WaiverState.PENDING: "not started",
    WaiverState.EXPIRED: "expired",
    WaiverCondition.TOO_LONG: "too long to apply",
    WaiverCondition.UNUSED: "matching no table",
    WaiverCondition.CONFLICTING: "conflicting",
    WaiverCondition.OVER_BROAD: "too broad",
    WaiverCondition.UNNEEDED: "not needed",
    WaiverCondition.UNSEEN: "not seen in this run",
}

TONES: Final[dict[Label, str]] = {
    WaiverState.ACTIVE: "exempt",
    WaiverState.EXPIRING: "unknown",
    WaiverState.PENDING: "not_applicable",
    WaiverState.EXPIRED: "fail",
    WaiverCondition.TOO_LONG: "fail",
    WaiverCondition.UNUSED: "unknown",
    WaiverCondition.CONFLICTING: "unknown",
    WaiverCondition.OVER_BROAD: "unknown",
    WaiverCondition.UNNEEDED: "unknown",
    WaiverCondition.UNSEEN: "not_applicable",
}

REMEDIES: Final[dict[Label, str]] = {
    WaiverState.EXPIRED: "It no longer exempts anything. Fix the tables and remove the waiver, "
    "or have it approved again.",
    WaiverState.EXPIRING: "Fix the tables before it ends, or have it approved again.",
    WaiverCondition.TOO_LONG: "It isn't applied. Give it a start, and an end within the limit.",
    WaiverCondition.UNUSED: "Correct the name, or remove the waiver.",
    WaiverCondition.CONFLICTING: "Keep one approval for a table and policy.",
    WaiverCondition.OVER_BROAD: "Narrow the pattern, or name the tables one by one.",
    WaiverCondition.UNNEEDED: "Remove the waiver.",
}

_WORST_FIRST: Final[tuple[Label, ...]] = (
    WaiverState.EXPIRED,
    WaiverCondition.TOO_LONG,
    WaiverCondition.UNUSED,
    WaiverCondition.CONFLICTING,
    WaiverCondition.OVER_BROAD,
    WaiverCondition.UNNEEDED,
    WaiverState.EXPIRING,
    WaiverCondition.UNSEEN,
    WaiverState.PENDING,
    WaiverState.ACTIVE,
)
_TO_SHOW: Final = frozenset(REMEDIES)


def labels(waiver: WaiverStatus) -> tuple[Label, ...]:
    """Return all that a waiver is: its state, then what the run found of it."""
    return (waiver.state, *(each for each in WaiverCondition if each in waiver.conditions))


def stands(waiver: WaiverStatus) -> str:
    """Say all that a waiver is, with its dates: `active until 2026-06-30, too broad`."""
    found = (WORDS[each] for each in WaiverCondition if each in waiver.conditions)
    return ", ".join((_dated(waiver), *found))


def _dated(waiver: WaiverStatus) -> str:
    since = f" from {waiver.starts}" if waiver.starts else ""
    match waiver.state:
        case WaiverState.EXPIRED:
            return f"expired on {waiver.expires}"
        case WaiverState.PENDING:
            return f"not started, active{since} until {waiver.expires}"
        case WaiverState.ACTIVE:
            return f"active{since} until {waiver.expires}"
        case WaiverState.EXPIRING:
            return f"active{since} until {waiver.expires}, expiring soon"


def approval(waiver: WaiverStatus) -> str:
    """Say what kind of waiver it is and who answers for it.

    For example: `mitigated, owner web, approved by Head of Data, ticket DATA-7`.
    """
    ticket = f", ticket {waiver.ticket}" if waiver.ticket else ""
    kind = KINDS[waiver.kind]
    return f"{kind}, owner {waiver.owner}, approved by {waiver.approved_by}{ticket}"


def counts(waivers: Iterable[WaiverStatus]) -> str:
    """Say how many there are of each state, then of what the run found: `3 active; 1 not needed`.

    A waiver counts once among the states, and once for each thing that was found of it.
    """
    found = Counter(each for waiver in waivers for each in labels(waiver))
    groups = (
        ", ".join(f"{found[each]:,} {words}" for each, words in WORDS.items() if each in these)
        for these in (found.keys() & set(WaiverState), found.keys() & set(WaiverCondition))
    )
    return "; ".join(filter(None, groups))


def to_show(waivers: Iterable[WaiverStatus]) -> list[WaiverStatus]:
    """Return those that somebody has to see to, the worst first, else in their order."""
    return [each for each in worst_first(waivers) if _TO_SHOW.intersection(labels(each))]


def worst_first(waivers: Iterable[WaiverStatus]) -> list[WaiverStatus]:
    """Return the waivers by the worst that there is to say of each, else in their order."""
    return sorted(waivers, key=lambda each: min(map(_WORST_FIRST.index, labels(each))))


def findings(waiver: WaiverStatus) -> Iterator[tuple[str, str]]:
    """Yield what each thing is that is to be seen to, if that needs words, and what to do."""
    for each in labels(waiver):
        if each in REMEDIES:
            about = waiver.conditions.get(each, "") if isinstance(each, WaiverCondition) else ""
            yield about, REMEDIES[each]


def advice(waiver: WaiverStatus) -> str:
    """Say the same in one text."""
    return " ".join(filter(None, (text for found in findings(waiver) for text in found)))
