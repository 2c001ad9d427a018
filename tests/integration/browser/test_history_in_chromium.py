"""What a history adds to the page in a real browser: the trend over runs, and a failure's past."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from msgspec import structs
from playwright.sync_api import expect

from lakewarden.model.history import History
from lakewarden.renderers.words.history import notes, past
from tests.integration.browser.conftest import Opener
from tests.support import histories, reports
from tests.support.html_page import rendered

pytestmark = pytest.mark.browser

RUNS = 45
DRAWN = 40


def with_many_runs() -> reports.Sample:
    """Return a report of forty-five runs, each fifth incomplete, some with other settings."""
    sample = histories.with_history(reports.sample(40), runs=RUNS)
    runs = tuple(
        structs.replace(
            run,
            complete=number % 5 > 0,
            differences=(histories.OTHER_SETTINGS,) if number in {20, 21} else (),
        )
        for number, run in enumerate(history_of(sample).runs)
    )
    sample.history = structs.replace(history_of(sample), runs=runs)
    return sample


def history_of(sample: reports.Sample) -> History:
    assert sample.history is not None
    return sample.history


@pytest.fixture(scope="module")
def sample() -> reports.Sample:
    return with_many_runs()


@pytest.fixture(scope="module")
def report_file(sample: reports.Sample, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("history") / "report.html"
    path.write_text(rendered(sample), encoding="utf-8")
    return path


def test_the_trend_marks_runs_that_are_incomplete_or_not_comparable(
    opened: Opener, sample: reports.Sample
) -> None:
    """A run that read little breaks little: its low column must not look like progress."""
    page = opened(reduced_motion="reduce")  # else a click while it scrolls may miss
    page.locator(".since a").click()
    trend = page.locator("#trend")
    expect(trend).to_be_in_viewport()
    drawn = history_of(sample).runs[-DRAWN:]
    assert trend.locator(".plot g").count() == DRAWN
    assert trend.locator(".plot g.faint").count() == 2
    marks = trend.locator(".plot .mark").all_text_contents()
    assert marks.count("?") == sum(not run.complete for run in drawn)
    assert marks.count("≠") == 2
    expect(trend).to_contain_text("Runs marked ? are incomplete")
    expect(trend.locator(".data table")).to_be_hidden()
    trend.locator(".data > summary").click()
    expect(trend.locator("tbody tr").first).to_be_visible()
    shown = trend.locator("tbody td:last-child").all_text_contents()
    assert shown == [" ".join(notes(run)) for run in drawn]


@pytest.mark.parametrize(("width", "labels"), [(1280, 5), (390, 2)])
def test_marks_and_days_have_room(opened: Opener, width: int, labels: int) -> None:
    page = opened(width=width)
    boxes = page.evaluate(
        "[...document.querySelectorAll('#trend .plot .tick:not(.mark)')]"
        ".filter((each) => each.checkVisibility()).map((each) => each.getBoundingClientRect())"
        ".map((box) => [box.left, box.right])"
    )
    assert len(boxes) == labels
    assert all(right < left for (_, right), (left, _) in pairwise(boxes))
    plot = page.locator("#trend .plot").bounding_box()
    marks = [each.bounding_box() for each in page.locator("#trend .mark").all()]
    assert plot is not None
    assert all(box is not None and box["y"] >= plot["y"] for box in marks)


def test_a_failure_says_since_when_it_is_there_and_what_became_of_it(
    opened: Opener, sample: reports.Sample
) -> None:
    history = history_of(sample)
    again = history.contradictions[0]
    steady = next(each for each in history.oldest if not each.reopened)
    page = opened(reduced_motion="reduce")
    row = page.locator(".row.linked")
    for lasting in (again, steady):
        page.locator("#trend .changes a", has_text=lasting.full_name).first.click()
        expect(row).to_have_attribute("data-name", lasting.full_name)
        expect(row.get_by_text(f"Fails {past(lasting)}.").first).to_be_visible()
    expect(row).not_to_contain_text("reopened")
    for words in ("first found ", "reopened 1 time", "had been reported fixed"):
        assert words in past(again)
