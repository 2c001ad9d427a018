"""The composite action of `action.yml`: its scripts, run in Bash on plans of the real provider."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest

from tests.support.commandline import REPOSITORY, document, environment, write_lines
from tests.support.composite_action import ACTION, EXPRESSION, Ended, action, run_action
from tests.support.findings import commands
from tests.support.git_checkout import copy_tracked

pytestmark = pytest.mark.opa

PLANS: Final = REPOSITORY / "tests" / "unit" / "collector" / "terraform" / "plans"
_NAMES: Final = re.compile(
    r"inputs\.[a-z-]+|steps\.[a-z]+\.outputs\.[a-z-]+|github\.action_path|inputs\.cache == 'true'"
)
_PINNED: Final = re.compile(r"^[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$", re.MULTILINE)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Make a checkout with two plans and SQL files, in the runner's folder; return it."""
    folder = tmp_path / "checkout"
    (folder / "plans").mkdir(parents=True)
    for name in ("creates", "changes"):
        shutil.copy(PLANS / name / "plan.json", folder / "plans" / f"{name}.json")
    (folder / "sql files").mkdir()
    columns = ", ".join(f"{name} DATE" for name in "vwxyz")
    statement = f"CREATE TABLE a.b.c ({columns}) CLUSTER BY (v, w, x, y, z);\n"
    (folder / "sql files" / "V1.sql").write_text(statement)
    return folder


def _evaluate(checkout: Path, **inputs: str) -> Ended:
    """Run the action's own evaluation, with the Lakewarden that is here."""
    tools = checkout.parent / "bin"
    tools.mkdir(exist_ok=True)
    for name, arguments in {"lakewarden": "-m lakewarden ", "python": ""}.items():
        (tools / name).write_text(f'#!/bin/sh\nexec "{sys.executable}" {arguments}"$@"\n')
        (tools / name).chmod(0o755)
    variables = environment(checkout.parent)
    opa = variables["LAKEWARDEN_OPA"]
    return run_action(
        {name.replace("_", "-"): value for name, value in inputs.items()},
        cwd=checkout,
        environment=variables,
        given={"python": {}, "names": {}, "install": {"bin": str(tools), "opa": opa}},
    )


def _report(ended: Ended) -> dict[str, Any]:
    report: dict[str, Any] = json.loads(Path(ended.outputs["json-report"]).read_text())
    return report


def test_a_plan_that_may_be_applied_passes(checkout: Path) -> None:
    ended = _evaluate(checkout, source="terraform:plans/changes.json")
    assert ended.code == 0, ended.log
    assert ended.outputs["exit-code"] == "0"
    assert ended.summary.startswith("# No table breaks a mandatory policy: 3 tables evaluated.")
    assert _report(ended)["completeness"]["tables_evaluated"] == 3
    reports = checkout / "lakewarden-reports"
    assert ended.outputs["html-report"] == str(reports / "report.html")
    assert ended.outputs["markdown-report"] == str(reports / "report.md")
    assert ended.outputs["sarif-report"] == str(reports / "report.sarif")
    # What the log says of tables is no command to the runner.
    begun = re.search(r"^::stop-commands::([0-9a-f]{32})$", ended.log, re.MULTILINE)
    assert begun
    over = ended.log.index(f"\n::{begun[1]}::\n")
    assert begun.end() < ended.log.index("No table breaks") < over


def test_the_step_ends_as_the_gate_says_and_the_summary_is_there_all_the_same(
    checkout: Path,
) -> None:
    ended = _evaluate(checkout, source="sql:sql files", reports="out/of the way")
    assert (ended.code, ended.outputs["exit-code"]) == (1, "1"), ended.log
    assert "**Gate: failed (exit 1)" in ended.summary
    assert "a.b.c" in ended.summary
    # Once commands are read again, the findings are annotations.
    (found,) = [each for each in commands(ended.log) if each.name in {"error", "warning"}]
    assert found.properties["file"] == "sql files/V1.sql"
    assert "a.b.c has 5 clustering keys" in found.message
    assert "\n1 of 1 table breaks a mandatory policy. Annotated 1 of 1 warning" in ended.log
    (result, *_) = json.loads(Path(ended.outputs["sarif-report"]).read_text())["runs"][0]["results"]
    assert result["ruleId"] == "clustering.key_limit"
    assert ended.outputs["json-report"] == str(checkout / "out/of the way" / "report.json")


def test_what_wrote_no_report_is_explained_in_the_summary(checkout: Path) -> None:
    """The reports of a run before must not be taken for this one's."""
    (checkout / "lakewarden-reports").mkdir()
    for suffix in ("json", "html", "md", "sarif"):
        (checkout / "lakewarden-reports" / f"report.{suffix}").write_text("of yesterday")
    ended = _evaluate(checkout, source="terraform:plans/absent.json")
    assert ended.code in {2, 4}
    assert ended.outputs == {
        "exit-code": str(ended.code),
        "json-report": "",
        "html-report": "",
        "markdown-report": "",
        "sarif-report": "",
    }
    assert commands(ended.log.partition("::stop-commands::")[0]) == []
    assert ended.summary.startswith(f"# Lakewarden exited {ended.code} and wrote no report\n\n")
    assert "    error: " in ended.summary
    assert "plans/absent.json" in ended.summary
    assert "error: " in ended.log


