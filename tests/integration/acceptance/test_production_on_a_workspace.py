"""The production layer on a workspace: what it judges, and what it says where it cannot."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.integration.acceptance.production_runs import (
    BROKEN,
    HOLDS,
    NOT_JUDGED,
    Production,
    on_workspace,
)
from tests.integration.acceptance.varied_estate import settings_for, varied_estate
from tests.workspace.estate import SqlError
from tests.workspace.faults import FailedStatements
from tests.workspace.grants import Guarded
from tests.workspace.handmade import GIB, HandmadeEstate
from tests.workspace.server import Workspace

pytestmark = [pytest.mark.opa, pytest.mark.nightly]

SMALL_AND_LARGE: Final = ("-m", "small_tables_auto_exemption or large_tables_must_cluster")
SMALL_AND_WHOLE: Final = ("-m", "small_tables_auto_exemption or comprehensive_compliance")
SIZE_KNOWN: Final = "The size that decides is known"
WHOLE: Final = "The whole estate could be judged"
TIMED_OUT: Final = SqlError("HYT00", "STATEMENT_TIMEOUT", "It was ended after 600 seconds.")


def report_of(home: Path) -> Path:
    """Return the JSON report that a run has written."""
    return home / "written" / "production0" / "report.json"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def well(home: Path) -> Iterator[Production]:
    """Judge an estate of which everything is known, by settings of its own."""
    config = settings_for(home / "settings")
    with Workspace(varied_estate()) as w:
        yield on_workspace(w, home, f"--evaluate-with=--config={config}")


def test_an_estate_of_which_everything_is_known_is_judged_by_every_scenario(
    well: Production,
) -> None:
    """The same scenarios as on the demo, with a workspace and databricks-sdk behind them."""
    assert well.code == 0, well.out
    assert well.those(BROKEN) == set()
    assert well.those(NOT_JUDGED) == {
        # Each is about the opposite of what this estate has.
        "A table is not taken for one that is seldom read because nobody counted",
        "Nothing is asked of a table that is read often, unless the settings ask it",
    }
    assert well.counts == {"passed": len(well.those(HOLDS)), "skipped": 2}
    assert "production layer: databricks, read-only" in well.out


def test_a_long_evaluation_says_how_far_it_is(well: Production) -> None:
    assert "Reading tables from " in well.err, "progress is shown while tests run"


def test_the_insight_stands_before_the_last_line(well: Production, home: Path) -> None:
    lines = well.out.splitlines()
    assert "what was found: databricks" in well.out
    assert any(line.startswith("governed: 18 of 18 tables (100%)") for line in lines)
    assert any("Large tables have a clustering strategy: 4 by rule" in line for line in lines)
    assert str(report_of(home)) in lines
    assert "passed" in lines[-1]


@pytest.fixture(scope="module")
def troubled(
    well: Production, home: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Production]:
    """Judge an estate that is dark in parts, changes meanwhile and takes too long."""
    assert well.code == 0
    estate = varied_estate()
    sales = estate.catalog("main").schema("sales")
    for name in ("denied", "dropped", "stuck"):
        sales.table(name, bytes=5 * GIB)
    estate.catalog("main").schema("dark").table("unseen")
    guarded = Guarded(estate)
    guarded.revoke_select("main", "sales", "denied")
    guarded.drop("main", "sales", "dropped")
    guarded.revoke_schema("main", "dark")
    stuck = FailedStatements(TIMED_OUT, containing="stuck")
    with Workspace(guarded, behaviours=[stuck]) as w:
        yield on_workspace(
            w,
            tmp_path_factory.mktemp("home"),
            *SMALL_AND_WHOLE,
            f"--previous={report_of(home)}",
        )


def test_what_could_be_read_is_judged_all_the_same(troubled: Production) -> None:
    assert troubled.code == 0, troubled.out
    assert troubled.those(BROKEN) == set()
    assert troubled.those(NOT_JUDGED) == {
        SIZE_KNOWN,
        WHOLE,
        "Tables for tests have a threshold of their own",  # by default there is no such schema
    }
    assert troubled.counts["skipped"] == 3


@pytest.mark.parametrize(
    "words",
    [  # a right was taken away, a table dropped, a statement timed out
        "1 table: access to the size was denied (main.sales.denied: DESCRIBE DETAIL is not allowed",
        "main.sales.dropped: it was dropped since it was listed (",
        "main.sales.stuck: DESCRIBE DETAIL failed ([STATEMENT_TIMEOUT] It was ended after",
    ],
)
def test_a_table_whose_size_nobody_could_ask_for_is_told_with_the_reason(
    troubled: Production, words: str
) -> None:
    """Denied, dropped and timed out: neither small nor large, and never passed over."""
    for scenario in (SIZE_KNOWN, WHOLE):
        assert words in troubled.output[scenario][1]


def test_a_schema_that_may_not_be_listed_is_told_with_the_grant(troubled: Production) -> None:
    assert "could not be read: schema main.dark (PERMISSION_DENIED" in troubled.output[WHOLE][1]
    assert "GRANT USE SCHEMA, SELECT ON SCHEMA main.dark TO" in troubled.out


def test_what_has_changed_since_a_previous_report_is_told(troubled: Production) -> None:
    assert "(databricks):" in troubled.out
    assert "  new: 3 tables" in troubled.out


def test_without_a_warehouse_nothing_that_hangs_on_a_size_passes(tmp_path: Path) -> None:
    with Workspace(varied_estate()) as w:
        ended = on_workspace(w, tmp_path, *SMALL_AND_LARGE, warehouse=False)
    assert ended.code == 0, ended.out
    assert ended.those(HOLDS) == {
        "An excluded table is exempt before its size is looked at",
        "A clustered table has what is asked of it",
    }
    assert ended.counts == {"passed": 2, "skipped": 10}
    for scenario in ended.those(NOT_JUDGED):
        assert "no SQL warehouse is configured" in ended.output[scenario][1], scenario


def test_of_an_estate_without_tables_nothing_passes(tmp_path: Path) -> None:
    estate = HandmadeEstate()
    estate.catalog("main").schema("sales")
    with Workspace(estate) as w:
        ended = on_workspace(w, tmp_path)
    assert ended.counts == {"skipped": len(ended.output)}, ended.out
    assert {why for _, why in ended.output.values()} == {
        "nothing was evaluated: the estate has no tables"
    }


def test_where_nothing_could_be_evaluated_everything_fails_with_the_tools_own_words(
    tmp_path: Path,
) -> None:
    with Workspace(varied_estate()) as w:
        w.token = "wrong"  # noqa: S105 -- it opens nothing
        ended = on_workspace(w, tmp_path)
    assert ended.code == 1
    assert ended.counts == {"failed": len(ended.output)}
    assert ended.out.count("\nlakewarden evaluate ended with exit 4: error: ") == 1
    reasons = [why for _, why in ended.output.values()]
    assert reasons.count("there is no evaluation: see the first failure") == len(reasons) - 1
    assert "remedy: Sign in again" in ended.out
    assert "There is no report: nothing could be evaluated." in ended.out


def test_the_report_that_was_judged_is_left_to_read(well: Production, home: Path) -> None:
    assert well.code == 0
    report = json.loads(report_of(home).read_text())
    assert report["run"]["source"] == "databricks"
    assert report["insight"]["governance"]["governed"]["tables"] == 18
