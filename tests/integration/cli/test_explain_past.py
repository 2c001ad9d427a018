"""An auditor asks why a table was let pass on a day, and since when it fails."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import pytest

from tests.support.commandline import CLUSTERED, document, lakewarden, write_lines

pytestmark = pytest.mark.opa

GIB: Final = 1 << 30
POLICY: Final = ("--policy", "clustering.strategy_required")


def sized(name: str, size: int, **fields: object) -> dict[str, Any]:
    return document(
        name, size={"bytes": size, "origin": "describe_detail", "exact": True}, **fields
    )


def run(folder: Path, day: int, threshold: int, *tables: dict[str, Any], keep: str) -> None:
    """Evaluate on a day by the threshold of that day, and add the run to the history."""
    (folder / "config").mkdir(exist_ok=True)
    (folder / "config/clustering_config.yaml").write_text(f"size_threshold_bytes: {threshold}\n")
    write_lines(folder / "lake.ndjson", *tables)
    ended = lakewarden(
        *("evaluate", "--inventory", "lake.ndjson", *POLICY, "--no-gate", "--no-what-if"),
        *("--now", f"2026-11-0{day}T10:00:00Z", "-o", f"{day}.json"),
        *("--history", "h", "--pack", f"{day}.zip", keep),
        cwd=folder,
    )
    assert ended.returncode == 0, ended.stderr


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return three runs: on the second day data and threshold changed, the third keeps no pack."""
    folder = tmp_path_factory.mktemp("past")
    orders = sized("orders", 9 * GIB)
    run(folder, 1, 5 * GIB, orders | CLUSTERED, sized("items", 3 * GIB), keep="--keep-packs")
    run(folder, 2, GIB, orders, sized("items", 3 * GIB), keep="--keep-packs")
    run(folder, 3, GIB, orders, sized("items", 3 * GIB), keep="--no-keep-packs")
    return folder


def explain(folder: Path, table: str, *arguments: str, code: int = 0) -> str:
    """Return what is printed, or the error where it ends with another code."""
    ended = lakewarden("explain", table, *arguments, *POLICY, "-q", cwd=folder)
    assert ended.returncode == code, ended.stdout + ended.stderr
    return ended.stderr if code else ended.stdout


def explained(folder: Path, table: str, *arguments: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the explanation and its one decision."""
    found = json.loads(explain(folder, table, *arguments, "--format", "json"))
    (decision,) = found["decisions"]
    return found, decision


def test_a_run_whose_pack_is_kept_is_explained_as_of_then(folder: Path) -> None:
    found, decision = explained(folder, "main.sales.ORDERS", "--at", "2026-11-01", "--history", "h")
    assert found["decided"]["clock"] == "2026-11-01T10:00:00Z"
    assert found["decided"]["run_id"]
    assert decision["decision"]["outcome"] == "pass"
    (threshold,) = (decision["settings"][each] for each in ("size_threshold_bytes",))
    assert threshold["value"] == 5 * GIB
    assert threshold["where"] == (
        "the pack that the history keeps: config/clustering_config.yaml:1"
    )
    assert "previous_outcome" not in decision["since"]
    assert [each["what"]["title"] for each in decision["flips"][0]["changes"]] == [
        "remove its clustering (CLUSTER BY NONE)"
    ]


def test_what_changed_a_decision_is_found_by_deciding_again(folder: Path) -> None:
    _, by_data = explained(folder, "main.sales.orders", "--at", "2026-11-02", "--history", "h")
    since = by_data["since"]
    assert (since["clock"], since["previous_outcome"]) == ("2026-11-02T10:00:00Z", "pass")
    assert (since["causes"], since["decided_again"]) == (["data"], True)
    assert since["first_failed_at"] == "2026-11-02T10:00:00Z"
    assert {"name": "fact strategy", "before": "liquid", "after": "none"} in since["changed"]
    _, by_settings = explained(folder, "main.sales.items", "--at", "2026-11-02", "--history", "h")
    since = by_settings["since"]
    assert (since["previous_outcome"], since["causes"]) == ("exempt", ["settings"])
    assert {
        "name": "setting size_threshold_bytes",
        "before": 5 * GIB,
        "after": GIB,
    } in since["changed"]


def test_a_run_without_a_pack_says_how_its_decisions_came_out(folder: Path) -> None:
    lines = explain(
        folder, "main.sales.orders", "--at", "2026-11-03T23:00:00Z", "--history", "h"
    ).splitlines()
    assert lines[0] == "main.sales.orders: 1 fail"
    assert "The history keeps how decisions came out, not their proofs" in lines[2]
    (since,) = (each for each in lines if each.startswith("  So since "))
    assert since.startswith("  So since the run of 2026-11-02 10:00:00 UTC (")
    assert since.endswith("In the run before, of 2026-11-01 10:00:00 UTC: pass.")
    assert "  Changed by the data, as deciding again shows." in lines


def test_the_present_is_explained_with_its_past(folder: Path) -> None:
    _, decision = explained(
        folder, "main.sales.orders", "--inventory", "lake.ndjson", "--history", "h"
    )
    assert decision["since"]["clock"] == "2026-11-02T10:00:00Z"
    assert decision["flips"]


def test_a_pack_and_a_report_are_explained_for_themselves(folder: Path) -> None:
    found, decision = explained(folder, "main.sales.items", "--pack", "1.zip")
    assert found["decided"]["origin"] == "1.zip"
    assert decision["decision"]["outcome"] == "exempt"
    assert decision["flips"]
    found, decision = explained(folder, "main.sales.items", "--report", "1.json")
    assert found["decided"]["origin"] == "1.json"
    assert decision["step"]["set"] == "exempt"
    assert "flips" not in decision
    assert "--inventory" in found["notes"][0]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["main.sales.orders", "--at", "2026-10-01"], "has no run until 2026-10-01"),
        (["main.sales.order", "--at", "2026-11-03"], "There are main.sales.orders"),
        (["main.sales.orders", "--at", "March"], "isn't a day or an RFC 3339 time"),
        (["main.sales.orders", "--at", "2026-11-03", "--pack", "1.zip"], "doesn't go with"),
    ],
)
def test_what_is_not_there_is_an_error(folder: Path, arguments: list[str], message: str) -> None:
    assert message in explain(folder, *arguments, "--history", "h", code=2)


def test_a_moment_needs_a_history(folder: Path) -> None:
    assert "needs a history" in explain(folder, "main.sales.orders", "--at", "2026-11-03", code=2)


def test_the_trace_is_that_of_the_rules_lines(folder: Path) -> None:
    lines = explain(
        folder, "main.sales.orders", "--inventory", "lake.ndjson", "--trace"
    ).splitlines()
    sets = [each.partition(" ")[0] for each in lines if not each.startswith(" ")]
    assert sets == ["needs", "not_applicable", "exempt", "deny", "pass"]
    assert any("Fail data.lakewarden.lib.clustering.excluded" in each for each in lines)
    assert not any("| Redo " in each for each in lines)
