"""The page's insight: what a manager reads, whatever the names and however little is known."""

from __future__ import annotations

import pytest
from msgspec import structs

from lakewarden.model.decision import Outcome
from lakewarden.model.insight import Amount, Insight, Lacking, LackingTable
from lakewarden.renderers.html import charts
from lakewarden.renderers.html.table_view import slug
from tests.support import insights, reports
from tests.support.html_page import Page, rendered


def reported(sample: reports.Sample, **options: int) -> str:
    """Return the words of the page's insight, with single blanks."""
    words = " ".join(Page(rendered(sample, **options)).words.split())
    return words.partition("Insights ")[2].partition(" Table facts")[0]


@pytest.fixture
def sample() -> reports.Sample:
    return insights.with_insight(reports.sample(60, names=reports.HOSTILE_NAMES))


def insight_of(sample: reports.Sample) -> Insight:
    assert sample.insight is not None
    return sample.insight


def test_a_report_of_a_version_without_insight_has_no_such_part() -> None:
    page = Page(rendered(reports.sample(9)))
    assert "Insights" not in page.words
    assert "insight" not in [attrs.get("id") for _, attrs in page.tags]


def test_the_share_that_is_governed_is_told_by_tables_and_by_data(sample: reports.Sample) -> None:
    insight = insight_of(sample)
    insight.governance = structs.replace(
        insight.governance,
        governed=Amount(tables=3, bytes=1024**3),
        undecided=Amount(tables=1, bytes=1024**3),
        outside=Amount(tables=2, unsized=2),
        unread=2,
        share=0.375,
        share_of_bytes=0.5,
    )
    words = reported(sample)
    assert "Tables 38%, 3 of 8 known tables" in words
    assert "Data of known size 50%, 1.0 GiB of 2.0 GiB" in words
    assert "3 governed (1.0 GiB) 1 undecided (1.0 GiB) 2 no policy applies" in words
    assert "2 couldn't be read" in words


def test_a_share_that_nobody_knows_is_not_made_up(sample: reports.Sample) -> None:
    """Where a schema could not be listed, a number would count what is known as all there is."""
    insight = insight_of(sample)
    insight.governance = structs.replace(insight.governance, share=None, share_of_bytes=None)
    words = reported(sample)
    assert "Tables unknown" in words
    assert "unknown, because not everything could be listed" in words
    assert "%, " not in words.partition("Exceptions")[0]


def test_whom_a_policy_exempts_is_told_by_kind(sample: reports.Sample) -> None:
    exempted = insight_of(sample).exempted[0]
    kinds = {
        "rule": Amount(tables=6, bytes=1024**2),
        "flag": Amount(tables=1, unsized=1),
        "waiver": Amount(),
    }
    exempted.total, exempted.kinds = Amount(tables=7, bytes=1024**2, unsized=1), kinds
    words = reported(sample)
    assert "Large tables have a clustering strategy 7 tables, 1.0 MiB, 1 of unknown size" in words
    assert "6 by rule (1.0 MiB), 1 by the owner's flag (size unknown)" in words
    assert "0 by waiver" not in words


def test_no_exemption_is_said_too(sample: reports.Sample) -> None:
    insight_of(sample).exempted = ()
    assert "No table is exempt from any policy." in reported(sample)


def test_other_thresholds_stand_around_the_runs_own(sample: reports.Sample) -> None:
    insight = insight_of(sample)
    words = reported(sample).partition("What if the threshold were different?")[2]
    order = [
        words.index(text)
        for text in ("102.3 MiB", "512.0 MiB", "current settings", "2.0 GiB", "10.0 GiB")
    ]
    assert order == sorted(order)
    counts = sample.summary.by_policy[insights.POLICY].outcomes
    now = "current settings size threshold 1.0 GiB test size threshold 1.0 MiB"
    assert f"{now} {counts['fail']} " in words
    first = insight.what_if[0]
    assert f"+{first.newly_failing.tables} fail" in words
    assert first.examples[0] in words


def test_what_was_not_tried_is_said_with_its_reason() -> None:
    sample = insights.with_insight(reports.sample(9), not_tried="a decision took too long.")
    words = reported(sample)
    assert "Not evaluated: a decision took too long." in words
    assert "current settings" not in words


