"""A report full of odd values, a hostile address and a damaged file: the page says what is so."""

from __future__ import annotations

import csv
import io
import random
import re
from collections.abc import Iterator, Mapping
from itertools import product
from pathlib import Path
from typing import Final

import pytest
from msgspec import structs
from playwright.sync_api import Browser, Page, expect

from lakewarden.model.decision import Severity
from lakewarden.model.report import TableReport
from lakewarden.renderers.html.phrases import shown
from lakewarden.renderers.words.table_scan import place_of
from lakewarden.report.summary import owner_group
from lakewarden.report.table_status import severity_of, status_of
from lakewarden_collector.names import join_name
from tests.support import reports
from tests.support.html_page import rendered

pytestmark = pytest.mark.browser

OBJECTS: Final = ("__proto__", "constructor", "hasOwnProperty", "toString")
OWNERS: Final = (
    *(*OBJECTS, " lead", "trail ", " ", "a  b", "data", "data-platform", "nl\nowner", "tab\towner"),
    *("</script><b>", "<!--", "{{ 7*7 }}", "javascript:alert(1)", "\u202eevil", "%", "a&b=c", "+1"),
    *("\u0130", "", None, "=1+1", "x" * 10_000),
)
NAMES: Final = (*reports.HOSTILE_NAMES, *OBJECTS, "::error::x", "a.b", "a/b?c#d%25", "..", "\0")
WORDS: Final = ("main", "00", "ORDERS", "a b", "%", "<script", "`", "i\u0307", "\\t", "__proto__")

LIST: Final = """
(wanted) => {
  const form = document.getElementById("filters");
  for (const [name, value] of Object.entries(wanted)) form.elements[name].value = value;
  form.dispatchEvent(new Event("input", {bubbles: true}));
  takeAway.save = (name, type, text) => { window.saved = text; };
  document.getElementById("csv").disabled = false;
  document.getElementById("csv").click();
  const choices = {};
  for (const field of form.querySelectorAll("select")) {
    choices[field.name] = [...field.options].slice(1).map((each) => [each.value, each.text]);
  }
  return {csv: window.saved, choices};
}
"""


def odd() -> reports.Sample:
    """Return tables of which every name, owner and fact is odd; the same ones each time."""
    chance = random.Random(7)  # noqa: S311 -- sample data, no secret
    sample = reports.sample(60, names=NAMES)
    rows = []
    for number, table in enumerate(sample.rows):
        catalog = chance.choice((table.catalog_name, table.catalog_name, "__proto__", "::c"))
        schema = chance.choice((table.schema_name, table.schema_name, "toString", "s.t"))
        fact = chance.choice((*OBJECTS, " sp ", "x=y"))
        clustering = table.facts.get("clustering", {})
        rows.append(
            structs.replace(
                table,
                full_name=join_name((catalog, schema, table.name)),
                catalog_name=catalog,
                schema_name=schema,
                owner=OWNERS[number % len(OWNERS)],
                facts={"clustering": {**clustering, "odd": fact}},
            )
        )
    reports.count(sample, rows)
    return sample


SAMPLE: Final = odd()
INDEX: Final = {policy.policy_id: policy for policy in SAMPLE.policies}


