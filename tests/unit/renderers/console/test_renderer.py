"""The console report: what it says, and that a pipe gets plain, whole lines."""

from __future__ import annotations

import io
import random
import re
from pathlib import Path

import pytest
from msgspec import structs

from lakewarden.model.decision import Decision, Outcome, Violation
from lakewarden.model.report import Gate
from lakewarden.renderers import Format, renderer
from lakewarden.renderers.console.one_table import show_table
from lakewarden.renderers.words import table_scan
from lakewarden.renderers.words.wording import visible
from tests.support import fixable, reports
from tests.support.fixable import STRATEGY
from tests.support.golden import full_showcase, golden, showcase


class Screen(io.StringIO):
    """A stream that says that it is a terminal."""

    def isatty(self) -> bool:
        return True


def piped(sample: reports.Sample) -> str:
    out = io.StringIO()
    renderer(Format.CONSOLE).render(sample, out)
    return out.getvalue()


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("COLUMNS", "70"), ("LINES", "40"), ("TERM", "xterm-256color")):
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("NO_COLOR", raising=False)


def shown(
    sample: reports.Sample,
    monkeypatch: pytest.MonkeyPatch,
    columns: int,
    json_path: Path | None = None,
) -> str:
    """Return what a terminal of that width shows, without colours."""
    monkeypatch.setenv("COLUMNS", str(columns))
    out = Screen()
    renderer(Format.CONSOLE, json_path=json_path).render(sample, out)
    return re.sub(r"\x1b\[[0-9;]*m", "", out.getvalue())


@pytest.mark.usefixtures("terminal")
def test_a_pipe_gets_no_colours_and_no_wrapping() -> None:
    """Scripts read it with grep: a name or message may never be cut or broken."""
    text = piped(reports.sample(60, names=reports.HOSTILE_NAMES))
    assert "\x1b" not in text
    assert not any(line != line.rstrip() for line in text.splitlines())
    assert (
        "     the table does not meet clustering.strategy_required: it has no clustering strategy"
        " and holds more than the threshold\n"
    ) in text


