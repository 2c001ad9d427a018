"""The HTML page as text: safe, self-contained, bounded, and telling what was found."""

from __future__ import annotations

import base64
import hashlib
import random
import re
from urllib.parse import unquote

import pytest
from msgspec import structs

from lakewarden.model.decision import Decision, Fix, Outcome, Violation
from lakewarden.model.report import Group, TableReport
from lakewarden.renderers.html import charts
from lakewarden.renderers.html.renderer import SCRIPTS
from lakewarden.renderers.words.table_scan import NAMED, survey
from lakewarden.renderers.words.wording import visible
from tests.support import reports
from tests.support.golden import full_showcase, golden
from tests.support.html_page import Page, rendered, reviewable


@pytest.fixture(scope="module")
def sample() -> reports.Sample:
    return reports.sample(60, names=reports.HOSTILE_NAMES)


@pytest.fixture(scope="module")
def text(sample: reports.Sample) -> str:
    return rendered(sample)


@pytest.fixture(scope="module")
def page(text: str) -> Page:
    return Page(text)


def test_it_looks_as_it_did() -> None:
    """Golden: the page with its data unpacked."""
    golden("report.html.txt", reviewable(rendered(full_showcase())))


def test_every_tag_is_closed_in_order_and_every_id_is_its_own(page: Page) -> None:
    assert page.open == []
    ids = [attrs["id"] for _, attrs in page.tags if "id" in attrs]
    assert len(ids) == len(set(ids))


def test_hostile_names_are_text_and_nothing_else(page: Page, text: str) -> None:
    """A table's name is chosen by strangers; it may not become a part of the page."""
    kinds = [attrs.get("type") for tag, attrs in page.tags if tag == "script"]
    assert kinds.count(None) == len(SCRIPTS)
    assert set(kinds) == {None, "application/json"}
    assert text.count("<title>", 0, text.index("<body>")) == 1
    assert not page.all("img", "src")
    assert not any(name.startswith("on") for _, attrs in page.tags for name in attrs)
    assert not re.search("[\x00-\x09\x0b-\x1f\u202a-\u202e]", text)
    assert "<script>document.title='owned'</script>" in page.words
    assert "line\nbreak\\tand \\x1b[31mred" in page.words


def test_nothing_comes_from_elsewhere(page: Page, text: str) -> None:
    """The page is mailed and opened offline, and it must not tell anyone that it was opened."""
    links = page.all("a", "href")
    assert links
    assert all(link.startswith("#") for link in links)
    assert page.all("link", "href") == ["data:,"]
    assert not re.search(r"url\((?!#)|@import|https?:", text)


