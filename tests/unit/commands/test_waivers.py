"""`lakewarden waivers` (`waivers.py`, `waivers_edit.py`, `waivers_file.py`): as a team types it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

import pytest
from typer.testing import CliRunner, Result

from lakewarden.cli import app
from tests.support import scratch_policies
from tests.support.commandline import NOW

POLICY: Final = "naming.short_columns"
FILE: Final = """\
# Approved by the council.
waivers:
  - policy: naming.short_columns  # GOV-7
    table: main.sales.lines
    reason: "It goes.\\e[31m"
    owner: sales
    approved_by: boss
    expires: 2026-12-01
  - policy: naming.short_columns
    pattern: "main.old.*"
    reason: Old.
    owner: platform
    approved_by: boss
    expires: 2026-11-22
"""


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in a folder with ./policies and ./config of a team."""
    monkeypatch.chdir(tmp_path)
    scratch_policies.write(tmp_path, router=False).rename(tmp_path / "policies")
    (tmp_path / "config").mkdir()
    waivers().write_text(FILE)


def waivers() -> Path:
    return Path("config/waivers.yaml")


def run(*arguments: str, now: str = NOW) -> Result:
    return CliRunner().invoke(app, ["waivers", *arguments, "--now", now])


def add(*arguments: str) -> Result:
    who = ("--owner", "sales", "--approved-by", "boss")
    return run("add", "--policy", POLICY, *who, *arguments)


def test_the_list_is_a_line_for_each_waiver_the_next_to_end_first() -> None:
    ended = run("list")
    assert ended.exit_code == 0, ended.output
    assert ended.stdout.splitlines() == [
        f"expired\t0\t{POLICY}\tmain.old.*\tplatform\t2026-11-22\tconfig/waivers.yaml:9",
        f"expiring\t9\t{POLICY}\tmain.sales.lines\tsales\t2026-12-01\tconfig/waivers.yaml:3",
    ]


def test_the_list_can_be_narrowed() -> None:
    ended = run(
        "list", "--expiring", "9d", "--owner", "SALES", "--table", "*.lines", "--policy", "*"
    )
    assert ended.stdout.count("\n") == 1
    assert json.loads(run("list", "--expiring", "8d", "--format", "json").stdout) == []
    assert run("list", "--expiring", "soon").exit_code == 2


def test_a_waiver_is_added_behind_the_others_once() -> None:
    words = ("--table", "main.sales.items", "--reason", "Moves: soon", "--expires", "90d")
    ended = add(*words)
    assert ended.exit_code == 0, ended.output
    assert ended.stdout == (
        f"added: {POLICY} for main.sales.items, until 2027-02-21 (config/waivers.yaml:15)\n"
    )
    text = FILE + (
        f"  - policy: {POLICY}\n"
        "    table: main.sales.items\n"
        "    reason: 'Moves: soon'\n"
        "    owner: sales\n"
        "    approved_by: boss\n"
        "    expires: 2027-02-21\n"
    )
    assert waivers().read_text() == text
    refused = add(*words)
    assert refused.exit_code == 2
    assert "is waived already" in refused.stderr
    assert waivers().read_text() == text


def test_a_file_that_is_not_there_is_made() -> None:
    waivers().unlink()
    waivers().parent.rmdir()
    kind = ("--kind", "mitigated", "--starts", "today", "--ticket", "GOV-1")
    ended = add("--pattern", "main.*", "--reason", "x", "--expires", "1d", *kind)
    assert ended.exit_code == 0, ended.output
    assert waivers().read_text().splitlines()[1:] == [
        f"  - policy: {POLICY}",
        "    pattern: main.*",
        "    kind: mitigated",
        "    reason: x",
        "    owner: sales",
        "    approved_by: boss",
        "    ticket: GOV-1",
        "    starts: 2026-11-23",
        "    expires: 2026-11-24",
    ]


def test_a_waiver_is_renewed_where_it_stands() -> None:
    who = ("--policy", POLICY, "--approved-by", "council")
    ended = run("renew", *who, "--table", "Main.sales.lines", "--expires", "2027-01-31")
    assert ended.exit_code == 0, ended.output
    assert waivers().read_text() == FILE.replace("boss", "council", 1).replace(
        "2026-12-01", "2027-01-31"
    )
    for target in ((), ("--table", "a.b.c", "--pattern", "*")):
        assert run("renew", *who, "--expires", "30d", *target).exit_code == 2


def test_what_has_expired_is_pruned_and_shown_before() -> None:
    gone = f"removed: {POLICY} for main.old.*, expired on 2026-11-22 (config/waivers.yaml:9)\n"
    tried = run("prune", "--dry-run")
    assert tried.stdout == f"would be {gone}"
    assert "1 waiver to remove, 1 waiver left" in tried.stderr
    assert waivers().read_text() == FILE
    assert run("prune").stdout == gone
    assert waivers().read_text() == FILE[: FILE.index("  - policy: naming.short_columns\n")]


def test_lint_names_each_finding_with_its_line() -> None:
    more = FILE + FILE.partition("waivers:\n")[2].replace("main.old.*", "*.*").replace(
        "11-22", "12-22"
    )
    waivers().write_text(more.replace("platform", "sales"))
    ended = run("lint")
    assert ended.exit_code == 1
    lines = ended.stdout.splitlines()
    assert [line.split(": ")[:2] for line in lines] == [
        ["config/waivers.yaml:9", "expired"],
        ["config/waivers.yaml:15", "duplicate"],
        ["config/waivers.yaml:21", "covers-all"],
    ]
    assert "config/waivers.yaml:3" in lines[1]
    found = json.loads(run("lint", "--format", "json").stdout)
    assert [each["fault"] for each in found] == ["expired", "duplicate", "covers-all"]


def test_lint_names_all_that_a_run_would_refuse() -> None:
    waivers().write_text(FILE.replace("boss", "' '").replace("2026-12-01", "soon"))
    ended = run("lint")
    assert ended.exit_code == 2
    assert [line.split(": ")[0] for line in ended.stdout.splitlines()] == [
        "config/waivers.yaml:7",
        "config/waivers.yaml:13",
    ]
    waivers().unlink()
    assert run("lint").exit_code == 0
