"""`lakewarden what-if`: its exit codes, its formats, and which rules it compares."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import jsonschema
import pytest
from typer.testing import CliRunner, Result

from lakewarden.cli import app
from tests.support import rule_trials
from tests.support.commandline import REPOSITORY, document, write_lines

_POLICY: Final = "clustering.strategy_required"
_KEYS: Final = '[["a"],["b"],["c"]]'
_SIZES: Final = {"tiny": 10, "middling": 2**20, "large": 2**40}


@pytest.fixture(scope="module", autouse=True)
def _engine() -> Iterator[None]:
    with rule_trials.shared_engine():
        yield


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    tables = [
        document(name, size={"bytes": size, "exact": True}, owner="team", properties={})
        for name, size in _SIZES.items()
    ]
    keyed = document("keyed", properties={"clusteringColumns": _KEYS}, size={}, owner="team")
    write_lines(tmp_path / "tables.ndjson", *tables, keyed)


def what_if(*arguments: str) -> Result:
    narrowed = ("--policy", _POLICY, "--policy", "clustering.key_limit")
    return CliRunner().invoke(
        app, ["what-if", "--inventory", "tables.ndjson", *narrowed, *arguments]
    )


def _json(ended: Result, schema: str = "what-if") -> Any:  # noqa: ANN401 -- JSON
    assert ended.exit_code == 0, ended.output
    found = json.loads(ended.stdout)
    text = (REPOSITORY / "docs" / f"{schema}.schema.json").read_text("utf-8")
    jsonschema.Draft202012Validator(json.loads(text)).validate(found)
    return found


def _settings(folder: str, text: str) -> str:
    Path(folder).mkdir()
    Path(folder, "clustering_config.yaml").write_text(text, "utf-8")
    return folder


def test_a_threshold_is_shown_with_tables_owners_gates_and_what_stays() -> None:
    ended = what_if("--set", "clustering.size_threshold_bytes=1MiB")
    assert ended.exit_code == 0, ended.output
    lines = ended.stdout.splitlines()
    assert lines[0] == "1 new failure, 1 mandatory; 1 still fails."
    assert lines[1].startswith("Gate before: failed (exit 1): 1 mandatory decision failed")
    assert lines[2].startswith("Gate after: failed (exit 1): 2 mandatory decisions failed")
    text = ended.stdout
    assert "  clustering.size_threshold_bytes: 1.0 GiB (1,073,741,824) → 1.0 MiB" in text
    assert "    newly failing 1 (1.0 MiB), as before 3\n" in text
    assert "  1 other policy decides as before.\n" in text
    assert "  main.sales.middling  1.0 MiB, owner team\n" in text
    assert "By owner\n  team\n    1 new (1 table, 1.0 MiB), 1 still failing" in text
    assert "1 of 2 was decided again" in text


@pytest.mark.parametrize(
    ("arguments", "code", "line"),
    [
        (["--set", "clustering.size_threshold_bytes=1"], 1, "2 mandatory failures are new."),
        (["--set", "clustering.size_threshold_bytes=2TiB"], 0, "no mandatory failure is new."),
        (["--enforcement", f"{_POLICY}=advisory"], 0, "no mandatory failure is new."),
        (["--set", "clustering.max_clustering_columns=2"], 1, "1 mandatory failure is new."),
        (["--config", "changed"], 3, "1 decision couldn't be made, but could before."),
    ],
)
def test_new_failures_fail_where_they_are_to(arguments: list[str], code: int, line: str) -> None:
    """Without the option, the same change ends well."""
    _settings("changed", "planned_tables_count_as: unknown\n")
    if code == 3:
        plan = document("planned", size={}, properties={}) | {
            "definition": {"tool": "sql", "file": "a.sql", "line": 1, "action": "create"},
            "evidence": {"size": {"status": "known_after_apply", "reason": "planned"}},
        }
        write_lines(Path("tables.ndjson"), plan)
    ended = what_if(*arguments, "--fail-on-new", "-q")
    assert ended.exit_code == code, ended.output
    assert ended.stdout.count("\n") == 1
    assert ended.stdout.rstrip().endswith(line)
    assert what_if(*arguments, "-q").exit_code == 0


def test_json_has_every_violation_and_obeys_its_schema() -> None:
    found = _json(what_if("--set", "clustering.size_threshold_bytes=1", "--format", "json"))
    assert [each["full_name"] for each in found["violations"]] == [
        "main.sales.tiny",
        "main.sales.middling",
    ]
    effect = found["policies"][_POLICY]
    assert effect["newly_failing"] == {"tables": 2, "bytes": 10 + 2**20, "unsized": 0}
    assert found["before"]["gate"]["exit_code"] == found["after"]["gate"]["exit_code"] == 1
    assert found["after"]["decided"] == 4
    (setting,) = found["changes"]["settings"]
    assert (setting["before"], setting["after"]) == (2**30, 1)


def test_markdown_is_for_a_pull_request_and_a_file_is_named(tmp_path: Path) -> None:
    ended = what_if("--set", "clustering.max_clustering_columns=2", "-o", "comment.md")
    assert ended.exit_code == 0, ended.output
    assert ended.stdout == f"{tmp_path / 'comment.md'}\n"
    text = Path("comment.md").read_text("utf-8")
    assert text.startswith("# 1 new failure, 1 mandatory; 1 still fails.\n")
    assert "| `clustering.key_limit` | 1 (size unknown) | 3 |" in text
    assert "| `team` | 1 |" in text


def test_a_sweep_shows_what_fails_over_the_value() -> None:
    sweep = ("--sweep", "clustering.size_threshold_bytes=512KiB..2TiB", "--steps", "3")
    ended = what_if(*sweep)
    assert ended.exit_code == 0, ended.output
    rows = [" ".join(line.split()) for line in ended.stdout.splitlines()]
    assert "512.0 KiB 2 1.0 TiB 0 2 1 ████████████████████████" in rows
    assert "1.0 GiB (now) 1 1.0 TiB 0 1 1 ████████████" in rows
    assert "2.0 TiB 0 0 0 0" in rows
    assert "clustering.strategy_required: 2, 1, 0" in rows
    found = _json(what_if(*sweep, "--format", "json"), "what-if-sweep")
    assert [step["failing"]["tables"] for step in found["steps"]] == [2, 1, 0]
    assert "| 2.0 TiB | 0 |" in what_if(*sweep, "--format", "markdown").stdout


def test_what_is_compared_is_the_project_and_another_folder() -> None:
    """Either may be the project's: a pull request compares what is merged with what it proposes."""
    strict, lax = _settings("strict", "size_threshold_bytes: 1\n"), _settings("lax", "{}\n")
    Path("lakewarden.toml").write_text(f'config = "{strict}"\n', "utf-8")
    new = what_if("--against-config", lax, "-q")
    assert new.stdout.startswith("2 new failures, 2 mandatory; 1 still fails.")
    over = what_if("--config", lax, "-q")
    assert over.stdout.startswith("0 new failures; 2 newly exempt; 1 still fails.")
    both = what_if("--against-config", lax, "--config", lax, "-q")
    assert both.stdout.startswith("No violation is new and none is over: 1 still fails.")


