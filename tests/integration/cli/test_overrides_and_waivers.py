"""Overrides and waivers from the files of a team to the report, through the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.commandline import NOW, document, lakewarden, write_lines

pytestmark = pytest.mark.opa

POLICY = "clustering.strategy_required"
SETTINGS = """
overrides:
- tables: "main.sales.*"
  size_threshold_bytes: 4294967296
- tables: ["main.sales.big", "main.sales.huge"]
  enforcement: {strategy_required: advisory}
  severity: {strategy_required: low}
- tables: "nowhere.*"
  max_clustering_columns: 1
"""
WAIVERS = """
waivers:
- policy: clustering.strategy_required
  table: main.ops.lots
  reason: Rewritten in spring
  owner: ops
  approved_by: Head of Data
  expires: 2027-01-31
- policy: clustering.strategy_required
  pattern: "main.hr.*"
  reason: Was to be done by summer
  owner: hr
  approved_by: Head of Data
  expires: 2026-06-30
- policy: clustering.strategy_required
  table: main.ops.lost
  reason: Misspelt
  owner: ops
  approved_by: Head of Data
  expires: 2027-01-31
"""


def estate() -> list[dict[str, Any]]:
    def elsewhere(schema: str, name: str) -> dict[str, Any]:
        return document(name, full_name=f"main.{schema}.{name}", schema_name=schema)

    return [
        document("orders"),
        document("big", size={"bytes": 2**33, "exact": True}),
        elsewhere("hr", "people"),
        elsewhere("ops", "lots"),
        elsewhere("ops", "parts"),
    ]


@pytest.fixture(scope="module", params=["opa", "embedded"])
def ran(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:  # noqa: ANN401 -- a pair
    folder = tmp_path_factory.mktemp("team")
    (folder / "config").mkdir()
    (folder / "config" / "clustering_config.yaml").write_text(SETTINGS)
    (folder / "config" / "waivers.yaml").write_text(WAIVERS)
    ended = lakewarden(
        "evaluate",
        "--inventory",
        write_lines(folder / "lake.ndjson", *estate()),
        "--policy",
        "clustering.*",
        "--report",
        "json=report.json",
        "--engine",
        request.param,
        "--now",
        NOW,
        cwd=folder,
    )
    report: dict[str, Any] = json.loads((folder / "report.json").read_text())
    return ended, report


def decision(report: dict[str, Any], full_name: str) -> dict[str, Any]:
    (table,) = (table for table in report["tables"] if table["full_name"] == full_name)
    found: dict[str, Any] = table["decisions"][POLICY]
    return found


def test_a_table_has_the_settings_of_its_override_and_the_decision_says_so(ran: Any) -> None:  # noqa: ANN401 -- a pair
    """2 GiB are large for all but main.sales, where the override says 4."""
    _, report = ran
    assert decision(report, "main.ops.parts")["outcome"] == "fail"
    assert "override" not in decision(report, "main.ops.parts")
    orders = decision(report, "main.sales.orders")
    assert (orders["outcome"], orders["override"]) == ("exempt", "main.sales.*")
    (table,) = (each for each in report["tables"] if each["full_name"] == "main.sales.orders")
    assert table["facts"]["clustering"]["threshold_bytes"] == 2**32
    assert "override" not in table["decisions"]["clustering.key_limit"]


def test_enforcement_by_override_decides_what_gates(ran: Any) -> None:  # noqa: ANN401 -- a pair
    ended, report = ran
    big = decision(report, "main.sales.big")
    assert (big["outcome"], big["enforcement"], big["severity"]) == ("fail", "advisory", "low")
    assert big["override"] == "main.sales.*; main.sales.big, main.sales.huge"
    assert ended.returncode == 1
    assert report["gate"]["reasons"] == ["2 mandatory decisions failed"]


def test_an_override_that_matches_no_table_is_named_with_its_line(ran: Any) -> None:  # noqa: ANN401 -- a pair
    ended, report = ran
    words = "The override for nowhere.* (config/clustering_config.yaml:8) matches no table"
    assert words in ended.stdout
    assert any(words in notice for notice in report["run"]["notices"])


def test_waivers_exempt_while_they_last_and_the_others_are_named(ran: Any) -> None:  # noqa: ANN401 -- a pair
    ended, report = ran
    lots = decision(report, "main.ops.lots")
    assert (lots["outcome"], lots["would_be"]) == ("exempt", "fail")
    assert lots["violations"]
    assert decision(report, "main.hr.people")["outcome"] == "fail"
    states = [(each["state"], each["excuses"]) for each in report["waivers"]]
    assert states == [("active", 1), ("expired", 0), ("active", 0)]
    assert report["waivers"][2]["conditions"] == {"unused": "No table has its name."}
    assert f"main.hr.*  {POLICY}: expired on 2026-06-30" in ended.stdout
    assert f"main.ops.lost  {POLICY}: active until 2027-01-31, matching no table" in ended.stdout


def test_a_narrowed_run_calls_no_name_wrong(tmp_path: Path) -> None:
    """What was left out may well have it; who removed the waiver would be found out later."""
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "clustering_config.yaml").write_text(SETTINGS)
    (tmp_path / "config" / "waivers.yaml").write_text(WAIVERS)
    lake = write_lines(tmp_path / "lake.ndjson", *estate())
    ended = lakewarden("evaluate", "--inventory", lake, "--table", "main.hr.*", cwd=tmp_path)
    assert "matching no table" not in ended.stdout
    assert "2 not seen in this run" in ended.stdout


@pytest.mark.parametrize(
    ("expires", "options", "code"),
    [
        ("2027-01-31", ["--strict-waivers"], 0),
        ("2026-06-30", ["--strict-waivers", "--allow", "fail"], 1),
        ("2026-06-30", ["--strict-waivers", "--allow", "fail", "--no-gate"], 0),
        ("2026-06-30", ["--allow", "fail"], 1),  # by the project file
        ("2026-06-30", ["--lax-waivers", "--allow", "fail"], 0),
    ],
)
def test_a_waiver_that_has_to_be_put_right_ends_a_strict_run_with_1(
    tmp_path: Path, expires: str, options: list[str], code: int
) -> None:
    (tmp_path / "config").mkdir()
    waiver = WAIVERS.split("- policy")[1].replace("2027-01-31", expires)
    (tmp_path / "config" / "waivers.yaml").write_text(f"waivers:\n- policy{waiver}")
    (tmp_path / "lakewarden.toml").write_text("strict_waivers = true\n")
    lake = write_lines(tmp_path / "lake.ndjson", estate()[3])
    ended = lakewarden(
        *("evaluate", "--inventory", lake, "--policy", POLICY, "--engine", "embedded"),
        *("--now", NOW, *options),
        cwd=tmp_path,
    )
    assert ended.returncode == code, ended.stdout
    named = f"put right (--strict-waivers): {POLICY} for main.ops.lots is expired"
    assert (named in ended.stdout) is (code == 1 or "--no-gate" in options)


def test_a_waiver_that_lasts_too_long_is_not_applied_and_says_so(tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "clustering_config.yaml").write_text("max_waiver_days: {high: 90}\n")
    (tmp_path / "config" / "waivers.yaml").write_text(WAIVERS)
    lake = write_lines(tmp_path / "lake.ndjson", estate()[3])
    ended = lakewarden(
        *("evaluate", "--inventory", lake, "--policy", POLICY, "--engine", "embedded"),
        *("--now", NOW),
        cwd=tmp_path,
    )
    assert ended.returncode == 1
    assert "active until 2027-01-31, too long to apply" in ended.stdout
    assert "a waiver of a policy of severity high may last 90 days" in ended.stdout
