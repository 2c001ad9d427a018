"""The gates of a pull request: by the rules of the branch it goes to, and by a ratchet."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import pytest

from tests.support.commandline import document, lakewarden, write_lines
from tests.support.git_checkout import commit_files

pytestmark = pytest.mark.opa

GIB: Final = 1 << 30


def sized(name: str, size: int) -> dict[str, Any]:
    return document(name, size={"bytes": size, "origin": "describe_detail", "exact": True})


def settings(size: int) -> dict[str, str]:
    return {"config/clustering_config.yaml": f"size_threshold_bytes: {size}\n"}


@pytest.fixture
def team(tmp_path: Path) -> Path:
    """Return a repository on whose main branch `large` fails, and `middling` is small."""
    write_lines(tmp_path / "lake.ndjson", sized("large", 9 * GIB), sized("middling", 3 * GIB))
    commit_files(tmp_path, settings(5 * GIB))
    return tmp_path


def evaluated(team: Path, *options: str, inventory: str = "lake.ndjson") -> int:
    policy = ("--policy", "clustering.strategy_required", "--no-what-if")
    arguments = ("--inventory", inventory, *policy, "-o", "r.json", *options)
    ended = lakewarden("evaluate", *arguments, cwd=team)
    assert ended.returncode in {0, 1, 2, 3}, ended.stderr
    return ended.returncode


def report(team: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((team / "r.json").read_text())
    return found


def test_a_change_of_settings_gates_on_what_it_newly_breaks(team: Path) -> None:
    assert evaluated(team, "--baseline-from", "main") == 0
    found = report(team)["baseline"]
    assert (found["origin"], found["failing"], found["over"]) == ("git", 1, 0)
    (team / "config/clustering_config.yaml").write_text(f"size_threshold_bytes: {GIB}\n")
    assert evaluated(team, "--baseline-from", "main", "--pack", "p.zip") == 1
    assert report(team)["gate"]["reasons"] == [
        "1 mandatory decision failed beyond what the baseline knows"
    ]
    ended = lakewarden("replay", "p.zip", cwd=team)
    assert ended.returncode == 0, ended.stdout


def test_an_earlier_report_and_an_earlier_inventory_accept_what_they_have(team: Path) -> None:
    write_lines(team / "old.ndjson", sized("large", 9 * GIB))
    assert evaluated(team, "--baseline-from", "old.ndjson") == 0
    assert report(team)["baseline"]["origin"] == "inventory"
    write_lines(team / "more.ndjson", sized("large", 9 * GIB), sized("another", 9 * GIB))
    (team / "r.json").rename(team / "old.json")
    assert evaluated(team, "--baseline-from", "old.json", inventory="more.ndjson") == 1
    assert report(team)["baseline"]["origin"] == "report"
    unsized = ("--baseline-from", "old.json")
    write_lines(team / "more.ndjson", sized("large", 9 * GIB), document("another", size={}))
    assert evaluated(team, *unsized, inventory="more.ndjson") == 3, "unknown is never hidden"


def test_a_ratchet_refuses_what_the_branch_does_not_have(team: Path) -> None:
    assert evaluated(team, "--no-gate") == 0
    lakewarden("baseline", "create", "--report", "r.json", "-o", "known", cwd=team)
    ratchet = ("--baseline", "known", "--ratchet-against", "main")
    assert evaluated(team, *ratchet) == 1, "main has no such file yet"
    commit_files(team, {})
    assert evaluated(team, *ratchet) == 0
    text = (team / "known").read_text()

    (team / "known").write_text(text.replace("main.sales.large", "main.sales.other"))
    assert evaluated(team, *ratchet, "--pack", "p.zip") == 1
    assert "1 entry of the baseline replaced another" in report(team)["gate"]["reasons"][-1]
    shown = lakewarden("report", "r.json", cwd=team)
    assert "swapped since main" in shown.stdout, shown.stderr
    (swap,) = report(team)["baseline"]["ratchet"]["swaps"]
    assert (swap["out"]["full_name"], swap["into"]["full_name"]) == (
        "main.sales.large",
        "main.sales.other",
    )
    assert lakewarden("replay", "p.zip", cwd=team).returncode == 0, "without the repository"
    assert evaluated(team, *ratchet, "--no-gate", "--fail-on", "low") == 0


def test_a_baseline_knows_advisory_failures_only_if_they_gated_when_it_was_made(
    team: Path,
) -> None:
    tables = (sized("large", 9 * GIB), sized("middling", 3 * GIB))
    write_lines(team / "lake.ndjson", *({**each, "comment": ""} for each in tables))
    entry = {"policy": "clustering.strategy_required", "table": "main.sales.large"}
    (team / "known").write_text(json.dumps(entry | {"since": "2026-11-01"}))
    loud = ("--baseline", "known", "--policy", "documentation.table_commented", "--fail-on", "low")
    assert evaluated(team, *loud) == 1
    (reason,) = report(team)["gate"]["reasons"]
    assert "2 advisory decisions of severity low or worse failed" in reason
    lakewarden("baseline", "create", "--report", "r.json", "-o", "known", cwd=team)
    assert evaluated(team, *loud) == 0


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--baseline", "x", "--baseline-from", "main"), "there are two baselines"),
        (("--ratchet-against", "main"), "but none is named"),
        (("--baseline-from", "git:nowhere"), "the repository has no reference nowhere"),
        (("--baseline-from", "r.json", "-o", "r.json"), "--baseline-from names"),
    ],
)
def test_what_contradicts_itself_is_a_usage_error(
    team: Path, options: tuple[str, ...], words: str
) -> None:
    (team / "r.json").write_text("{}")
    (team / "x").write_text("")
    ended = lakewarden("evaluate", "--inventory", "lake.ndjson", *options, cwd=team)
    assert (ended.returncode, words in ended.stderr) == (2, True), ended.stderr
