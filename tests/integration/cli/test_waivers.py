"""Waivers are judged by policies about them: in a run, in its report, and without a run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

import pytest

from tests.support.commandline import CLUSTERED, NOW, document, lakewarden, write_lines

pytestmark = pytest.mark.opa

WAIVERS: Final = """\
waivers:
  - policy: clustering.strategy_required
    table: main.sales.orders
    reason: Rewritten in spring
    owner: Sales
    approved_by: sales
    ticket: GOV-1
    expires: 2027-01-31
"""
LARGE: Final = {"size": {"bytes": 5 << 30, "origin": "describe_detail", "exact": True}}


@pytest.mark.parametrize("engine", ["opa", "embedded"])
def test_a_waiver_that_its_owner_approved_gates_where_a_team_wants_that(
    engine: str, tmp_path: Path
) -> None:
    config = tmp_path / "config"
    config.mkdir()
    (config / "waivers.yaml").write_text(WAIVERS)
    write_lines(tmp_path / "lake.ndjson", document("orders", **LARGE, **CLUSTERED))
    at = ("--now", NOW, "--engine", engine)
    asked = (
        "evaluate",
        "--inventory",
        "lake.ndjson",
        "--no-what-if",
        "-o",
        "r.json",
        "-o",
        "r.md",
        *at,
    )
    (config / "approval_config.yaml").write_text(
        "enforcement: {approved_by_another: mandatory, life_limited: off}\n"
    )
    ended = lakewarden(*asked, cwd=tmp_path)
    assert ended.returncode == 1, ended.stderr
    assert "fail: approval.approved_by_another (mandatory, high)" in ended.stdout
    report = json.loads((tmp_path / "r.json").read_text())
    assert report["gate"]["reasons"] == ["1 mandatory decision about waivers failed"]
    judged = report["judged"]
    assert [each["policy_id"] for each in judged["policies"]] == [
        "approval.approved_by_another",
        "approval.ticket_named",
    ]
    assert judged["outcomes"]["approval.ticket_named"]["pass"] == judged["waivers"] == 1
    assert "approved by its own owner" in (tmp_path / "r.md").read_text()

    linted = lakewarden("waivers", "lint", *at, cwd=tmp_path)
    assert linted.returncode == 1
    assert linted.stdout.startswith("config/waivers.yaml:2: policy: approval.approved_by_another:")