def test_the_largest_tables_are_named_with_size_owner_and_exemption(sample: reports.Sample) -> None:
    insight_of(sample).lacking = (
        Lacking(
            policy_id=insights.POLICY,
            failing=Amount(tables=1, unsized=1),
            excused=Amount(tables=2, bytes=1024**3),
            largest=(
                LackingTable(
                    full_name="a.b.big",
                    outcome=Outcome.EXEMPT,
                    bytes=1024**3,
                    owner="ana",
                    excuse="It is rewritten every night.",
                ),
                LackingTable(full_name="a.b.nobodys", outcome=Outcome.FAIL, owner=""),
                LackingTable(full_name="a.b.unsized", outcome=Outcome.FAIL),
            ),
        ),
    )
    words = reported(sample)
    assert (
        "1 table fails (size unknown). 2 more would fail if they weren't exempt (1.0 GiB)." in words
    )
    assert "a.b.big 1.0 GiB ana exempt It is rewritten every night." in words
    assert "a.b.nobodys size unknown no owner fails" in words
    assert "a.b.unsized size unknown owner not known fails" in words


def test_what_has_changed_is_told_with_its_caveats(sample: reports.Sample) -> None:
    insight = insight_of(sample)
    assert insight.change is not None
    insight.change.differences = ("The settings <b>differ</b>.",)
    words = reported(sample).partition("Changes since 2026-10-23 05:10:00 UTC ")[2]
    assert "The settings <b>differ</b>." in words
    assert f"Non-compliant {insight.change.before['non_compliant'].tables} 1.0 TiB" in words
    assert "2 tables only in the previous run (7.0 GiB): main.sales.gone, main.web.<b>also" in words
    moved = insight.change.moved[0]
    assert f"fail → exempt {moved.amount.tables} tables" in words


def test_nothing_is_said_of_a_change_where_there_is_no_previous_report() -> None:
    sample = insights.with_insight(reports.sample(9), changed=False)
    assert "Changes since" not in reported(sample)


def test_tables_that_are_gone_are_not_linked(sample: reports.Sample) -> None:
    """A link that leads nowhere is a dead end."""
    change = insight_of(sample).change
    assert change is not None
    insight_of(sample).change = structs.replace(change, removed_examples=("main.sales.gone",))
    page = Page(rendered(sample))
    assert "main.sales.gone" in page.words
    assert "#table=main.sales.gone" not in page.all("a", "href")
    assert f"#table={slug(change.fixed_examples[0])}" in page.all("a", "href")


def test_strange_names_stay_text(sample: reports.Sample) -> None:
    """Examples, owners and excuses come from strangers too."""
    evil = "<img src=x onerror=alert(1)>\x1b\u202e"
    insight = insight_of(sample)
    assert insight.change is not None
    insight.what_if = tuple(structs.replace(each, examples=(evil,)) for each in insight.what_if)
    insight.what_if[0].settings = {evil: evil}
    insight.what_if[0].newly_failing = Amount(tables=1, unsized=1)
    largest = LackingTable(full_name=evil, outcome=Outcome.FAIL, owner=evil, excuse=evil)
    insight.lacking = (structs.replace(insight.lacking[0], largest=(largest,)),)
    insight.change = structs.replace(
        insight.change, source=evil, scope=evil, clock=evil, differences=(evil,)
    )
    insight.not_tried = evil
    insight.exempted = (structs.replace(insight.exempted[0], policy_id=evil),)
    text = rendered(sample)
    page = Page(text)
    assert page.open == []
    assert not page.all("img", "src")
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert page.words.count(r"<img src=x onerror=alert(1)>\x1b\u202e") >= 9


def test_an_estate_without_tables_has_an_insight_too() -> None:
    sample = insights.with_insight(reports.sample(0, failures=0))
    words = reported(sample)
    assert "Tables unknown" in words
    assert "could be listed" not in words


def test_the_bars_add_up(sample: reports.Sample) -> None:
    governance = insight_of(sample).governance
    for bar in (
        charts.governance_tables(governance),
        charts.governance_bytes(governance),
    ):
        assert float(bar[-1].start) + float(bar[-1].width) == pytest.approx(100, abs=0.01)