@pytest.mark.usefixtures("terminal")
@pytest.mark.parametrize("columns", [50, 70, 80, 120, 200])
def test_a_screen_gets_colours_and_lines_that_fit(
    columns: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only a word or name that is longer than a line goes on in the next row, to copy it whole."""
    sample = reports.sample(60, names=reports.HOSTILE_NAMES)
    out = Screen()
    renderer(Format.CONSOLE).render(sample, out)
    assert "\x1b[" in out.getvalue()
    lines = shown(sample, monkeypatch, columns).splitlines()
    assert not any(line != line.rstrip() for line in lines)
    names = tuple(visible(row.full_name) for row in sample.rows)
    assert all(
        len(line) <= columns or len(line.split()) <= 3 or line.endswith(names) for line in lines
    ), lines
    assert {line for line in lines if "clustering.no_exclusion_conflict" in line}


@pytest.mark.usefixtures("terminal")
def test_a_narrow_screen_breaks_neither_names_nor_sizes(monkeypatch: pytest.MonkeyPatch) -> None:
    name = "`my catalog`.`my schema`.`my table`"
    failed = fixable.failing("It holds about 1,234.5 GiB now, or so.")
    rows = [
        structs.replace(
            fixable.table("a.b.c", {STRATEGY: failed}), full_name=name, owner="data-platform"
        )
    ]
    lines = shown(fixable.report(rows), monkeypatch, 40).splitlines()
    first = lines.index(f"  1. {name}")
    assert lines[first + 1].startswith("     1.0 GiB, owner data-platform")
    assert [line for line in lines if "1,234.5 GiB" in line]


@pytest.mark.usefixtures("terminal")
def test_no_colours_where_nobody_wants_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    out = Screen()
    renderer(Format.CONSOLE).render(reports.sample(20), out)
    assert not re.search(r"\x1b\[[0-9;]*3[0-9]", out.getvalue())


@pytest.mark.usefixtures("terminal")
@pytest.mark.parametrize("columns", [80, 120])
def test_a_screen_looks_as_it_did(columns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Golden: what most people ever see of a run is looked at when it changes."""
    path = Path("my reports/nightly.json")
    golden(f"report.console-{columns}.txt", shown(full_showcase(), monkeypatch, columns, path))


def test_a_run_about_nothing_shows_no_counts_of_policies() -> None:
    text = piped(reports.sample(0, failures=0))
    assert text.startswith("Nothing was evaluated.\n")
    assert "nothing to evaluate: 0 of 0 tables evaluated" in text
    assert "Policies, the worst first" not in text


def test_a_message_of_a_million_letters_leaves_the_summary_one() -> None:
    table = fixable.table("a.b.c", {STRATEGY: fixable.failing("m" * 1_000_000)})
    text = piped(fixable.report([table]))
    assert f"{'m' * 1_000}" in text
    assert "m…\n" in text
    assert len(text) < 10_000
    out = io.StringIO()
    show_table(fixable.report([table]), table, out)
    assert "m" * 1_000_000 in out.getvalue()


def test_without_a_json_report_the_console_says_how_to_get_one() -> None:
    text = piped(showcase())
    assert "SQL for all, all about one table: run again with --report report.json\n" in text
    assert "lakewarden fix" not in text


@pytest.mark.usefixtures("terminal")
@pytest.mark.parametrize("columns", [30, 60, 80, 120])
def test_no_name_is_cut_or_broken(columns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever copies it has all of it, at any width."""
    name, owner = f"main.sales.{'long_' * 20}name", f"{'team-' * 20}one@example.com"
    failed = {
        "clustering.key_limit": fixable.failing("x", fixable.cluster(name)),
        "clustering.keys_exist": fixable.failing("y"),
    }
    table = fixable.table(name, failed, owner=owner)
    fact = {"clustering": {"strategy": "a" * 90}}
    sample = fixable.report([structs.replace(table, facts=fact)])
    text = shown(sample, monkeypatch, columns)
    assert text.count(owner) == 2
    for whole in (name, "a" * 90, *(policy.policy_id for policy in sample.policies)):
        assert whole in text
    assert "…" not in text
    monkeypatch.setenv("COLUMNS", str(columns))
    out = Screen()
    show_table(sample, sample.rows[0], out)
    one = re.sub(r"\x1b\[[0-9;]*m", "", out.getvalue())
    assert all(whole in one for whole in (name, owner, "a" * 90))


@pytest.mark.usefixtures("terminal")
def test_sql_stands_on_lines_of_its_own_and_is_never_broken(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It's there to be copied."""
    name = f"main.sales.{'long_' * 30}name"
    keys = ", ".join(f"column_{number}" for number in range(12))
    fix = fixable.cluster(name, f"({keys})")
    sample = fixable.report(
        [fixable.table(name, {"clustering.key_limit": fixable.failing("x", fix)})]
    )
    statement = f"       {fix.sql[0]};\n"
    assert statement in shown(sample, monkeypatch, 60)
    assert statement in piped(sample)


def test_a_name_cannot_move_the_cursor_or_turn_the_line() -> None:
    """A table's name comes from strangers and is printed to an administrator's terminal."""
    sample = reports.sample(0, names=["line\nbreak\x1b[2J\u202e"], failures=0)
    sample.rows = [
        table
        for number in range(40)
        for table in reports.sample(number, names=["line\nbreak\x1b[2J\u202e"]).rows[-1:]
        if any(each.outcome is Outcome.FAIL for each in table.decisions.values())
    ]
    sample.summary = reports.summarise(sample.rows, sample.policies)
    text = piped(sample)
    assert r"line\nbreak\x1b[2J\u202e" in text
    assert "\x1b" not in text
    assert "\u202e" not in text


def test_the_headline_counts_and_the_rest_is_counted() -> None:
    sample = reports.sample(400, failures=14)
    text = piped(sample)
    failing = sample.summary.tables_by_status["non_compliant"]
    assert text.startswith(f"{failing} of 400 tables break a mandatory policy.\n")
    assert f"… and {failing - 15} more non-compliant tables" in text
    assert "… and 4 more failures" in text
    assert text.count("archive.web.damaged_") == 10


def test_every_policy_has_its_counts_on_one_line() -> None:
    sample = reports.sample(50)
    lines = piped(sample).splitlines()
    for policy in sample.policies:
        begin = f"  {policy.policy_id} "
        line = next(line for line in lines if line.startswith(begin) and policy.title in line)
        severity, enforcement, *numbers = line.rpartition(policy.title)[2].split()
        assert (severity, enforcement) == (policy.severity, policy.enforcement)
        counts = sample.summary.by_policy[policy.policy_id].outcomes
        order = ("fail", "error", "unknown", "exempt", "pass", "not_applicable")
        assert [int(number) for number in numbers] == [counts[outcome] for outcome in order]


def test_a_column_of_errors_is_there_only_if_there_are_any() -> None:
    heading = next(
        line for line in piped(reports.sample(200)).splitlines() if line.startswith("  Policy ")
    )
    assert "Error" in heading
    sample = fixable.report([fixable.table("main.sales.a", {})])
    heading = next(line for line in piped(sample).splitlines() if line.startswith("  Policy "))
    assert "Error" not in heading


def test_what_weighs_most_comes_first_with_message_and_remedy() -> None:
    sample = reports.sample(60)
    first = piped(sample).partition("Do this first\n")[2].partition("\n\n")[0]
    names = re.findall(r"^  \d\. (\S+)  ", first, re.MULTILINE)
    sizes = {table.full_name: table.size.get("bytes", 0) for table in sample.rows}
    assert len(names) == 5
    assert [sizes[name] for name in names] == sorted((sizes[name] for name in names), reverse=True)
    assert first.count("     Fix: ALTER TABLE <table> CLUSTER BY AUTO;\n") == 1
    assert "\n  … and " in first


def test_the_other_tables_are_named_with_what_they_fail() -> None:
    text = piped(reports.sample(60))
    first, _, then = text.partition("Then these tables\n")
    names = re.findall(r"^  (\S+)  .*, ", then.partition("\n\n")[0], re.MULTILINE)
    assert names
    assert not any(f"{name} " in first for name in names)
    assert "    clustering.strategy_required (high)\n" in then


def test_what_is_unknown_says_why_and_what_to_do() -> None:
    text = piped(reports.sample(60))
    assert re.search(
        r"  \d+ tables?: access to the size was denied \(403: no SELECT on the table\)\n", text
    )
    assert "    Fix: Grant the collecting identity access to it" in text


def test_what_most_tables_lack_comes_first() -> None:
    text = piped(reports.sample(200)).partition("Why decisions are unknown\n")[2]
    numbers = [
        int(number) for number in re.findall(r"^  (\d+) tables?: .* size", text, re.MULTILINE)
    ]
    assert len(numbers) == 2
    assert numbers[0] > numbers[1]


def test_each_reason_of_what_is_unknown_is_told_and_the_rest_is_counted() -> None:
    """One reason stood for all: the others' tables were fixed unnecessarily."""
    sample = reports.lacking({"no SELECT on a": 3, "no SELECT on b": 2, "": 1})
    assert (
        "  6 tables: access to the size was denied\n"
        "    3 tables: no SELECT on a\n"
        "    2 tables: no SELECT on b\n"
        "    1 table: no reason given\n"
        "    Fix: Grant the collecting identity"
    ) in piped(sample)


def test_many_reasons_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """A reason may name its table: a hundred thousand of them aren't a summary."""
    monkeypatch.setattr(table_scan, "_REASONS_HELD", 20)
    reasons = {f"no SELECT on t{number:04d}": 1 for number in range(30)} | {"late": 9}
    text = piped(reports.lacking({"same\n": 4} | reasons)).partition("Why decisions are unknown\n")[
        2
    ]
    assert text.startswith(
        "  43 tables: access to the size was denied\n"
        "    4 tables: same\\n\n    1 table: no SELECT on t0000\n"
    )
    lines = text.partition("    Fix")[0].splitlines()
    assert len(lines) == 1 + 5 + 1
    assert lines[-1] == "    … and 35 tables for other reasons"


def test_failures_of_the_collection_are_named() -> None:
    text = piped(reports.sample(3, failures=1))
    assert "INCOMPLETE: 3 of 4 tables evaluated, 1 couldn't be read" in text
    assert "  archive.web.damaged_0: the log's version 3 is missing\n" in text
    assert "    Fix: Restore _delta_log/" in text


@pytest.mark.parametrize(
    ("gate", "line"),
    [
        (Gate(exit_code=0), "Gate: passed (exit 0)."),
        (Gate(exit_code=1, reasons=("2 fail",)), "Gate: failed (exit 1): 2 fail."),
        (Gate(exit_code=3, reasons=("a", "b")), "Gate: incomplete (exit 3): a; b."),
        (
            Gate(exit_code=4, reasons=("OPA died",)),
            "Gate: stopped: the collector or the engine failed (exit 4): OPA died.",
        ),
        (Gate(exit_code=130), "Gate: interrupted (exit 130)."),
        (
            Gate(exit_code=1, reasons=("2 fail",), gate_disabled=True),
            "Gate: off (--no-gate); this run would otherwise exit with 1: 2 fail.",
        ),
        (
            Gate(exit_code=0, allowed=("unknown:d.p",)),
            "Gate: passed (exit 0).\nNot gated, because --allow permits it: unknown:d.p.",
        ),
    ],
)
def test_the_gate_says_its_code_and_why(gate: Gate, line: str) -> None:
    sample = reports.sample(2, failures=0)
    sample.gate = gate
    assert piped(sample).endswith(f"\n{line}\n")


def test_an_encoding_without_the_letters_does_not_stop_the_report() -> None:
    """A build server's log may be ASCII; a report must still come out."""
    raw = io.BytesIO()
    out = io.TextIOWrapper(raw, encoding="ascii")
    renderer(Format.CONSOLE).render(reports.sample(200, names=reports.HOSTILE_NAMES), out)
    out.flush()
    assert b"\n  ... and " in raw.getvalue()
    assert b"\n  -----" in raw.getvalue()


def test_waivers_without_effect_are_named() -> None:
    """Who believes himself excused by an expired or misspelt waiver must read that he is not."""
    text = piped(reports.sample(10))
    assert "Waivers\n  2 active, 1 expired; 1 matching no table\n" in text
    assert "main.sales.orders  clustering.key_limit: expired on 2026-06-30" in text
    assert "owner sales-analytics, approved by Head of Data, ticket DATA-7" in text
    assert "clustering.key_limit: active until 2027-01-31, matching no table" in text
    assert "main.web.*  clustering" not in text


def test_without_waivers_nothing_is_said_of_them() -> None:
    sample = reports.sample(10)
    sample.waivers = ()
    assert "Waivers" not in piped(sample)


def test_a_failure_under_overridden_settings_names_the_override() -> None:
    sample = reports.sample(0, failures=0)
    plain = reports.table(0, random.Random(0))  # noqa: S311 -- sample data, no secret
    failed = Decision(
        outcome=Outcome.FAIL, violations=(Violation(message="broken"),), override="main.web.*"
    )
    sample.rows = [structs.replace(plain, decisions=dict.fromkeys(plain.decisions, failed))]
    sample.summary = reports.summarise(sample.rows, sample.policies)
    assert "clustering.key_limit  (settings for main.web.*)" in piped(sample)