def test_arguments_are_quoted_as_in_a_shell_and_never_run_by_one(checkout: Path) -> None:
    arguments = """--allow fail --table 'a.*' --table "$(touch hacked)`touch hacked`" """
    ended = _evaluate(checkout, source="sql:sql files; touch hacked", args=arguments)
    assert not [*checkout.parent.rglob("hacked")]
    assert ended.code in {2, 4}
    arguments = "--allow fail\n--table 'a.*'"
    ended = _evaluate(checkout, source="sql:sql files", args=arguments, annotations="false")
    assert "::warning" not in ended.log
    assert (ended.code, _report(ended)["completeness"]["tables_evaluated"]) == (0, 1), ended.log


def test_a_quote_that_is_left_open_is_wrong_usage(checkout: Path) -> None:
    ended = _evaluate(checkout, source="terraform:plans/changes.json", args="--allow 'fail")
    assert ended.code == 2
    assert "::error::The input args has a quote that isn't closed." in ended.log


def test_the_project_file_says_where_the_tables_are(checkout: Path) -> None:
    """And findings are shown at paths from the root of the repository."""
    (checkout / "sub, dir").mkdir()
    (checkout / "sub, dir" / "lakewarden.toml").write_text('source = "sql:v*.sql"\nno-gate = true')
    shutil.copy(checkout / "sql files" / "V1.sql", checkout / "sub, dir" / "v1.sql")
    ended = _evaluate(checkout, working_directory="sub, dir")
    assert ended.code == 0, ended.log
    assert ended.outputs["json-report"] == str(checkout / "sub, dir/lakewarden-reports/report.json")
    (found,) = [each for each in commands(ended.log) if each.name == "warning"]
    assert found.properties["file"] == "sub, dir/v1.sql"
    (result, *_) = json.loads(Path(ended.outputs["sarif-report"]).read_text())["runs"][0]["results"]
    place = result["locations"][0]["physicalLocation"]["artifactLocation"]
    assert place["uri"] == "sub%2C%20dir/v1.sql"


def test_an_incomplete_run_closes_no_alerts(checkout: Path) -> None:
    """Code scanning takes what an upload doesn't have for fixed."""
    (checkout / "sql files" / "V2.sql").write_text("CREATE TABLE a.b.d (v DATE) CLUSTER BY (;\n")
    ended = _evaluate(checkout, source="sql:sql files")
    assert (ended.code, ended.outputs["sarif-report"]) == (1, ""), ended.log
    assert (checkout / "lakewarden-reports" / "report.sarif").exists()
    titles = [each.properties.get("title") for each in commands(ended.log)]
    assert "Lakewarden: the run is incomplete" in titles


def test_a_plan_is_evaluated_beside_the_estate(checkout: Path) -> None:
    (checkout / "sql files" / "V1.sql").write_text("CREATE TABLE main.sales.orders (d DATE);\n")
    write_lines(checkout / "inventory.ndjson", document("orders", size={"bytes": 7, "exact": True}))
    ended = _evaluate(checkout, source="sql:sql files", **{"with": "inventory.ndjson"})
    (table,) = _report(ended)["tables"]
    assert table["size"]["bytes"] == 7, table


def test_no_expression_stands_in_a_script() -> None:
    """GitHub pastes the value of an expression into the script: an input could be code."""
    for step in action()["runs"]["steps"]:
        assert not EXPRESSION.search(step.get("run", ""))
        text = " ".join([*step.get("env", {}).values(), *step.get("with", {}).values()])
        assert all(_NAMES.fullmatch(each) for each in EXPRESSION.findall(text))


def test_actions_of_others_are_pinned_by_their_commit() -> None:
    used = re.findall(r"(?m)^\s*(?:- )?uses: (.+)$", ACTION.read_text("utf-8"))
    assert len(used) == 2
    assert [each for each in used if not _PINNED.fullmatch(each)] == []


@pytest.mark.nightly
def test_it_installs_itself_in_an_environment_of_its_own(checkout: Path, wheel: Path) -> None:
    """Every script of the action, with what it needs from the Python package index."""
    shutil.copy(wheel, checkout)
    root = copy_tracked(checkout.parent / "action")
    for inputs, summary in (
        ({"install-only": "true"}, ""),
        ({"source": "terraform:plans/changes.json"}, "# No table breaks a mandatory policy: 3 "),
        (
            {"source": "sql:sql files", "args": "--no-gate", "version": wheel.name},
            "# 1 of 1 table breaks a mandatory policy",
        ),
    ):
        ended = run_action(
            inputs,
            cwd=checkout,
            environment=environment(checkout.parent),
            given={"python": {"python-path": sys.executable}},
            root=root,
        )
        assert ended.code == 0, ended.log
        assert ended.summary[: len(summary)] == summary
        assert bool(ended.summary) == bool(summary)
        (path,) = ended.path
        for tool in ("lakewarden", "opa"):
            subprocess.run((Path(path, tool), "--help"), check=True, capture_output=True)


def test_windows_is_refused_with_the_reason(checkout: Path) -> None:
    ended = run_action(
        {"source": "demo"},
        cwd=checkout,
        environment=environment(checkout.parent, RUNNER_OS="Windows"),
        given={"python": {"python-path": sys.executable}},
    )
    assert ended.code == 2
    assert "::error::Lakewarden runs on Linux and macOS" in ended.log
