"""A run of the history is compared as its report would be, and named without a doubt."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec import structs

from lakewarden.history.past_report import PastRuns
from lakewarden.model.errors import ConfigurationError
from lakewarden.model.report import TableReport
from lakewarden.report.diff import Differ
from lakewarden.report.old_report import ComparedReport, OldReport
from tests.support import reports
from tests.support.past_runs import ERROR, EXEMPT, KEYED, PLAIN, add, failing, report, table


@pytest.fixture(scope="module")
def samples() -> list[reports.Sample]:
    """Return the reports of three days, the last about other tables."""
    return [
        report(
            0.5,
            table("a", {KEYED: failing("x", "y")}),
            table("b", {PLAIN: failing()}, size=None),
            table("gone", {PLAIN: failing()}),
        ),
        report(
            1.5,
            table("a", {KEYED: failing("y", "z")}),
            table("b", {PLAIN: EXEMPT, KEYED: ERROR}, size=None),
            table("new", {PLAIN: failing()}),
        ),
        report(2.5, table("a", {}), scope="another"),
    ]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, samples: list[reports.Sample]) -> Path:
    folder = tmp_path_factory.mktemp("history") / "h"
    for sample in samples:
        add(folder, sample)
    return folder


def changes(
    old: tuple[ComparedReport, list[TableReport]],
    new: tuple[ComparedReport, list[TableReport]],
) -> list[tuple[str, str, str | None, str, str | None]]:
    differ = Differ(OldReport(*old), new[0])
    return sorted(
        (each.full_name, each.policy_id, each.key, each.change, each.severity)
        for each in differ.changes(new[1])
    )


def test_runs_differ_as_their_reports_do(place: Path, samples: list[reports.Sample]) -> None:
    runs = PastRuns(str(place))
    kept = [runs.report(runs.find(day)) for day in ("2026-03-01", "2026-03-02")]
    found = changes(*((each, list(each.tables())) for each in kept))
    expected = changes(*((each, list(each.tables())) for each in samples[:2]))
    assert found == expected
    assert {each[3] for each in found} == {"new", "fixed", "exempt", "gone"}
    again = PastRuns(str(place)).past_failures(runs.find("2026-03-02"))
    (since, _) = again["main.sales.a", KEYED]
    assert since.failing_since.startswith("2026-03-0")


def test_a_run_is_named_by_a_day_an_id_or_its_place(place: Path) -> None:
    runs = PastRuns(str(place))
    first, second, third = (runs.find(f"2026-03-0{day}") for day in (1, 2, 3))
    assert runs.find("latest") is third
    assert runs.find("2026-12-24") is third
    assert runs.find(second.run_id[:10]) is second
    assert runs.find("previous", second) is first
    assert runs.find("latest", second) is second, "of those about the same tables"
    assert runs.find(third.run_id, second) is third


@pytest.mark.parametrize("text", ["", "a", "2026-02-01", "previous", "0" * 32])
def test_what_names_no_run_is_refused_with_those_that_there_are(place: Path, text: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        PastRuns(str(place)).find(text)
    assert "The latest runs are: " in caught.value.remedy


def test_the_history_knows_a_renamed_table_by_its_id(tmp_path: Path) -> None:
    rows = [
        structs.replace(table(name, {PLAIN: failing()}), table_id="id") for name in ("old", "new")
    ]
    for day, row in enumerate(rows):
        add(tmp_path / "h", report(day, row))
    runs = PastRuns(str(tmp_path / "h"))
    latest = runs.find("latest")
    ((past,),) = runs.past_failures(latest).values()
    assert past.first_failed_at.startswith("2026-03-01")
    before, after = (runs.report(runs.find(day)) for day in ("2026-03-01", "2026-03-02"))
    differ = Differ(OldReport(before, before.tables()), after)
    assert list(differ.changes(after.tables(), after.tables)) == []
    assert differ.result().tables.renamed.amount.tables == 1
