"""The figures and words that every format shares."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakewarden.model.decision import Fix, Violation
from lakewarden.model.report import FactLabel, Group
from lakewarden.renderers.words import wording
from lakewarden.renderers.words.wording import evidence, headline, tone
from tests.support import reports


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0 B"),
        (1023, "1,023 B"),
        (1024, "1.0 KiB"),
        (1024**2 - 1, "1,023.9 KiB"),
        (1024**3, "1.0 GiB"),
        (1536 * 1024**3, "1.5 TiB"),
        (2**80, "1,048,576.0 EiB"),
    ],
)
def test_sizes(number: int, text: str) -> None:
    assert wording.size(number) == text


@given(st.integers(0, 2**70))
def test_a_size_is_rounded_down_and_never_far_from_the_truth(number: int) -> None:
    figure, unit = wording.size(number).replace(",", "").split()
    power = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"].index(unit)
    assert 0 <= number - float(figure) * 1024**power <= 0.101 * 1024**power


@pytest.mark.parametrize(
    ("group", "text"),
    [
        (Group(tables=2, bytes=2048), "2.0 KiB"),
        (Group(tables=2, bytes=2048, unsized=1), "2.0 KiB, 1 of unknown size"),
        (Group(tables=2, unsized=2), "size unknown"),
        (Group(), "0 B"),
    ],
)
def test_a_size_that_is_not_known_is_never_nothing(group: Group, text: str) -> None:
    assert wording.known_size(group) == text


@pytest.mark.parametrize(
    ("part", "whole", "text"),
    [(0, 0, "0%"), (0, 9, "0%"), (9, 9, "100%"), (1, 1000, "<1%"), (999, 1000, "99%")],
)
def test_none_and_all_are_only_said_where_they_are_true(part: int, whole: int, text: str) -> None:
    """A single failing table in thousands must not round away."""
    assert wording.share(part, whole) == text


@pytest.mark.parametrize(
    ("time", "text"),
    [
        ("2026-11-23T05:10:00Z", "2026-11-23 05:10:00 UTC"),
        ("2026-11-23T05:10:00.999+02:00", "2026-11-23 03:10:00 UTC"),
        ("yesterday", "yesterday"),
        ("2026-11-23T05:10:00", "2026-11-23T05:10:00"),
        ("9999-12-31T23:59:59-12:00", "9999-12-31T23:59:59-12:00"),
    ],
)
def test_times_are_shown_in_utc(time: str, text: str) -> None:
    assert wording.utc(time) == text


@given(st.text())
def test_visible_text_holds_no_control_characters(text: str) -> None:
    shown = wording.visible(text)
    assert not any(ord(letter) < 32 or 127 <= ord(letter) < 160 for letter in shown)
    assert not set(shown) & set("\n\r\t\x1b\u202e\u2066\u2028")
    if text.isalnum():
        assert shown == text


@pytest.mark.parametrize(
    ("thing", "name", "text"),
    [
        (True, "small", "yes"),
        (1073741824, "threshold_bytes", "1.0 GiB (1,073,741,824 bytes)"),
        (1234, "keys", "1,234"),
        (["a", "b"], "keys", "a, b"),
        ([], "keys", "(none)"),
        ([["a", 1]], "keys", '[["a",1]]'),
        ({"b": 1, "a": None}, "x", '{"a":null,"b":1}'),
        (None, "x", "null"),
    ],
)
def test_facts(thing: object, name: str, text: str) -> None:
    assert wording.fact(thing, name) == text


def test_a_fact_is_shown_by_the_label_of_its_domain() -> None:
    labels = {"a.kind": FactLabel(label="Sort", values={"x": "the first", "true": "it is"})}
    words = wording.FactWords(labels)
    assert (words.title("a.kind"), words.title("b.big_one")) == ("Sort", "B: big one")
    assert (words.value("a.kind", "x"), words.of_table("a.kind", "x")) == ("the first",) * 2
    assert (words.of_table("a.kind", True), words.of_table("a.kind", False)) == ("it is", "no")
    assert words.of_table("b.size_bytes", 1024) == "1.0 KiB (1,024 bytes)"
    assert words.value("b.big_one", "") == "(empty)"


def test_the_headline_follows_the_tables() -> None:
    """The headline may be good only if nothing fails, nothing is unknown and nothing is missing."""
    sample = reports.sample(12, failures=0)
    by = sample.summary.tables_by_status
    by.update(non_compliant=1, undecided=2)
    assert (headline(sample), tone(sample)) == ("1 of 12 tables breaks a mandatory policy.", "bad")
    by.update(non_compliant=0)
    assert "2 of 12 tables couldn't be decided" in headline(sample)
    assert tone(sample) == "unsure"
    by.update(undecided=0)
    assert headline(sample) == "No table breaks a mandatory policy: 12 tables evaluated."
    assert tone(sample) == "good"
    sample.completeness = reports.sample(12, failures=1).completeness
    assert "the run is incomplete" in headline(sample)
    assert tone(sample) == "unsure"
    empty = reports.sample(0, failures=0)
    assert (headline(empty), tone(empty)) == ("Nothing was evaluated.", "unsure")


def test_reasons_of_policies_are_sentences_one_after_the_other() -> None:
    """A policy ends its reasons with a full stop, or does not."""
    reasons = ("It holds 1 GiB.", "It was read twice", "Is it?", " ")
    assert wording.sentences(reasons) == "It holds 1 GiB. It was read twice. Is it?"
    assert wording.sentences(("It has keys",)) == "It has keys"
    assert wording.sentences(()) == ""


def test_properties_that_a_plan_does_not_list_have_a_name_of_their_own() -> None:
    assert evidence("properties.*") == "the other properties"
    assert evidence("properties.a.b") == "the property a.b"


def test_the_first_fix_is_told_in_one_line() -> None:
    """Later ones and what else is known of a fix have their place elsewhere."""
    by_hand = Fix(title="Change the file")
    fix = Fix(title="Do it", sql=("A", "B"), note="n", undo=("C",))
    both = Violation(message="m", fixes=(fix, by_hand))
    assert wording.first_fix(both) == "Fix: Do it: `A`; `B`"
    assert wording.first_fix(both, str.upper, str.lower) == "Fix: DO IT: a; b"
    assert wording.first_fix(Violation(message="m", fixes=(by_hand,))) == "Fix: Change the file"
    assert wording.first_fix(Violation(message="m")) == ""
