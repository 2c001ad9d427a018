"""`lakewarden diff`: its exit codes, and what goes to standard output, to a file and elsewhere."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from msgspec import structs
from typer.testing import CliRunner, Result

from lakewarden.cli import app
from lakewarden.model.decision import Decision, Enforcement, Outcome
from lakewarden.report.gate import judge
from tests.support import reports
from tests.support.diffs import UNKNOWN, broken
from tests.support.fixable import SINGLE, STRATEGY, report, table

_FAIL = broken(None)
_PASS = Decision(outcome=Outcome.PASS, reasons=("Fine.",))
_ADVISORY = structs.replace(_FAIL, enforcement=Enforcement.ADVISORY, override="main.*")


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    _write("old.json", _PASS, _FAIL)
    _write("new.json", _FAIL, _PASS)


def _write(path: str, *decisions: Decision, policy_id: str = STRATEGY) -> None:
    rows = [
        table(f"main.sales.t{number}", {policy_id: decision})
        for number, decision in enumerate(decisions)
    ]
    report(rows).write(Path(path))


def diff(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["diff", *arguments])


def test_a_diff_is_printed_and_ends_well_whatever_has_changed() -> None:
    ended = diff("old.json", "new.json")
    assert ended.exit_code == 0
    assert ended.stdout.startswith("1 new failure, 1 mandatory; 1 fixed; 0 still fail.\n")
    assert "Gate" not in ended.output
    assert ended.stderr == ""


@pytest.mark.parametrize(
    ("old", "new", "policy_id", "code", "reason"),
    [
        (_PASS, _FAIL, STRATEGY, 1, "1 mandatory failure is new"),
        (UNKNOWN, _FAIL, STRATEGY, 1, "1 mandatory failure is new"),
        (_FAIL, _FAIL, STRATEGY, 0, ""),
        (_FAIL, _PASS, STRATEGY, 0, ""),
        (_PASS, _FAIL, SINGLE, 0, ""),
        (_ADVISORY, _FAIL, STRATEGY, 0, ""),
        (_PASS, UNKNOWN, STRATEGY, 3, "1 decision couldn't be made, but could before"),
        (UNKNOWN, UNKNOWN, STRATEGY, 0, ""),
        (_PASS, UNKNOWN, SINGLE, 0, ""),
    ],
)
def test_fail_on_new_gates_on_mandatory_failures_that_the_old_report_does_not_have(
    old: Decision, new: Decision, policy_id: str, code: int, reason: str
) -> None:
    _write("old.json", old, policy_id=policy_id)
    _write("new.json", new, policy_id=policy_id)
    ended = diff("old.json", "new.json", "--fail-on-new")
    assert ended.exit_code == code, ended.output
    assert reason in ended.stdout
    assert f"(exit {code})" in ended.stdout
    assert diff("old.json", "new.json").exit_code == 0


def test_what_is_new_goes_before_what_could_not_be_decided() -> None:
    _write("old.json", _PASS, _PASS)
    _write("new.json", _FAIL, UNKNOWN)
    ended = diff("old.json", "new.json", "--fail-on-new")
    assert ended.exit_code == 1
    assert "1 mandatory failure is new; 1 decision couldn't be made" in ended.stdout


def test_tables_that_could_not_be_read_may_hide_new_failures() -> None:
    sample = report([table("main.sales.t0", {})])
    sample.completeness = structs.replace(
        sample.completeness,
        failures=reports.sample(0, failures=1).completeness.failures,
        complete=False,
        tables_failed=1,
        tables_known=2,
    )
    tally = reports.count(sample, sample.rows)
    sample.gate = judge(tally.gating, sample.completeness)
    sample.write(Path("new.json"))
    _write("old.json", _PASS)
    ended = diff("old.json", "new.json", "--fail-on-new")
    assert ended.exit_code == 3
    assert "1 thing couldn't be read, but could before" in ended.stdout
    assert "archive.web.damaged_0" in ended.stdout
    assert diff("new.json", "new.json", "--fail-on-new").exit_code == 0


def test_a_file_has_the_same_bytes_and_its_path_alone_on_a_line() -> None:
    ended = diff("old.json", "new.json", "-o", "diff.txt")
    path = Path("diff.txt")
    assert ended.stdout == f"{path.absolute()}\n"
    assert ended.stderr == "1 new failure, 1 mandatory; 1 fixed; 0 still fail.\n"
    assert path.read_text("utf-8") == diff("old.json", "new.json").stdout


@pytest.mark.parametrize("name", ["diff.md", "diff.json"])
def test_the_suffix_tells_the_format(name: str) -> None:
    assert diff("old.json", "new.json", "-o", name, "--fail-on-new").exit_code == 1
    kind = {"md": "markdown"}.get(name[5:], name[5:])
    printed = diff("old.json", "new.json", "--format", kind, "--fail-on-new")
    assert printed.exit_code == 1
    assert Path(name).read_text("utf-8") == printed.stdout
    assert printed.stderr.endswith("1 mandatory failure is new.\n")


def test_the_json_has_every_violation_that_changed() -> None:
    found = json.loads(diff("old.json", "new.json", "--format", "json").stdout)
    assert found["schema_version"] == 1
    assert [(each["full_name"], each["change"]) for each in found["violations"]] == [
        ("main.sales.t0", "new"),
        ("main.sales.t1", "fixed"),
    ]
    same = json.loads(diff("old.json", "old.json", "--format", "json").stdout)
    assert same["violations"] == []


def test_quiet_leaves_the_conclusion() -> None:
    ended = diff("old.json", "new.json", "-q", "--fail-on-new")
    assert ended.stdout == (
        "1 new failure, 1 mandatory; 1 fixed; 0 still fail. Gate: failed (exit 1): 1 mandatory "
        "failure is new.\n"
    )


def test_neither_report_is_overwritten() -> None:
    before = [Path(name).read_bytes() for name in ("old.json", "new.json")]
    for name in ("old.json", "new.json"):
        ended = diff("old.json", "new.json", "-o", name)
        assert ended.exit_code == 2
        assert "would overwrite" in ended.stderr
    assert [Path(name).read_bytes() for name in ("old.json", "new.json")] == before


@pytest.mark.parametrize(
    "arguments",
    [
        ["gone.json", "new.json"],
        ["old.json", "gone.json"],
        ["old.json", "broken.json"],
        ["old.json", "edited.json", "-o", "x.json"],
        ["old.json", "new.json", "-o", "diff.html"],
        ["old.json", "new.json", "--format", "html"],
        ["old.json"],
    ],
)
def test_what_cannot_be_compared_or_written_is_a_usage_error(arguments: list[str]) -> None:
    Path("broken.json").write_text("{}", "utf-8")
    text = Path("new.json").read_text("utf-8")
    Path("edited.json").write_text(text.replace('"outcome":"fail"', '"outcome":"pass"', 1), "utf-8")
    ended = diff(*arguments)
    assert ended.exit_code == 2, ended.output
    assert ended.stdout == ""
    assert not Path("x.json").exists()


def test_a_full_disk_is_a_fault_that_is_told() -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("this system has no /dev/full")
    assert diff("old.json", "new.json", "-o", str(full)).exit_code == 4
