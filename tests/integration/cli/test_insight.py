"""The page for those who answer for the estate, recounted from the tables of the same report."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
import yaml

from lakewarden_collector.sources.demo import demo_config_dir
from tests.support.commandline import CLUSTERED, NOW, document, lakewarden, write_lines

pytestmark = pytest.mark.opa

POLICY = "clustering.strategy_required"
THRESHOLDS = ("size_threshold_bytes", "test_size_threshold_bytes")
Json = dict[str, Any]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for all runs of this module: the demo is made once."""
    return tmp_path_factory.mktemp("home")


def evaluate(home: Path, name: str, *arguments: str | Path, source: str = "demo") -> Json:
    """Evaluate the demo, or another source, and return its report."""
    origin = ("--inventory", source) if source.endswith(".ndjson") else ("--source", source)
    target = home / name
    ended = lakewarden(
        "evaluate", *origin, "--now", NOW, "--report", f"json={target}", *arguments, cwd=home
    )
    assert ended.returncode in {0, 1, 3}, ended.stderr
    loaded: Json = json.loads(target.read_text())
    return loaded


@pytest.fixture(scope="module")
def report(home: Path) -> Json:
    return evaluate(home, "report.json")


def amount(tables: Iterable[Json]) -> Json:
    sizes = [table.get("size", {}).get("bytes") for table in tables]
    return {
        "tables": len(sizes),
        "bytes": sum(size or 0 for size in sizes),
        "unsized": sizes.count(None),
    }


def those(report: Json, holds: Callable[[Json], bool]) -> Json:
    """Count the tables for whose decision by the policy something holds."""
    return amount(table for table in report["tables"] if holds(table["decisions"][POLICY]))


def outcomes(report: Json) -> dict[str, str]:
    return {table["full_name"]: table["decisions"][POLICY]["outcome"] for table in report["tables"]}


def by_name(report: Json) -> dict[str, Json]:
    return {table["full_name"]: table for table in report["tables"]}


def test_the_governed_share_is_what_the_decisions_say(report: Json) -> None:
    mandatory = {
        policy["policy_id"] for policy in report["policies"] if policy["enforcement"] == "mandatory"
    }

    def group(table: Json) -> str:
        made = table["decisions"]
        if any(
            each["outcome"] == "error" or (each["outcome"] == "unknown" and name in mandatory)
            for name, each in made.items()
        ):
            return "undecided"
        about = any(each["outcome"] != "not_applicable" for each in made.values())
        return "governed" if about else "outside"

    governance = report["insight"]["governance"]
    for name in ("governed", "undecided", "outside"):
        assert governance[name] == amount(t for t in report["tables"] if group(t) == name)
    assert governance["undecided"]["tables"] > 0
    assert governance["unread"] == len(report["completeness"]["failures"]) > 0
    known = len(report["tables"]) + governance["unread"]
    assert governance["share"] == pytest.approx(governance["governed"]["tables"] / known)


def test_everyone_with_an_exemption_is_counted_under_one_kind(report: Json) -> None:
    (exempted,) = [e for e in report["insight"]["exempted"] if e["policy_id"] == POLICY]
    assert exempted["total"] == those(report, lambda decision: decision["outcome"] == "exempt")

    def first(decision: Json) -> str:
        kinds = {each["kind"] for each in decision.get("exemptions", [])}
        return next((kind for kind in ("flag", "rule", "waiver") if kind in kinds), "")

    for kind in ("flag", "rule", "waiver"):
        assert exempted["kinds"][kind] == those(report, lambda d, kind=kind: first(d) == kind)  # type: ignore[misc]  # a default binds the loop's value


def test_the_largest_that_lack_a_strategy_are_the_largest(report: Json) -> None:
    def lacks(decision: Json) -> bool:
        return decision["outcome"] == "fail" or decision.get("would_be") == "fail"

    lacking = [table for table in report["tables"] if lacks(table["decisions"][POLICY])]
    lacking.sort(key=lambda table: (-table["size"]["bytes"], table["full_name"]))
    (reported,) = report["insight"]["lacking"]
    assert [each["full_name"] for each in reported["largest"]] == [
        table["full_name"] for table in lacking[:10]
    ]
    assert reported["failing"]["tables"] + reported["excused"]["tables"] == len(lacking) > 10


