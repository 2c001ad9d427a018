"""The Markdown report: the whole in the summary of a CI job, whatever is in it."""

from __future__ import annotations

import io
import re

import pytest
from hypothesis import given, settings
from msgspec import structs

from lakewarden.model.insight import Amount, Insight
from lakewarden.model.report import Report
from lakewarden.model.waiver import WaiverState
from lakewarden.renderers import Format, renderer
from lakewarden.renderers.markdown.layout import BUDGET
from lakewarden.renderers.words import wording
from lakewarden.report.table_status import Status
from lakewarden_collector.inventory import Failure
from tests.support import histories, insights, reports
from tests.support.golden import full_showcase, golden
from tests.support.markdown import PARSER, runs

JOB_SUMMARY = 1024**2
"""Bytes that GitHub takes of one step."""


def rendered(report: Report) -> str:
    out = io.StringIO()
    renderer(Format.MARKDOWN).render(report, out)
    return out.getvalue()


def section(text: str, heading: str) -> str:
    """Return a section without its heading, up to the next one of its level or above."""
    level = heading.partition(" ")[0]
    part = text.partition(f"\n{heading}\n")[2]
    return re.split(rf"^#{{1,{len(level)}}} ", part, maxsplit=1, flags=re.MULTILINE)[0]


@pytest.fixture
def sample() -> reports.Sample:
    return insights.with_insight(reports.sample(60, names=reports.HOSTILE_NAMES))


def insight_of(sample: reports.Sample) -> Insight:
    assert sample.insight is not None
    return sample.insight


def test_it_looks_as_it_did() -> None:
    """Golden."""
    golden("report.md", rendered(full_showcase()))


def test_it_begins_with_the_headline_and_the_gate(sample: reports.Sample) -> None:
    """A pull request shows the first lines; nobody unfolds the rest to see whether it is red."""
    failing = sample.summary.tables_by_status["non_compliant"]
    text = rendered(sample)
    assert text.startswith(f"# {failing} of 68 tables break a mandatory policy.\n")
    assert "**Gate: failed (exit 1): 4 mandatory decisions fail.**" in text.partition("\n## ")[0]


def test_the_parts_come_in_order() -> None:
    text = rendered(insights.with_insight(reports.sample(40)))
    assert re.findall("^## (.*)$", text, re.MULTILINE) == [
        "Insights",
        "Policies",
        "Worst tables",
        "Errors",
        "Why decisions are unknown",
        "Waivers",
        "Completeness",
        "About this report",
    ]


def test_a_report_without_insight_has_no_such_part() -> None:
    assert "Insights" not in rendered(reports.sample(9))


def test_every_policy_has_its_counts(sample: reports.Sample) -> None:
    table = section(rendered(sample), "## Policies")
    for policy in sample.policies:
        counts = sample.summary.by_policy[policy.policy_id].outcomes
        order = ("pass", "fail", "exempt", "not_applicable", "unknown", "error")
        numbers = " | ".join(str(counts[each]) for each in order)
        assert f"| {policy.title} | {policy.severity} | {policy.enforcement} | {numbers} |" in table


def test_the_insight_is_told(sample: reports.Sample) -> None:
    insight = insight_of(sample)
    assert insight.change is not None
    part = section(rendered(sample), "## Insights")
    governed = insight.governance.governed.tables
    assert f"**{governed}** of 70 known tables (**" in part
    assert f"| Large tables have a clustering strategy | {insight.exempted[0].total.tables} |" in (
        section(part, "### Exceptions")
    )
    other = section(part, "### What if the threshold were different?")
    assert "| size threshold 512.0 MiB, test size threshold 512.0 KiB | " in other
    assert "| **current settings**: size threshold 1.0 GiB, test size threshold 1.0 MiB | " in other
    assert "individual tables were scaled alike." in other
    largest = insight.lacking[0].largest[0]
    assert f"| `{largest.full_name}` | " in part
    changed = section(part, "### Changes since 2026-10-23 05:10:00 UTC")
    assert "- The settings differ: what moved may have moved because of them.\n" in changed
    assert "- 2 tables only in the previous run: `main.sales.gone`, `main.web.<b>also" in changed


def test_what_is_not_known_is_not_made_up(sample: reports.Sample) -> None:
    insight = insight_of(sample)
    insight.governance = structs.replace(insight.governance, share=None, share_of_bytes=None)
    insight.what_if, insight.not_tried = (), "Nobody asked for it."
    insight.change = None
    part = section(rendered(sample), "## Insights")
    assert "%" not in part.partition("###")[0]
    assert "unknown, because not everything could be listed" in part
    assert "Not evaluated: Nobody asked for it." in part
    assert "current settings" not in part
    assert "Changes since" not in part