@pytest.fixture(scope="module")
def odd_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("odd") / "report.html"
    path.write_text(rendered(SAMPLE), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def page(browser: Browser, odd_file: Path) -> Iterator[Page]:
    opened = browser.new_page()
    opened.set_default_timeout(10_000)
    trouble: list[str] = []
    opened.on("pageerror", lambda error: trouble.append(str(error)))
    opened.on("console", lambda message: trouble.append(message.text))
    opened.on("dialog", lambda dialog: trouble.append(dialog.message))
    opened.goto(odd_file.as_uri())
    opened.locator("html[data-tables=ready]").wait_for()
    yield opened
    opened.close()
    assert trouble == []


def values_of(table: TableReport) -> Mapping[str, set[str]]:
    """Return by filter the values with which a table is listed, by the report alone."""
    decisions = table.decisions.values()
    outcomes = {name: str(each.outcome) for name, each in table.decisions.items()}
    fails = {
        severity_of(INDEX[name], table.decisions[name])
        for name, outcome in outcomes.items()
        if outcome == "fail"
    }
    facts = table.facts["clustering"].items()
    catalog = shown(table.catalog_name)
    return {
        "status": {status_of(table, INDEX)},
        "severity": {next((str(each) for each in Severity if each in fails), "")},
        "catalog": {catalog},
        "schema": {f"{catalog}.{shown(table.schema_name)}"},
        "owner": {shown(owner_group(table.owner))},
        "fact": {f"clustering.{name}={each}" for name, each in facts if isinstance(each, str)}
        | {f"clustering.{name}={each}".lower() for name, each in facts if isinstance(each, bool)},
        "exemption": {one.kind for each in decisions for one in each.exemptions},
        "missing": {f"{one.kind}:{one.status}" for each in decisions for one in each.missing},
        "policy": {name for name, outcome in outcomes.items() if outcome != "not_applicable"},
        "outcome": set(outcomes.values()),
        "both": {f"{name} {outcome}" for name, outcome in outcomes.items()},
        "text": {f"{shown(table.full_name)}\n{shown(place_of(table))}".lower()},
    }


VALUES: Final = {shown(table.full_name): values_of(table) for table in SAMPLE.rows}


def fitting(wanted: Mapping[str, str]) -> list[str]:
    """Return the names of the tables that are to be listed."""
    asked = {name: value for name, value in wanted.items() if value}
    words = asked.pop("q", "").lower().split()
    if {"policy", "outcome"} <= asked.keys():
        asked["both"] = f"{asked.pop('policy')} {asked.pop('outcome')}"
    return sorted(
        name
        for name, values in VALUES.items()
        if all(value in values[each] for each, value in asked.items())
        and all(word in f"{min(values['text'])}\n{min(values['owner']).lower()}" for word in words)
    )


def test_the_list_and_each_choices_number_are_what_the_report_says(page: Page) -> None:
    """For every choice alone, each policy with each outcome, and filters together."""
    choices = {
        name: [value for value, _ in some]
        for name, some in page.evaluate(LIST, {})["choices"].items()
    }
    assert set(map(shown, filter(None, OWNERS))) <= set(choices["owner"])
    nothing = dict.fromkeys(("q", *choices), "")
    chance = random.Random(3)  # noqa: S311 -- sample data, no secret
    some: dict[str, list[str]] = {**choices, "q": list(WORDS)}
    asked = [{name: value} for name, values in some.items() for value in values]
    pairs = product(choices["policy"], choices["outcome"])
    asked += [{"policy": policy, "outcome": outcome} for policy, outcome in pairs]
    for _ in range(60):
        asked.append({each: chance.choice(some[each]) for each in chance.sample(sorted(some), 2)})
    found = page.evaluate(f"(all) => all.map({LIST})", [{**nothing, **each} for each in asked])
    for wanted, seen in zip(asked, found, strict=True):
        rows = csv.DictReader(io.StringIO(seen["csv"], newline=""))
        assert sorted(row["full_name"] for row in rows) == fitting(wanted), wanted
        for name in chance.sample(sorted(choices), 2):
            for value, words in seen["choices"][name]:
                number = len(fitting({**wanted, name: value}))
                assert re.search(rf"\({number}\)\s*$", words), (wanted, name, value)
    page.evaluate(LIST, nothing)


def test_an_address_lists_what_it_says_whatever_it_says(page: Page) -> None:
    whole = f"{len(SAMPLE.rows)} tables."
    for address, listed in (
        ("#table=<script>alert(1)</script>", "<script>alert(1)</script> isn't in the list below."),
        ("#%=%", whole),
        ("#sort=constructor", whole),
        ("#sort=-__proto__", whole),
        ("#table=", whole),
        ("#q=%ff%fe", {"q": "\ufffd\ufffd"}),
        ("#q=line%0Abreak", {"q": "line break"}),
        ("#owner=%20", {"owner": " "}),
        ("#owner=constructor", {"owner": "constructor"}),
        ("#owner=constr", {"owner": "constr"}),
        ("#policy=toString&outcome=fail", {"q": "nothing"}),
        ("#policy=clustering.key_limit&outcome=toString", {"outcome": "toString"}),
        (f"#q={'x' * 100_000}", {"q": "x" * 100_000}),
    ):
        page.evaluate("(address) => { location.hash = address; }", address)
        text = listed if isinstance(listed, str) else f"{len(fitting(listed))} of {whole}"
        expect(page.locator("#shown")).to_have_text(text)
        page.evaluate("location.hash = ''")
        expect(page.locator("#shown")).to_have_text(whole)


def test_the_way_back_leads_to_the_list_as_it_was(page: Page) -> None:
    page.locator(".tile.is-non_compliant a").click()
    expect(page.locator("#by-status")).to_have_value("non_compliant")
    expect(page.locator("h2#tables")).to_be_focused()
    page.go_back()
    expect(page.locator("#by-status")).to_have_value("")
    expect(page.locator("#shown")).to_have_text(f"{len(SAMPLE.rows)} tables.")
    page.go_forward()
    expect(page.locator("#by-status")).to_have_value("non_compliant")
    page.evaluate("location.hash = ''")


def test_a_damaged_file_says_so_and_lists_what_it_can(
    browser: Browser, odd_file: Path, tmp_path: Path
) -> None:
    whole = odd_file.read_text(encoding="utf-8")
    for name, words in (
        ('class="data-block"', None),
        ('id="data-columns"', "This file is damaged, so only the worst tables are listed."),
    ):
        start = whole.index(name) + len(name) + 60
        path = tmp_path / "damaged.html"
        path.write_text(f"{whole[:start]}AAAAAAAA{whole[start + 8 :]}", encoding="utf-8")
        page = browser.new_page()
        page.add_init_script("addEventListener('unhandledrejection', () => { window.bad = true; })")
        page.goto(path.as_uri())
        if words:
            expect(page.locator("#shown")).to_contain_text(words)
            expect(page.locator(".plain .row")).to_have_count(len(SAMPLE.rows))
        else:
            page.locator("#table-list summary").first.click()
            expect(page.locator("#table-list .body")).to_contain_text(
                "This part of the file is damaged."
            )
            page.evaluate("window.print = () => { window.printed = true; }")
            page.get_by_role("button", name="Print with proofs").click()
            page.wait_for_function("window.printed")
        assert not page.evaluate("window.bad")
        page.close()
