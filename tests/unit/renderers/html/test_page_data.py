"""The page's data: small at any size of the estate, the same bytes each time, and only text."""

from __future__ import annotations

import base64
import io
import json
import re
import tracemalloc
import zlib
from typing import Any

import pytest
from msgspec import structs

from lakewarden.renderers.html import page_data
from lakewarden.renderers.html.phrases import shown
from lakewarden.renderers.html.renderer import HtmlRenderer
from tests.support import insights, reports
from tests.support.estates import Estate
from tests.support.html_page import rendered

MEGABYTE = 1_000_000
ELEMENT = re.compile(
    r'<script type="application/json" (?:id|class)="data-(\w+)">(.*?)</script>', re.DOTALL
)


def unpacked(page: str, name: str) -> Any:  # noqa: ANN401 -- whatever the page carries
    """Return the first of the page's data elements of a name."""
    text = next(text for each, text in ELEMENT.findall(page) if each == name)
    return json.loads(zlib.decompress(base64.b64decode(json.loads(text))))


class Counting(io.TextIOBase):
    """Counts what is written, and forgets it."""

    size = 0

    def write(self, text: str) -> int:
        self.size += len(text.encode())
        return len(text)


def size_of(report: Any) -> int:  # noqa: ANN401 -- a report
    out = Counting()
    HtmlRenderer().render(report, out)  # type: ignore[arg-type]  # it writes, and nothing else is used
    return out.size


@pytest.mark.parametrize(
    ("tables", "megabytes"),
    [
        (1_000, 0.5),
        pytest.param(10_000, 1.5, marks=pytest.mark.nightly),
        pytest.param(100_000, 10, marks=pytest.mark.nightly),
    ],
)
def test_the_page_stays_small(tables: int, megabytes: float) -> None:
    """It is mailed; and a page of 142 MB is one that no browser opens."""
    assert size_of(Estate(tables)) < megabytes * MEGABYTE


def test_what_one_more_table_costs_stays_small() -> None:
    """So much less than a hundred bytes that 100,000 tables fit into ten megabytes."""
    estate = Estate(page_data.BLOCK)
    index = {policy.policy_id: policy for policy in estate.policies}
    size = sum(len(each) for each in page_data.elements(estate, index))
    assert size / page_data.BLOCK < 85


def test_the_page_is_the_same_bytes_each_time() -> None:
    sample = insights.with_insight(reports.sample(30, names=reports.HOSTILE_NAMES))
    assert rendered(sample) == rendered(sample)


def test_data_is_text_in_which_no_markup_can_begin() -> None:
    """A policy's title that closes the element would be markup, and its rest a script."""
    sample = reports.sample(3, names=reports.HOSTILE_NAMES)
    evil = "</script><script>alert(1)</script><!--"
    sample.policies = tuple(
        structs.replace(policy, title=evil, remediation=evil) for policy in sample.policies
    )
    page = rendered(sample)
    elements = ELEMENT.findall(page)
    assert {name for name, _ in elements} >= {"block", "names", "columns", "words"}
    assert not any(set("<>&") & set(text) for _, text in elements)
    words = json.loads(dict(elements)["words"])
    assert {policy["title"] for policy in words["policies"]} == {evil}
    assert [shown(table.name) for table in sample.rows] == unpacked(page, "names")


def test_blocks_have_an_end_by_tables_and_by_text(monkeypatch: pytest.MonkeyPatch) -> None:
    """A table is opened by unpacking its block, and one block is held at a time."""
    monkeypatch.setattr(page_data, "BLOCK", 7)
    assert unpacked(rendered(reports.sample(20)), "columns")["blocks"] == [7, 7, 6]
    monkeypatch.setattr(page_data, "BLOCK_LETTERS", 1)
    assert unpacked(rendered(reports.sample(3)), "columns")["blocks"] == [1, 1, 1]
    assert unpacked(rendered(reports.sample(0)), "columns")["blocks"] == []


@pytest.mark.nightly
def test_memory_grows_by_few_bytes_a_table(monkeypatch: pytest.MonkeyPatch) -> None:
    """The report may be larger than the memory of the machine that renders it."""
    monkeypatch.setattr(page_data, "BLOCK", 128)

    def peak(tables: int) -> int:
        estate = Estate(tables)
        index = {policy.policy_id: policy for policy in estate.policies}
        tracemalloc.start()
        for _ in page_data.elements(estate, index):
            pass
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    assert (peak(2_048) - peak(512)) / 1_536 < 400
