"""The main job from end to end, on the demo lakehouse's real Delta tables."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from tests.integration.cli import demo_outcomes
from tests.support.commandline import NOW, REPOSITORY, lakewarden

pytestmark = pytest.mark.opa


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for all runs of this module: the demo is made once."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def report(home: Path) -> dict[str, Any]:
    """Run once and return the JSON report; the other formats lie beside it."""
    ended = lakewarden(
        "evaluate",
        "--source",
        "demo",
        "--now",
        NOW,
        "--report",
        "json=report.json",
        "--report",
        "html=report.html",
        cwd=home,
    )
    assert ended.returncode == 1, ended.stderr
    return read(home / "report.json")


def read(path: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(path.read_text())
    return loaded


def decisions(report: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    return {
        (table["full_name"], policy_id): decision
        for table in report["tables"]
        for policy_id, decision in table["decisions"].items()
    }


def test_every_fact_has_a_label(report: dict[str, Any]) -> None:
    """What people read of a fact is its label, and never the name that Rego gives it."""
    facts = {
        f"{domain}.{fact}"
        for table in report["tables"]
        for domain, facts in table["facts"].items()
        for fact in facts
    }
    assert report["fact_labels"].keys() == facts | {"clustering.assumed_size"}  # of planned tables


def test_the_demo_shows_what_it_is_there_for(report: dict[str, Any]) -> None:
    """The demo is what newcomers learn from, and what renderers are tried on."""
    made = decisions(report)
    assert {case: made[case]["outcome"] for case in demo_outcomes.SHOWN} == demo_outcomes.SHOWN
    assert {table for table, _ in demo_outcomes.SHOWN} == {table for table, _ in made}


def test_every_policy_shows_the_outcomes_that_it_can_on_these_tables(
    report: dict[str, Any],
) -> None:
    """A policy of which the demo has nothing to show is one that nobody can try."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    kinds: defaultdict[str, set[str]] = defaultdict(set)
    for (_, policy_id), decision in decisions(report).items():
        found[policy_id].add(decision["outcome"])
        kinds[policy_id] |= {exemption["kind"] for exemption in decision.get("exemptions", ())}
    assert found == demo_outcomes.OUTCOMES
    assert kinds.pop("clustering.strategy_required") == {"rule", "flag", "waiver"}
    assert set().union(*kinds.values()) == {"waiver"}


def test_each_reason_that_a_table_is_there_for_is_named(report: dict[str, Any]) -> None:
    """Two mistakes in one table would look like one if the demo lost the other."""
    made = decisions(report)
    cases = {
        ("prod.ops.quality_checks", "clustering.keys_have_statistics"): {"read_at", "faulty"},
        ("prod.ops.suppliers", "documentation.columns_commented"): {"2 of 5 columns"},
        ("staging.sales.customers_copy", "documentation.columns_commented"): {"customer_id"},
    }
    for case, reasons in cases.items():
        reported = {f"{each['message']} {each['actual']}" for each in made[case]["violations"]}
        assert len(reported) == len(reasons)
        assert all(any(reason in text for text in reported) for reason in reasons), reported


def test_an_override_shows_where_it_decides(report: dict[str, Any]) -> None:
    """Finance has settings of its own: the same table elsewhere would be small, or only advised."""
    made = decisions(report)
    large = made["prod.finance.expense_claims", "clustering.strategy_required"]
    assert large["override"] == "prod.finance.*"
    half = made["prod.finance.payments", "clustering.auto_optimize_complete"]
    assert half["enforcement"] == "mandatory"
    elsewhere = made["prod.sales.orders", "clustering.strategy_required"]
    assert elsewhere.keys().isdisjoint({"override", "enforcement"})


def test_every_decision_is_there_with_its_proof(report: dict[str, Any]) -> None:
    policies = {policy["policy_id"] for policy in report["policies"]}
    assert all(table["decisions"].keys() == policies for table in report["tables"])
    proof = {
        "pass": "reasons",
        "fail": "violations",
        "exempt": "exemptions",
        "not_applicable": "reasons",
        "unknown": "missing",
    }
    for decision in decisions(report).values():
        assert decision[proof[decision["outcome"]]]
        assert ("would_be" in decision) == (decision["outcome"] == "exempt")
    completeness = report["completeness"]
    assert completeness["decisions_made"] == len(report["tables"]) * len(policies)
    assert completeness["tables_known"] == len(report["tables"]) + completeness["tables_failed"]


def test_what_could_not_be_read_is_named(report: dict[str, Any]) -> None:
    failures = report["completeness"]["failures"]
    assert len(failures) == report["completeness"]["tables_failed"] > 0
    assert all(failure["reason"] and failure["remedy"] for failure in failures)


