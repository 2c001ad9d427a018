"""A reader learns of a waiver where it stands, what is wrong with it, and what to do."""

from __future__ import annotations

import pytest

from lakewarden.model.waiver import WaiverCondition, WaiverKind, WaiverState
from lakewarden.renderers.words import waivers
from tests.support.reports import waiver_status

_BROAD = {WaiverCondition.OVER_BROAD: "It covers 7 tables, but at most 3 are allowed."}

_NARROW = "Narrow the pattern, or name the tables one by one."


def test_everything_has_words_a_tone_and_a_rank() -> None:
    everything = {*WaiverState, *WaiverCondition}
    assert waivers.WORDS.keys() == waivers.TONES.keys() == everything
    assert waivers.KINDS.keys() == set(WaiverKind)
    for state in WaiverState:
        every = waiver_status(state, conditions=dict.fromkeys(WaiverCondition, ""))
        assert waivers.worst_first([every]) == [every]
        assert every.faults
        assert waivers.REMEDIES.keys() >= {*every.faults}


@pytest.mark.parametrize(
    ("state", "starts", "words"),
    [
        (WaiverState.EXPIRED, "2026-01-01", "expired on 2026-06-30, too broad"),
        (WaiverState.PENDING, "2026-01-01", "not started, active from 2026-01-01 until 2026-06-30"),
        (WaiverState.ACTIVE, None, "active until 2026-06-30, too broad"),
        (WaiverState.ACTIVE, "2026-01-01", "active from 2026-01-01 until 2026-06-30, too broad"),
        (WaiverState.EXPIRING, None, "active until 2026-06-30, expiring soon, too broad"),
    ],
)
def test_it_says_where_a_waiver_stands(state: WaiverState, starts: str | None, words: str) -> None:
    assert words in waivers.stands(waiver_status(state, starts=starts, conditions=_BROAD))


def test_states_and_what_was_found_are_counted_apart() -> None:
    found = [
        waiver_status(WaiverState.ACTIVE),
        waiver_status(WaiverState.ACTIVE, conditions=_BROAD),
        waiver_status(WaiverState.EXPIRED, conditions=_BROAD),
    ]
    assert waivers.counts(found) == "2 active, 1 expired; 2 too broad"
    assert waivers.counts(found[:1]) == "1 active"


def test_what_is_to_be_seen_to_comes_worst_first_and_what_is_well_is_left_out() -> None:
    fine, soon, broad, over, unseen, later = (
        waiver_status(WaiverState.ACTIVE),
        waiver_status(WaiverState.EXPIRING),
        waiver_status(WaiverState.ACTIVE, conditions=_BROAD),
        waiver_status(WaiverState.EXPIRED),
        waiver_status(WaiverState.ACTIVE, conditions={WaiverCondition.UNSEEN: "Not seen."}),
        waiver_status(WaiverState.PENDING),
    )
    assert waivers.to_show([fine, soon, broad, over, unseen, later]) == [over, broad, soon]
    assert waivers.worst_first([fine, later, unseen, soon]) == [soon, unseen, later, fine]
    assert [each.faults for each in (fine, soon, unseen, later)] == [(), (), (), ()]


def test_each_finding_comes_with_what_to_do() -> None:
    both = waiver_status(WaiverState.EXPIRED, conditions=_BROAD)
    words = _BROAD[WaiverCondition.OVER_BROAD]
    expired = waivers.REMEDIES[WaiverState.EXPIRED]
    assert list(waivers.findings(both)) == [("", expired), (words, _NARROW)]
    assert waivers.advice(both) == f"{expired} {words} {_NARROW}"
    unseen = waiver_status(WaiverState.ACTIVE, conditions={WaiverCondition.UNSEEN: "Not seen."})
    assert waivers.advice(unseen) == ""
    assert list(waivers.findings(waiver_status(WaiverState.ACTIVE))) == []