def test_the_security_policy_allows_this_style_and_script_alone(page: Page, text: str) -> None:
    policies = [
        attrs.get("content")
        for tag, attrs in page.tags
        if tag == "meta" and attrs.get("http-equiv") == "Content-Security-Policy"
    ]
    assert len(policies) == 1
    policy = policies[0] or ""
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    for tag in ("style", "script"):
        found = re.findall(f"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
        assert found
        digests = [
            base64.b64encode(hashlib.sha256(each.encode()).digest()).decode() for each in found
        ]
        allowed = " ".join(f"'sha256-{digest}'" for digest in digests)
        assert f"{tag}-src {allowed};" in policy


def test_links_lead_somewhere(page: Page, sample: reports.Sample) -> None:
    ids = {attrs["id"] for _, attrs in page.tags if "id" in attrs}
    for link in page.all("a", "href"):
        if "=" not in link or link.startswith("#table="):
            assert link[1:] in ids
    assert "table=main.sales.orders_00000" in ids
    assert len([each for each in ids if (each or "").startswith("table=")]) == len(sample.rows)


def test_a_value_of_a_fact_leads_to_its_tables_where_the_list_can_be_filtered_by_it() -> None:
    """A link that lists none of the tables that it counts would be a lie."""
    sample = reports.sample(0)
    many = [
        structs.replace(
            reports.table(number, random.Random(number)),  # noqa: S311 -- sample data, no secret
            facts={"own": {"few": f"v{number % 30}", "many": f"v{number}"}},
        )
        for number in range(31)
    ]
    reports.count(sample, many)
    text = rendered(sample)
    links = [link for link in Page(text).all("a", "href") if link.startswith("#fact=")]
    assert links
    assert {unquote(link).split("=")[1] for link in links} == {"own.few"}


def test_the_page_opens_with_how_we_stand_and_what_to_do_first(
    page: Page, sample: reports.Sample
) -> None:
    top = " ".join(page.words.partition("About this report")[0].split())
    for status, name in (("compliant", "Compliant"), ("undecided", "Undecided")):
        assert f"{name} {sample.summary.tables_by_status[status]} " in top
    heaviest = survey(sample, keep=1).heaviest
    assert len(heaviest) == NAMED
    places = [top.index(f" {visible(each.table.full_name)} ") for each in heaviest]
    assert places == sorted(places)
    assert (
        "couldn't be decided and 2 couldn't be read, so more may be broken. See what is missing."
        in top
    )


def test_what_to_do_first_has_its_sql_to_copy(sample: reports.Sample) -> None:
    fix = Fix(title="Let it choose", sql=("ALTER TABLE a CLUSTER BY AUTO", "OPTIMIZE <'a'>"))
    table = next(each for each in sample.rows if _fails(each))
    failing = Decision(
        outcome=Outcome.FAIL,
        violations=(Violation(message="m", expected="a", actual=["x", "y"], fixes=(fix,)),),
    )
    alone = reports.sample(0)
    alone.rows = [
        structs.replace(table, decisions={sample.policies[0].policy_id: failing}, definition=None)
    ]
    alone.summary = reports.summarise(alone.rows, alone.policies)
    page = Page(rendered(alone))
    ids = {attrs["id"] for _, attrs in page.tags if "id" in attrs}
    copied = page.all("button", "data-copy")
    assert copied
    assert set(copied) <= ids
    assert "ALTER TABLE a CLUSTER BY AUTO;\nOPTIMIZE <'a'>;" in page.words
    assert f"{sample.policies[0].title}: found x and y" in page.words


def test_an_estate_in_order_has_nothing_to_do() -> None:
    words = Page(rendered(reports.sample(0, failures=0))).words
    assert "Nothing was evaluated. Check the scope of the run" in words
    assert "Who owns what is broken" not in words
    assert "What isn't known" not in words


def test_the_worst_tables_can_be_read_without_a_script(sample: reports.Sample) -> None:
    page = Page(rendered(sample, worst=7))
    words = " ".join(page.words.split())
    assert "Without scripts this page lists the 7 worst of 68 tables." in words
    assert len([link for link in page.all("summary", "id") if link.startswith("table=")]) == 7
    listed = words.partition("the 7 worst")[2]
    assert "it has no clustering strategy and holds more than the threshold" in listed
    assert "not applicable" in listed


def test_without_a_script_one_reads_why_how_to_fix_it_and_what_else_is_open() -> None:
    """What has no room is named by its policy: nobody should take it for done."""
    fix = Fix(title="Let it choose", sql=("ALTER TABLE a CLUSTER BY AUTO", "OPTIMIZE <'a'>"))
    why = f"{'because ' * 30}it is so."
    fails = Decision(outcome=Outcome.FAIL, violations=(Violation(message=why, fixes=(fix,)),))
    error = Decision(outcome=Outcome.ERROR, reasons=("x" * 300,))
    passes = Decision(outcome=Outcome.PASS, reasons=("It is.",))
    sample = reports.sample(0)
    row = next(each for each in reports.sample(9).rows if _fails(each))
    decisions = zip(row.decisions, (passes, fails, error, passes, passes), strict=True)
    reports.count(sample, [structs.replace(row, decisions=dict(decisions), definition=None)])
    titles = [policy.title for policy in sample.policies]
    words = " ".join(Page(rendered(sample)).words.partition("Print with proofs")[2].split())
    assert (
        f"fail {titles[1]}: {why} Fix: Let it choose: ALTER TABLE a CLUSTER BY AUTO; OPTIMIZE <'a'>"
        f" error: {titles[2]}; 3 pass"
    ) in words


def test_long_texts_have_an_end_where_all_is_plain_html() -> None:
    """Two hundred tables with messages of ten thousand letters each would be two megabytes."""
    long = reports.sample(0)
    failing = next(each for each in reports.sample(9).rows if _fails(each))
    violation = Violation(message="m" * 10_000)
    failed = Decision(outcome=Outcome.FAIL, violations=(violation,))
    long.rows = [structs.replace(failing, decisions=dict.fromkeys(failing.decisions, failed))] * 200
    assert len(rendered(long)) < len(rendered(reports.sample(0))) + 400_000


def _fails(table: TableReport) -> bool:
    return any(each.outcome is Outcome.FAIL for each in table.decisions.values())


def test_every_failure_of_the_collection_is_named() -> None:
    words = Page(rendered(reports.sample(1, failures=3))).words
    for number in range(3):
        assert f"archive.web.damaged_{number}" in words
    assert "Restore _delta_log/00000000000000000003.json, or drop the table." in words


def test_each_reason_of_what_is_unknown_is_told_and_the_rest_is_counted() -> None:
    text = " ".join(Page(rendered(reports.lacking({"on a": 3, "on b": 2}))).words.split())
    assert "5 tables: access to the size was denied 3 tables: on a 2 tables: on b Grant the" in text
    one = " ".join(Page(rendered(reports.lacking({"on a": 3}))).words.split())
    assert "3 tables: access to the size was denied: on a Grant the" in one
    many = " ".join(Page(rendered(reports.lacking({f"on {n}": 1 for n in range(9)}))).words.split())
    assert "1 table: on 4 … and 4 tables for other reasons Grant the" in many


def test_a_policy_names_the_tables_that_fail_it(sample: reports.Sample) -> None:
    """Also those that a large estate's list has no room for."""
    words = " ".join(Page(rendered(sample, worst=1)).words.split())
    for policy in sample.policies:
        counts = sample.summary.by_policy[policy.policy_id].outcomes
        if counts["fail"]:
            part = words.partition(f"{policy.title} ")[2]
            assert f"Fails for {counts['fail']} table" in part.partition("Outcomes")[0]


def test_a_bar_adds_up_to_its_whole() -> None:
    outcomes = {"pass": 1, "fail": 1, "unknown": 1, "not_applicable": 4}
    pieces = charts.outcome_segments(outcomes)
    assert [piece.kind for piece in pieces] == ["fail", "unknown", "pass", "not_applicable"]
    last = pieces[-1]
    assert float(last.start) + float(last.width) == pytest.approx(100, abs=0.01)
    assert charts.segments([("a", 0)]) == []


def test_a_chart_sums_up_what_it_does_not_show() -> None:
    groups = {str(n): Group(tables=1, bytes=2**n) for n in range(12)}
    chart = charts.fact_chart(groups)
    assert [bar.label for bar in chart.bars] == ["11", "10", "9", "8", "7", "6"]
    assert (chart.more, chart.rest.tables, chart.rest.bytes) == (6, 6, 2**6 - 1)


def test_a_fact_of_tables_without_a_size_is_charted_by_tables() -> None:
    """Where no size is known, a chart of bytes would be empty and say nothing."""
    chart = charts.fact_chart({"a": Group(tables=3), "b": Group(tables=1)})
    assert [bar.segments[0].width for bar in chart.bars] == ["75.000", "25.000"]


def test_the_waivers_are_listed_those_without_effect_first(page: Page) -> None:
    words = " ".join(page.words.split())
    expired, unmatched, active = (
        words.index(text)
        for text in (
            "expired main.sales.orders",
            "no table main.sales.gone",
            "active main",
        )
    )
    assert expired < unmatched < active
    assert "exempts 3 decisions" in words
    assert "owner sales-analytics, approved by Head of Data, ticket DATA-7" in words
