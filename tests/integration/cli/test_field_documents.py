"""Documents from the field that contradict themselves, or hold what nobody can see.

None of them is decided by what contradicts itself: it is refused with its line, or unknown.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import pytest

from tests.support.commandline import REPOSITORY, lakewarden

pytestmark = pytest.mark.opa

DOCUMENTS: Final = REPOSITORY / "tests" / "support" / "field" / "documents"
_STRATEGY: Final = "clustering.strategy_required"
_REFUSED: Final = {
    1: "`$.size.as_of`",  # of 2261
    6: "1700-01-01T00:00:00Z lies before 1970",
    7: "'size' is absent, but it is there",
    8: "'properties' is absent, but it is there",
    9: "'properties' is absent, but it is there",
    10: "'columns' is absent, but it is there",
    14: "its parts make 'prod.pytest_test_data.mism1'",
    15: "its parts make 'prod.sales.mism2'",
    16: "its parts make 'prod.sales.m3'",
    19: "its parts make",
}
_TWICE: Final = {
    "prod.sales.Case, prod.sales.case, prod.sales.CASE": (11, 12, 13),
    "prod.sales.`a.b`": (17, 18),
}


def _decided(home: Path, name: str) -> dict[str, Any]:
    path = DOCUMENTS / name
    ended = lakewarden(
        *("evaluate", "--inventory", path, "--now", "2026-11-24T00:00:00Z"),
        *("--report", "json=report.json", "--no-gate"),
        cwd=home,
    )
    assert ended.returncode == 0, ended.stderr
    report: dict[str, Any] = json.loads((home / "report.json").read_text())
    return report


@pytest.fixture(scope="module")
def contradictory(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return _decided(tmp_path_factory.mktemp("home"), "contradictory.ndjson")


def test_what_contradicts_itself_is_refused_with_its_line(contradictory: dict[str, Any]) -> None:
    failures = contradictory["completeness"]["failures"]
    path = DOCUMENTS / "contradictory.ndjson"
    found = {each["where"]: each["reason"] for each in failures if each["what"] not in _TWICE}
    assert set(found) == {f"{path}:{line}" for line in _REFUSED}
    for line, reason in _REFUSED.items():
        assert reason in found[f"{path}:{line}"]
    twice = {each["what"]: each["where"] for each in failures if each["what"] in _TWICE}
    assert twice == {
        name: ", ".join(f"{path}:{line}" for line in lines) for name, lines in _TWICE.items()
    }


def test_what_is_not_known_decides_nothing(contradictory: dict[str, Any]) -> None:
    tables = {table["name"]: table["decisions"] for table in contradictory["tables"]}
    lacking = {
        name: {missing["kind"] for missing in decisions[_STRATEGY].get("missing", [])}
        for name, decisions in tables.items()
    }
    assert {name: kinds for name, kinds in lacking.items() if kinds} == {
        **{name: {"size"} for name in ("future_1d", "old_small", "undated", "detailsize")},
        **{name: {"properties"} for name in ("noprops", "detailprops")},
    }
    assert tables["exact_nodate"][_STRATEGY]["outcome"] == "exempt"  # an exact size decides
    for name in ("prop_case", "excl_case", "auto_case", "x'y"):
        assert tables[name][_STRATEGY]["outcome"] == "fail"
    [violation] = tables["x'y"][_STRATEGY]["violations"]
    assert "ALTER TABLE prod.sales.`x'y` CLUSTER BY" in violation["fixes"][0]["sql"][0]


def test_nothing_without_properties_passes_or_fails_by_them(contradictory: dict[str, Any]) -> None:
    for table in contradictory["tables"]:
        if table["name"] in ("noprops", "detailprops"):
            outcomes = {
                decision["outcome"]
                for policy, decision in table["decisions"].items()
                if policy.startswith("clustering.")
            }
            assert outcomes == {"unknown", "not_applicable"}


def test_what_shows_nothing_is_empty(tmp_path: Path) -> None:
    [table] = _decided(tmp_path, "invisible_text.ndjson")["tables"]
    outcomes = {
        policy: decision["outcome"]
        for policy, decision in table["decisions"].items()
        if policy.startswith("documentation.")
    }
    assert outcomes == {
        "documentation.columns_commented": "fail",
        "documentation.owner_is_group": "fail",
        "documentation.table_commented": "fail",
    }
    [violation] = table["decisions"]["documentation.owner_is_group"]["violations"]
    assert violation["actual"] == "nobody"