def test_no_large_table_is_exempt_as_small(report: dict[str, Any]) -> None:
    for table in report["tables"]:
        decision = table["decisions"]["clustering.strategy_required"]
        if any(exemption["kind"] == "rule" for exemption in decision.get("exemptions", ())):
            assert table["size"]["bytes"] < table["facts"]["clustering"]["threshold_bytes"]


def test_the_paths_stand_alone_on_their_lines_and_no_gate_says_what_it_hides(
    home: Path, report: dict[str, Any]
) -> None:
    ended = lakewarden(
        "evaluate", "--source", "demo", "--no-gate", "--report", "html=page.html", cwd=home
    )
    assert ended.returncode == 0
    assert str(home / "page.html") in ended.stdout.splitlines()
    mentioned = [line for line in ended.stdout.splitlines() if "(--no-gate)" in line]
    assert len(mentioned) == 1
    assert "exit with 1" in mentioned[0]
    assert report["gate"]["exit_code"] == 1


def test_two_runs_are_the_same_but_for_the_part_that_says_when(
    home: Path, report: dict[str, Any]
) -> None:
    again = lakewarden("collect", "--source", "demo", "--output", "demo.ndjson", cwd=home)
    assert again.returncode == 3  # damaged tables
    for name in ("first.json", "second.json"):
        lakewarden(
            "evaluate",
            "--inventory",
            "demo.ndjson",
            "--now",
            NOW,
            "--report",
            f"json={name}",
            cwd=home,
        )
    first, second = (
        (home / name).read_bytes().splitlines() for name in ("first.json", "second.json")
    )
    different = [a[:8] for a, b in zip(first, second, strict=True) if a != b]
    assert different in ([], [b'"run":{"'])
    assert len(first) > len(report["tables"])


def test_each_step_replays_from_files(home: Path, report: dict[str, Any]) -> None:
    """A decision is a function of inventory, policies, settings, waivers and clock alone."""
    lakewarden("collect", "--source", "demo", "-o", "replayed.ndjson", cwd=home)
    demo = Path(__file__).parents[3] / "collector/lakewarden_collector/sources/demo/config"
    ended = lakewarden(
        "evaluate",
        "--inventory",
        "replayed.ndjson",
        "--config",
        demo,
        "--now",
        NOW,
        "--report",
        "json=replayed.json",
        cwd=home,
    )
    assert ended.returncode == 1
    assert decisions(read(home / "replayed.json")) == decisions(report)
    html = lakewarden("report", "report.json", "--format", "html", cwd=home).stdout
    assert html == (home / "report.html").read_text()


def test_the_embedded_engine_decides_the_same(home: Path, report: dict[str, Any]) -> None:
    ended = lakewarden(
        "evaluate",
        "--source",
        "demo",
        "--engine",
        "embedded",
        "--now",
        NOW,
        "--report",
        "json=embedded.json",
        cwd=home,
    )
    assert ended.returncode == 1
    embedded = read(home / "embedded.json")
    assert embedded["run"]["engine"]["name"] == "embedded"
    assert decisions(embedded) == decisions(report)
    assert embedded["summary"] == report["summary"]


def test_a_narrowed_run_says_so(home: Path) -> None:
    ended = lakewarden(
        "evaluate",
        "--source",
        "demo",
        "--table",
        "prod.sales.*",
        "--policy",
        "*.key_limit",
        "--report",
        "json=-",
        cwd=home,
    )
    narrowed = json.loads(ended.stdout)  # standard output holds the report and nothing else
    assert narrowed["run"]["narrowed"] == ["--table prod.sales.*", "--policy *.key_limit"]
    assert {table["catalog_name"] for table in narrowed["tables"]} == {"prod"}
    assert narrowed["completeness"]["tables_left_out"] > 0
    assert {policy["policy_id"] for policy in narrowed["policies"]} == {"clustering.key_limit"}


def test_the_policies_are_listed_and_explained(home: Path) -> None:
    listed = lakewarden("policies", "list", cwd=home).stdout.splitlines()
    root = REPOSITORY / "policies" / "lakewarden"
    assert [line.split("\t")[0] for line in listed] == [
        f"{folder.parent.name}.{folder.name}"
        for tree in ("tables", "waivers")
        for folder in sorted(root.glob(f"{tree}/*/*/"))
        if folder.is_dir()
    ]
    shown = lakewarden("policies", "show", "clustering.key_limit", cwd=home).stdout
    assert "## What to do" in shown


def test_the_doctor_finds_all_well_and_names_what_is_not(home: Path) -> None:
    well = lakewarden("doctor", "--source", "demo", cwd=home)
    assert well.returncode == 0, well.stdout
    ill = lakewarden("doctor", cwd=home, LAKEWARDEN_OPA="/nowhere/opa")
    assert ill.returncode == 4
    assert "/nowhere/opa" in ill.stdout
