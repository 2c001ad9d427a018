"""The console report: what it says, and that a pipe gets plain, whole lines."""

from __future__ import annotations

import io
import re

import pytest

from lakewarden.model.decision import Outcome
from lakewarden.model.report import Gate
from lakewarden.renderers import renderer
from tests.data import reports


class Screen(io.StringIO):
    """A stream that says that it is a terminal."""

    def isatty(self) -> bool:
        return True


def piped(sample: reports.Sample) -> str:
    out = io.StringIO()
    renderer("console").render(sample, out)
    return out.getvalue()


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("COLUMNS", "70"), ("LINES", "40"), ("TERM", "xterm-256color")):
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("NO_COLOR", raising=False)


@pytest.mark.usefixtures("terminal")
def test_a_pipe_gets_no_colours_and_no_wrapping() -> None:
    """Scripts read it with grep: a name or message may never be cut or broken."""
    text = piped(reports.sample(60, names=reports.HOSTILE_NAMES))
    assert "\x1b" not in text
    assert not any(line != line.rstrip() for line in text.splitlines())
    assert (
        "      the table does not meet clustering.strategy_required: it has no clustering strategy"
        " and holds more than the threshold\n"
    ) in text


@pytest.mark.usefixtures("terminal")
def test_a_screen_gets_colours_and_lines_that_fit() -> None:
    out = Screen()
    renderer("console").render(reports.sample(60, names=reports.HOSTILE_NAMES), out)
    assert "\x1b[" in out.getvalue()
    bare = re.sub(r"\x1b\[[0-9;]*m", "", out.getvalue())
    assert max(map(len, bare.splitlines())) <= 70
    assert "Large tables" in bare


def test_a_name_cannot_move_the_cursor_or_turn_the_line() -> None:
    """A table's name comes from strangers and is printed to an administrator's terminal."""
    sample = reports.sample(0, names=["line\nbreak\x1b[2J\u202e"], failures=0)
    sample.held = [
        table
        for number in range(40)
        for table in reports.sample(number, names=["line\nbreak\x1b[2J\u202e"]).held[-1:]
        if any(each.outcome is Outcome.FAIL for each in table.decisions.values())
    ]
    sample.summary = reports.summarise(sample.held, sample.policies)
    text = piped(sample)
    assert r"line\nbreak\x1b[2J\u202e" in text
    assert "\x1b" not in text
    assert "\u202e" not in text


def test_the_headline_counts_and_the_rest_is_counted() -> None:
    sample = reports.sample(400, failures=14)
    text = piped(sample)
    failing = sample.summary.tables_by_status["non_compliant"]
    assert text.startswith(f"{failing} of 400 tables break a mandatory policy.\n")
    assert f"… and {failing - 10} more non-compliant tables" in text
    assert "… and 4 more failures" in text
    assert text.count("archive.web.damaged_") == 10


def test_every_policy_has_its_counts_on_one_line() -> None:
    sample = reports.sample(50)
    lines = piped(sample).splitlines()
    for policy in sample.policies:
        line = next(line for line in lines if line.startswith(f"  {policy.title} "))
        severity, enforcement, *numbers = line.removeprefix(f"  {policy.title}").split()
        assert (severity, enforcement) == (policy.severity, policy.enforcement)
        counts = sample.summary.by_policy[policy.policy_id].outcomes
        order = ("pass", "fail", "exempt", "not_applicable", "unknown", "error")
        assert [int(number) for number in numbers] == [counts[outcome] for outcome in order]


def test_the_worst_table_comes_first_with_message_and_remedy() -> None:
    text = piped(reports.sample(60))
    worst = text.partition("Worst tables\n")[2].splitlines()
    names = [line.split()[0] for line in worst[:30] if re.match(r"  \w", line)]
    sizes = {table.full_name: table.size.get("bytes", 0) for table in reports.sample(60).held}
    high = [line for line in worst if "fail (high)" in line]
    assert len(high) > 1
    ordered = [sizes[name] for name in names[: len(high)]]
    assert ordered == sorted(ordered, reverse=True)
    assert "What to do\n" in text
    assert "    ALTER TABLE <table> CLUSTER BY AUTO;\n" in text


def test_what_is_unknown_says_why_and_what_to_do() -> None:
    text = piped(reports.sample(60))
    assert re.search(r"  size was denied for \d+ tables? \(403: no SELECT on the table\)\n", text)
    assert "    Fix: Give the collecting identity the right to read it" in text


def test_what_most_tables_lack_comes_first() -> None:
    text = piped(reports.sample(200)).partition("Unknown for lack of evidence\n")[2]
    numbers = [
        int(number) for number in re.findall(r"^  size was .* for (\d+) table", text, re.MULTILINE)
    ]
    assert len(numbers) == 2
    assert numbers[0] > numbers[1]


def test_failures_of_the_collection_are_named() -> None:
    text = piped(reports.sample(3, failures=1))
    assert "INCOMPLETE: 3 of 4 tables evaluated, 1 could not be read" in text
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
            "Gate: broken off: the collector or the engine failed (exit 4): OPA died.",
        ),
        (Gate(exit_code=130), "Gate: interrupted (exit 130)."),
        (
            Gate(exit_code=1, reasons=("2 fail",), softened=True),
            "Gate: softened by --no-gate; on a real estate these violations would exit 1: 2 fail.",
        ),
        (
            Gate(exit_code=0, allowed=("unknown:d.p",)),
            "Gate: passed (exit 0).\nAllowed by name, so not gated: unknown:d.p.",
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
    renderer("console").render(reports.sample(200, names=reports.HOSTILE_NAMES), out)
    out.flush()
    assert rb"\u2026 and" in raw.getvalue()