def test_an_estate_without_tables_is_a_page_too() -> None:
    text = rendered(insights.with_insight(reports.sample(0, failures=0)))
    assert text.startswith("# Nothing was evaluated.\n")
    assert "**0** of 0 known tables are governed" in text
    assert "The share of all tables is unknown" not in text.partition("### ")[0]


def test_of_many_the_worst_are_named_and_the_rest_is_counted() -> None:
    sample = reports.sample(400, failures=14)
    text = rendered(sample)
    failing = sample.summary.tables_by_status["non_compliant"]
    assert f"… and {failing - 10} more non-compliant tables" in text
    assert text.count("archive.web.damaged_") == 10
    assert "… and 4 more failures" in text


def test_no_name_becomes_markup_anywhere(sample: reports.Sample) -> None:
    """Names, owners, reasons and scopes come from strangers, the page goes into a pull request."""
    evil = "@octocat <img src=x onerror=alert(1)> [a](https://b) `|` #1\n\n# h"
    sample.run = reports.run(scope=evil, source=evil, clock=evil, notices=(evil,), narrowed=(evil,))
    sample.gate = structs.replace(sample.gate, reasons=(evil,), allowed=(evil,))
    failure = Failure(what=evil, where=evil, reason=evil, remedy=evil)
    sample.completeness = structs.replace(sample.completeness, failures=(failure,), reasons=(evil,))
    sample.waivers = (
        reports.waiver_status(WaiverState.EXPIRED, table=evil, owner=evil, expires=evil),
    )
    sample.rows = [structs.replace(each, full_name=evil, owner=evil) for each in sample.rows]
    sample.policies = tuple(structs.replace(each, title=evil) for each in sample.policies)
    insight = insights.with_insight(sample).insight
    assert insight is not None
    assert insight.change is not None
    insight.change = structs.replace(insight.change, clock=evil, scope=evil, source=evil)
    insight.change.differences = (evil,)
    insight.not_tried = evil
    insight.what_if[0].settings = {evil: evil}
    text = rendered(sample)
    reported = runs(text)
    assert sum(wording.visible(evil) in each for each in reported) > 15
    assert re.findall("^# .*", text, re.MULTILINE) == text.splitlines()[:1]


@settings(max_examples=30, deadline=None)
@given(reports.reports())
def test_every_table_keeps_its_columns(sample: reports.Sample) -> None:
    width = 0
    for token in PARSER.parse(rendered(sample)):
        assert token.type != "html_block"
        if token.type == "tr_close":
            assert width in {2, 3, 4, 5, 6, 9}
        width = 0 if token.type == "tr_open" else width + (token.type in {"th_open", "td_open"})


@pytest.mark.parametrize("tables", [40, 2_000])
def test_a_page_of_ordinary_names_is_short(tables: int) -> None:
    """People read it in a pull request; a page of history, changes and fixes isn't longer."""
    sample = histories.with_history(insights.with_insight(reports.sample(tables, failures=30)))
    text = rendered(sample)
    assert len(text.encode()) <= BUDGET
    for status in Status:
        assert f"| {wording.STATUSES[status]} | " in text
    assert "| Inventory | " in text


def test_its_length_has_a_bound() -> None:
    """GitHub shows nothing at all of a summary that is too long."""
    long = "`| \U0001f40b@" * 2_000
    sample = reports.sample(200, names=[f"{long}{number}" for number in range(200)], failures=3000)
    many = tuple(
        structs.replace(sample.policies[0], policy_id=f"clustering.{number}", title=long)
        for number in range(300)
    )
    sample.policies += many
    sample.rows = [
        structs.replace(
            each,
            owner=long,
            decisions=each.decisions
            | dict.fromkeys((policy.policy_id for policy in many), each.decisions[insights.POLICY]),
        )
        for each in sample.rows
    ]
    sample.summary = reports.summarise(sample.rows, sample.policies)
    sample.waivers = tuple(
        reports.waiver_status(WaiverState.EXPIRED, table=long, owner=long) for _ in range(2000)
    )
    sample.run = reports.run(scope=long, source=long, notices=(long,) * 99, narrowed=(long,) * 99)
    insight = insights.with_insight(sample).insight
    assert insight is not None
    assert insight.change is not None
    insight.exempted *= 500
    insight.lacking = tuple(
        structs.replace(insight.lacking[0], policy_id=policy.policy_id) for policy in many
    )
    insight.what_if = tuple(
        structs.replace(
            insight.what_if[0],
            policy_id=policy.policy_id,
            settings={long: long},
            newly_failing=Amount(tables=9),
            examples=(long,) * 9,
        )
        for policy in many
    )
    insight.change.differences = (long,) * 99
    insight.change.moved *= 999
    text = rendered(sample)
    assert len(text.encode()) < JOB_SUMMARY
    assert "1,999 more waivers" in text
