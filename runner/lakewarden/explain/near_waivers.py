"""Waivers that a person may have in mind, and that don't hold for a table."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from difflib import SequenceMatcher
from typing import Final

from msgspec import UNSET

from lakewarden.evaluation.effective_rules import CoveringWaiver
from lakewarden.explain.explanation import NearWaiver
from lakewarden.settings.waivers import Waiver
from lakewarden_collector.patterns import Pattern, fold

MOST: Final = 5
_SIMILAR: Final = 0.85
"""From here on two names are taken for one that was misspelt."""


def near_waivers(
    waivers: Sequence[tuple[Waiver, str]],
    full_name: str,
    policy_ids: Collection[str],
    clock: str,
) -> Iterator[NearWaiver]:
    """Yield waivers with the reason why each doesn't hold for the decisions of these policies.

    They come with file and line. Those that name the table and one of these policies aren't near:
    they are the table's own, whatever their state.
    """
    found = 0
    for waiver, where in waivers:
        why = _why(waiver, full_name, policy_ids)
        if why:
            yield NearWaiver(waiver=CoveringWaiver.of(waiver, where, clock), why=why)
            found += 1
        if found == MOST:
            return


def _why(waiver: Waiver, full_name: str, policy_ids: Collection[str]) -> str:
    if _covers(waiver, full_name):
        return "" if waiver.policy in policy_ids else f"it's for another policy, {waiver.policy}"
    named = waiver.table or waiver.pattern or ""
    similar = SequenceMatcher(None, fold(full_name), fold(named)).ratio() >= _SIMILAR
    if waiver.policy not in policy_ids or not similar:
        return ""
    if waiver.table is not UNSET:
        return f"it's for another table, {waiver.table}"
    return f"its pattern doesn't match: {waiver.pattern}"


def _covers(waiver: Waiver, full_name: str) -> bool:
    if isinstance(waiver.table, str):
        return fold(waiver.table) == fold(full_name)
    return isinstance(waiver.pattern, str) and Pattern(waiver.pattern).matches(full_name)