def test_waivers_take_the_place_of_the_present_ones() -> None:
    waiver = {
        "policy": _POLICY,
        "table": "main.sales.large",
        "reason": "moved",
        "owner": "a",
        "approved_by": "b",
        "expires": "2099-01-01",
    }
    Path("more.yaml").write_text(json.dumps({"waivers": [waiver]}), "utf-8")
    found = _json(what_if("--waivers", "more.yaml", "--format", "json"))
    assert found["changes"]["waivers_added"] == 1
    assert found["after"]["decided"] == 1
    assert found["policies"][_POLICY]["newly_exempt"]["tables"] == 1


def test_policies_about_waivers_are_part_of_both_gates() -> None:
    folder = _settings("strict", "{}\n")
    stated = "enforcement: {approved_by_another: mandatory}\n"
    Path(folder, "approval_config.yaml").write_text(stated, "utf-8")
    waiver = {"policy": _POLICY, "table": "main.sales.large", "reason": "moved", "owner": "a"}
    approved = waiver | {"approved_by": "a", "expires": "2026-12-31"}
    Path(folder, "waivers.yaml").write_text(json.dumps({"waivers": [approved]}), "utf-8")
    found = _json(what_if("--config", folder, "--policy", "approval.*", "--format", "json"))
    before, after = (" ".join(found[side]["gate"]["reasons"]) for side in ("before", "after"))
    assert "waiver" not in before
    assert "waiver" in after


def test_a_policy_that_is_off_decides_nothing_any_more() -> None:
    ended = what_if("--enforcement", "clustering.key_limit=off")
    assert ended.exit_code == 0, ended.output
    assert "  no longer decided: clustering.key_limit\n" in ended.stdout
    assert "    no longer decided 4 (1.0 TiB, 1 of unknown size), as before 0\n" in ended.stdout
    assert "  1 other policy decides as before.\n" in ended.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "say what would be different"),
        (["--steps", "3", "--set", "clustering.max_clustering_columns=2"], "there is no sweep"),
        (
            ["--sweep", "clustering.max_clustering_columns=1..2", "--fail-on-new"],
            "a sweep compares many values",
        ),
        (["--set", "clustering.max_columns=2"], "max_clustering_columns"),
        (["--enforcement", "clustering.key=off"], "there is no policy clustering.key"),
        (["--waivers", "none.yaml"], "none.yaml"),
        (["--set", "clustering.max_clustering_columns=2", "-o", "a.html"], "as html"),
        (
            ["--enforcement", f"{_POLICY}=off", "-o", "tables.ndjson", "--format", "json"],
            "tables.ndjson",
        ),
    ],
)
def test_wrong_usage_is_told_before_tables_are_read(arguments: list[str], message: str) -> None:
    ended = what_if(*arguments)
    assert ended.exit_code == 2, ended.output
    assert message in ended.output
    assert "Reading tables" not in ended.output


def test_a_workspace_is_collected_before() -> None:
    arguments = ["what-if", "--source", "databricks", "--enforcement", f"{_POLICY}=off"]
    ended = CliRunner().invoke(app, arguments)
    assert ended.exit_code == 2
    assert "lakewarden collect --source databricks" in ended.output
