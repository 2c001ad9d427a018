"""`--with INVENTORY` and `--previous`: what a plan makes of the tables as they stand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import pytest

from tests.support.commandline import CLUSTERED, document, lakewarden, write_lines

pytestmark = pytest.mark.opa

_SQL: Final = """
ALTER TABLE main.sales.bare CLUSTER BY (id);
ALTER TABLE main.sales.Keyed CLUSTER BY NONE;
CREATE TABLE main.sales.fresh (id BIGINT) CLUSTER BY (id);
"""
_PLAN: Final = ("--source", "sql:V1.sql")


def _estate(folder: Path, *more: dict[str, Any]) -> None:
    (folder / "V1.sql").write_text(_SQL)
    columns = [{"name": "id", "type_text": "bigint"}]
    documents = (
        document("bare", columns=columns),
        document("keyed", **CLUSTERED),
        document("other"),
    )
    header = {
        "schema_version": 1,
        "source": "databricks",
        "scope": "Databricks",
        "started_at": "2026-11-20T05:10:00Z",
        "tool_version": "0.1.0",
    }
    end = {"documents": 3, "failures": len(more)}
    write_lines(folder / "estate.ndjson", {"inventory": header}, *documents, *more, {"end": end})


def _evaluate(folder: Path, *options: str, code: int) -> tuple[str, Any]:
    reports = ("-o", "r.json", "-o", "r.md", "-o", "r.html")
    ended = lakewarden("evaluate", *options, *reports, cwd=folder)
    assert ended.returncode == code, ended.stdout + ended.stderr
    return ended.stdout, json.loads((folder / "r.json").read_text())


def _change(report: Any) -> dict[str, Any]:  # noqa: ANN401 -- JSON
    change = report["insight"]["change"]
    assert change["planned"]
    assert change["removed"]["tables"] == 0, "a plan says nothing of the other tables"
    return {name: change[f"{name}_examples"] for name in ("broken", "fixed", "added")}


def test_the_report_says_what_the_plan_breaks_and_fixes(tmp_path: Path) -> None:
    """From the estate or from a report about it: the reviewer of a pull request asks the same."""
    _estate(tmp_path)
    console, report = _evaluate(tmp_path, *_PLAN, "--with", "estate.ndjson", code=1)
    expected = {
        "broken": ["main.sales.keyed"],
        "fixed": ["main.sales.bare"],
        "added": ["main.sales.fresh"],
    }
    assert _change(report) == expected
    assert (
        "The plan breaks 1 table and fixes 1, compared with estate.ndjson of "
        "2026-11-20 05:10:00 UTC" in console
    )
    assert "### What the plan changes" in (tmp_path / "r.md").read_text()
    assert "What the plan changes" in (tmp_path / "r.html").read_text()
    assert report["run"]["scope"] == "V1.sql, with estate.ndjson"

    lakewarden("evaluate", "--inventory", "estate.ndjson", "-o", "before.json", cwd=tmp_path)
    again = ("--with", "estate.ndjson", "--previous", "before.json")
    _, report = _evaluate(tmp_path, *_PLAN, *again, code=1)
    assert _change(report) == expected
    assert report["insight"]["change"]["scope"] == "estate.ndjson"


def test_what_was_collected_with_the_estate_is_decided_alike_later(tmp_path: Path) -> None:
    _estate(tmp_path)
    beside = (*_PLAN, "--with", "estate.ndjson")
    assert lakewarden("collect", *beside, "-o", "plan.ndjson", cwd=tmp_path).returncode == 0
    _, now = _evaluate(tmp_path, *beside, code=1)
    _, later = _evaluate(tmp_path, "--inventory", "plan.ndjson", code=1)
    assert now["tables"] == later["tables"]
    assert now["run"]["digests"]["inventory"] == later["run"]["digests"]["inventory"]


@pytest.mark.parametrize(
    ("what", "covers", "code"),
    [
        ("schema main.sales", "schema", 3),
        ("catalog main", "catalog", 3),
        ("the catalogs of the workspace", "workspace", 3),
        ("schema main.other", "schema", 1),
        ("main.sales.other", "table", 1),
    ],
)
def test_what_the_estate_lacks_counts_where_it_may_concern_the_plan(
    tmp_path: Path, what: str, covers: str, code: int
) -> None:
    """A table of the plan that the estate couldn't show isn't a new one."""
    lost = {"what": what, "where": "h", "reason": "no USE", "remedy": "Grant.", "covers": covers}
    _estate(tmp_path, {"failure": lost})
    options = ("--allow", "fail", *_PLAN, "--with", "estate.ndjson")
    _, report = _evaluate(tmp_path, *options, code=3 if code == 3 else 0)
    failures = report["completeness"]["failures"]
    assert bool(failures) is (code == 3)
    assert report["completeness"]["tables_failed"] == 0