@pytest.fixture(scope="module")
def stricter(home: Path) -> Path:
    """Halve the thresholds of the demo's own configuration, in overrides too."""
    config = home / "stricter"
    shutil.copytree(demo_config_dir(), config)
    file = config / "clustering_config.yaml"
    settings = yaml.safe_load(file.read_text())
    for part in (settings, *settings.get("overrides", ())):
        part.update({name: part[name] // 2 for name in THRESHOLDS if name in part})
    file.write_text(yaml.safe_dump(settings))
    return config


def test_a_trial_says_what_a_run_with_those_settings_says(
    home: Path, report: Json, stricter: Path
) -> None:
    """Who lowers the threshold on this page's word must find what it promised."""
    other = evaluate(home, "other.json", "--config", stricter)
    (tried,) = [each for each in report["insight"]["what_if"] if each["factor"] == 0.5]
    then, now = outcomes(report), outcomes(other)
    for part, outcome in (("failing", "fail"), ("exempt", "exempt"), ("unknown", "unknown")):
        assert tried[part] == those(other, lambda d, outcome=outcome: d["outcome"] == outcome)  # type: ignore[misc]  # a default binds the loop's value
    newly = {name for name in now if now[name] == "fail" != then[name]}
    assert tried["newly_failing"] == amount(by_name(other)[name] for name in newly)
    assert {*tried["examples"]} == newly
    assert newly
    assert tried["no_longer_failing"]["tables"] == 0
    assert tried["settings"] == {
        name: yaml.safe_load((stricter / "clustering_config.yaml").read_text())[name]
        for name in THRESHOLDS
    }


def test_either_engine_gives_the_same_insight(home: Path, report: Json) -> None:
    embedded = evaluate(home, "embedded.json", "--engine", "embedded")
    assert embedded["run"]["engine"]["name"] != report["run"]["engine"]["name"]
    assert embedded["insight"] == report["insight"]
    assert [each["factor"] for each in report["insight"]["what_if"]] == [0.25, 0.5, 2, 4]


def test_an_edited_configuration_shows_as_change(home: Path, report: Json, stricter: Path) -> None:
    other = evaluate(home, "changed.json", "--config", stricter, "--previous", home / "report.json")
    change = other["insight"]["change"]
    assert "The settings of the two runs differ." in change["differences"]
    assert change["clock"] == report["run"]["clock"]
    then, now = outcomes(report), outcomes(other)
    newly = {name for name in now if now[name] == "fail" != then[name]}
    (moved,) = change["moved"]
    assert (moved["policy_id"], moved["before"], moved["after"]) == (POLICY, "exempt", "fail")
    assert moved["amount"] == amount(by_name(other)[name] for name in newly)
    assert {*moved["examples"]} == newly == {*change["broken_examples"]}
    for side, of in (("before", report), ("after", other)):
        reported = {status: each["tables"] for status, each in change[side].items()}
        assert reported == of["summary"]["tables_by_status"]
    assert change["added"]["tables"] == change["removed"]["tables"] == 0


def lake(home: Path, name: str, *documents: Json) -> str:
    return str(write_lines(home / name, *documents))


def test_a_table_that_came_and_one_that_went_are_named(home: Path) -> None:
    """Last month's report against today's: what was done, and what came undone."""
    kept = document("kept", **CLUSTERED)
    before = lake(home, "before.ndjson", kept, document("gone"), document("done"))
    after = lake(home, "after.ndjson", kept, document("new"), document("done", **CLUSTERED))
    evaluate(home, "before.json", source=before)
    today = evaluate(home, "after.json", "--previous", "before.json", source=after)
    change = today["insight"]["change"]
    large = {"tables": 1, "bytes": 2**31, "unsized": 0}
    nothing = {"tables": 0, "bytes": 0, "unsized": 0}
    assert (change["added"], change["added_examples"]) == (large, ["main.sales.new"])
    assert (change["removed"], change["removed_examples"]) == (large, ["main.sales.gone"])
    assert (change["fixed"], change["fixed_examples"]) == (large, ["main.sales.done"])
    assert (change["broken"], change["broken_examples"]) == (nothing, [])
    (moved,) = [each for each in change["moved"] if each["policy_id"] == POLICY]
    assert (moved["before"], moved["after"], moved["amount"]) == ("fail", "pass", large)
    (reported,) = change["differences"]
    assert "before.ndjson" in reported


def test_a_report_of_a_version_without_insight_can_be_compared(home: Path, report: Json) -> None:
    older = {key: value for key, value in report.items() if key != "insight"}
    (home / "older.json").write_text(json.dumps(older))
    again = evaluate(home, "again.json", "--previous", "older.json")
    change = again["insight"]["change"]
    assert change["before"] == change["after"]
    assert change["moved"] == []
    assert {**again["insight"], "change": None} == report["insight"]


def test_two_comparisons_differ_in_their_run_alone(home: Path) -> None:
    """Who repeats a run must get the same bytes, changes included."""
    tables = lake(home, "tables.ndjson", *(document(f"t{number}") for number in range(300)))
    fewer = lake(home, "fewer.ndjson", *(document(f"t{number}") for number in range(0, 300, 2)))
    evaluate(home, "first.json", source=fewer)
    written = []
    for name in ("one.json", "two.json"):
        evaluate(home, name, "--previous", "first.json", source=tables)
        written.append((home / name).read_text().splitlines()[:-1])
    assert written[0] == written[1]
