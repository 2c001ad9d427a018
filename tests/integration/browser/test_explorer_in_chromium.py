"""The list of tables in a real browser: what it says, and what can be done with it."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # it has no types
from msgspec import structs
from playwright.sync_api import Browser, Page, expect

from lakewarden.model.decision import Decision, Fix, Outcome, Violation
from lakewarden.renderers.html.details import details_of, proof_of
from lakewarden.renderers.html.phrases import shown
from lakewarden.renderers.words.wording import FactWords
from tests.integration.browser.test_html_in_chromium import SAMPLE, listed
from tests.support import reports
from tests.support.estates import Estate
from tests.support.html_page import rendered

pytestmark = pytest.mark.browser

FORMULA = "=cmd|' /C calc'!A0"
DETAILS = """
async () => {
  const tables = await tableData.load();
  const rows = Array.from({length: tables.count}, (_, row) => row);
  const found = await Promise.all(rows.map((row) => tables.details(row)));
  return rows.map((row) => [tables.fullName(row), found[row]]);
}
"""


def mixed() -> reports.Sample:
    """Return tables with everything that can be said of one, and names that try to break out."""
    sample = reports.sample(9, names=(*reports.HOSTILE_NAMES, FORMULA))
    sample.rows = [*sample.rows, *Estate(40).tables()]
    sample.policies = (*sample.policies, *Estate(0).policies)
    known = {policy.policy_id: policy for policy in sample.policies}
    sample.policies = tuple(known.values())
    fix = Fix(
        title="Cluster it <b>by</b> hand",
        sql=("ALTER TABLE main.`a b`.c CLUSTER BY (d)", "OPTIMIZE main.`a b`.c FULL"),
        requires=("Runtime 16.4", "a right"),
        note="Rewrites 3.0 GiB.",
        undo=("ALTER TABLE main.`a b`.c CLUSTER BY NONE",),
    )
    failed = Decision(
        outcome=Outcome.FAIL,
        violations=(Violation(message=f"{FORMULA} has 007 of 9007199254740993", fixes=(fix,)),),
    )
    first, second = sample.rows[:2]
    quoted = f"`::c`.{second.schema_name}.{second.name}"
    of_catalog = Decision(outcome=Outcome.PASS, reasons=(f"{quoted} or `::c`.`x` is fine",))
    sample.rows[:2] = [
        structs.replace(first, decisions={**first.decisions, "clustering.key_limit": failed}),
        structs.replace(
            second,
            full_name=f"::c.{second.schema_name}.{second.name}",
            catalog_name="::c",
            decisions={**second.decisions, "clustering.key_limit": of_catalog},
        ),
    ]
    sample.summary = reports.summarise(sample.rows, sample.policies)
    return sample


@pytest.fixture(scope="module")
def page(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    path: Path = tmp_path_factory.mktemp("mixed") / "report.html"
    path.write_text(rendered(mixed()), encoding="utf-8")
    opened = browser.new_page(viewport={"width": 1280, "height": 900})
    trouble: list[str] = []
    opened.on("pageerror", lambda error: trouble.append(str(error)))
    opened.on("console", lambda message: trouble.append(message.text))
    opened.goto(path.as_uri())
    opened.locator("html[data-tables=ready]").wait_for()
    yield opened
    opened.close()
    assert trouble == []


def test_the_script_says_of_each_table_what_the_report_says(page: Page) -> None:
    """The texts travel in pieces; one that is put together wrongly blames the wrong table."""
    sample = mixed()
    facts = FactWords(sample.fact_labels)
    found = page.evaluate(DETAILS)
    assert [name for name, _ in found] == [shown(table.full_name) for table in sample.rows]
    for table, (_, details) in zip(sample.rows, found, strict=True):
        expected: dict[str, Any] = dict(details_of(table, facts))
        expected["about"] = [list(pair) for pair in expected["about"]]
        assert details["details"] == expected
        assert details["decisions"] == {
            policy_id: {**proof_of(decision), "outcome": decision.outcome.value}
            for policy_id, decision in table.decisions.items()
        }


def test_an_opened_table_says_how_to_fix_it(page: Page) -> None:
    page.locator("#by-q").fill(shown(mixed().rows[0].full_name))
    page.locator("#table-list .row summary").first.click()
    body = page.locator("#table-list .row .body").first
    expect(body.locator(".fix").first).to_contain_text("Cluster it <b>by</b> hand")
    page.evaluate(
        "() => { navigator.clipboard.writeText = async (text) => { window.copied = text; }; }"
    )
    body.locator(".sql button").first.click()
    assert page.evaluate("window.copied") == (
        "ALTER TABLE main.`a b`.c CLUSTER BY (d);\nOPTIMIZE main.`a b`.c FULL;"
    )
    expect(body).to_contain_text("Requires: Runtime 16.4; a right")
    found = Axe().run(page, context="[aria-labelledby=tables]").response["violations"]
    assert [(each["id"], each["nodes"][0]["html"]) for each in found] == []
    body.locator(".sql button").first.focus()
    page.keyboard.press("Escape")
    expect(page.locator("#table-list details[open]")).to_have_count(0)
    page.get_by_role("button", name="Clear").click()


def test_what_is_listed_leaves_the_page_as_names_and_as_csv(page: Page) -> None:
    page.get_by_label("Status", exact=True).select_option("non_compliant")
    rows = listed(page)
    page.evaluate(
        "() => { navigator.clipboard.writeText = async (text) => { window.copied = text; }; }"
    )
    page.get_by_role("button", name="Copy the names").click()
    assert page.evaluate("window.copied").split("\n") == "\n".join(rows).split("\n")
    page.get_by_label("Status", exact=True).select_option("")
    with page.expect_download() as download:
        page.get_by_role("button", name="Save as CSV").click()
    with Path(download.value.path()).open(encoding="utf-8", newline="") as stream:
        found = list(csv.DictReader(stream))
    by_name = {each["full_name"]: each for each in found}
    sample = mixed()
    assert len(found) == len(sample.rows)
    table = sample.rows[0]
    row = by_name[shown(table.full_name)]
    assert row["clustering.key_limit"] == "fail"
    assert row["bytes"] == str(table.size.get("bytes", ""))
    assert all(
        not cell.startswith(("=", "+", "-", "@")) for each in found for cell in each.values()
    )
    assert any(each["name"] == f"'{FORMULA}" for each in found)
    page.get_by_role("button", name="Clear").click()


def test_the_keys_search_move_open_and_close(page: Page) -> None:
    page.keyboard.press("/")
    expect(page.locator("#by-q")).to_be_focused()
    page.keyboard.type("main")
    page.keyboard.press("ArrowDown")
    rows = listed(page)
    place = "document.activeElement.closest('.row').dataset.name"
    assert page.evaluate(place) == rows[0]
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert page.evaluate(place) == rows[1]
    expect(page.locator("#table-list .body")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.locator("#table-list .body")).to_have_count(0)
    assert page.evaluate(place) == rows[1]
    page.keyboard.press("/")
    page.keyboard.press("Escape")
    expect(page.locator("#by-q")).to_have_value("")


def test_paper_has_every_listed_table_with_its_proof(page: Page) -> None:
    page.evaluate(
        "() => { window.print = () => { dispatchEvent(new Event('beforeprint'));"
        " window.printed = document.getElementById('paper').textContent; }; }"
    )
    page.get_by_label("Outcome", exact=True).select_option("unknown")
    rows = listed(page)
    page.get_by_role("button", name="Print with proofs").click()
    page.wait_for_function("() => window.printed")
    printed = page.evaluate("window.printed")
    assert [name for name in rows if name not in printed] == []
    assert "Missing: access to the size was denied" in printed
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    page.get_by_role("button", name="Clear").click()


def test_a_browser_that_cannot_unpack_lists_the_worst(browser: Browser, report_file: Path) -> None:
    page = browser.new_page()
    page.add_init_script("delete window.DecompressionStream")
    page.goto(report_file.as_uri())
    expect(page.locator(".plain .row")).to_have_count(len(SAMPLE.rows))
    expect(page.locator("#shown")).to_contain_text("only the worst are listed")
    assert "owned" not in page.title()
    page.close()
