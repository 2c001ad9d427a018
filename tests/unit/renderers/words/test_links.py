"""Links out of a report: only to a workspace, and only for tables that are there."""

from __future__ import annotations

import re

import pytest
from msgspec import UNSET, UnsetType, structs

from lakewarden.model.report import TableReport
from lakewarden.renderers.words.links import explorer_link, web, workspace
from tests.support import reports
from tests.support.html_page import Page, rendered

WORKSPACE = "https://dbc-1.cloud.databricks.com"


def table(*parts: str, planned: bool = False) -> TableReport:
    return TableReport(
        full_name=".".join(parts),
        catalog_name=parts[0],
        schema_name=parts[1],
        name=parts[2],
        decisions={},
        definition=reports.definition(1, "t") if planned else None,
    )


def link(each: TableReport, workspace: str | UnsetType = WORKSPACE) -> str:
    return explorer_link(structs.replace(reports.run(), workspace=workspace), each)


def test_a_table_leads_to_catalog_explorer() -> None:
    assert link(table("main", "sales", "orders")) == f"{WORKSPACE}/explore/data/main/sales/orders"
    odd = link(table("a/b", "c?d#e", "größe \u202e\ud800"))
    assert odd.startswith(f"{WORKSPACE}/explore/data/a%2Fb/c%3Fd%23e/gr%C3%B6%C3%9Fe%20%E2%80%AE")
    assert re.fullmatch(r"[\x21-\x7e]+", odd)


@pytest.mark.parametrize(
    "address",
    [
        *(UNSET, "", "javascript:alert(1)", "http://host", "https://", "https://user@host"),
        *("https://host/path", "https://host?x", "https://host\n", 'https://host"onclick="'),
    ],
)
def test_nothing_but_a_host_becomes_a_link(address: str | UnsetType) -> None:
    assert link(table("a", "b", "c"), address) == ""
    assert workspace(structs.replace(reports.run(), workspace=address)) == ""


def test_only_pages_of_the_web_are_linked() -> None:
    pages = ["https://docs.example.com/a?b#c", "http://x"]
    others = ["javascript:alert(1)", "//x", "https://a b", "file:///etc/passwd", "https://x\n", ""]
    assert web([*others, *pages]) == pages


def test_a_planned_table_and_a_name_of_dots_have_no_link() -> None:
    assert link(table("a", "b", "c", planned=True)) == ""
    assert link(table("a", "..", "c")) == ""


def test_the_page_links_what_to_do_first() -> None:
    sample = reports.sample(40)
    sample.rows = [structs.replace(row, definition=None) for row in sample.rows]
    sample.run = structs.replace(sample.run, workspace=WORKSPACE)
    links = [each for each in Page(rendered(sample)).all("a", "href") if not each.startswith("#")]
    assert len(links) >= 5
    assert all(each.startswith(f"{WORKSPACE}/explore/data/") for each in links)


def test_a_policy_leads_to_the_pages_that_tell_more() -> None:
    sample = reports.sample(0)
    pages = ("https://docs.example.com/a", "javascript:alert(1)")
    sample.policies = tuple(structs.replace(each, pages=pages) for each in sample.policies)
    links = [each for each in Page(rendered(sample)).all("a", "href") if not each.startswith("#")]
    assert links == ["https://docs.example.com/a"] * len(sample.policies)
