"""A diff in a pull request keeps to its size, and shows what strangers wrote as text."""

from __future__ import annotations

import io
from typing import Final

import pytest
from msgspec import structs

from lakewarden.model.decision import Decision, Outcome
from lakewarden.model.report import Gate
from lakewarden.renderers.markdown.diff import write_diff
from lakewarden.renderers.markdown.layout import BUDGET
from tests.support import reports
from tests.support.agreeing_reports import agreeing
from tests.support.diffs import broken, compared, of_run, waived
from tests.support.fixable import KEY_LIMIT, SINGLE, STRATEGY, report, table
from tests.support.hostile import LONG, WORST
from tests.support.markdown import runs

_PASS: Final = Decision(outcome=Outcome.PASS, reasons=("Fine.",))


def page(old: reports.Sample, new: reports.Sample, gate: Gate | None = None) -> str:
    found, out = compared(old, new), io.StringIO()
    write_diff(found.diff, found.heaviest, out, gate)
    return out.getvalue()


def test_it_says_what_changed_and_why() -> None:
    old = report([table("main.sales.a", {STRATEGY: broken(None)}), table("main.sales.b", {})])
    new = report([table("main.sales.b", {KEY_LIMIT: broken("x")}, owner=None)])
    text = page(old, of_run(new, inventory="other"), Gate(exit_code=1, reasons=("it is new",)))
    assert text.startswith("# 1 new failure, 1 mandatory; 1 gone; 0 still fail.\n")
    assert "**Gate: failed (exit 1): it is new.**" in text
    assert "Between the two runs, the data changed." in text
    assert "| new | 1 | 1 | 1 | 1.0 GiB |\n" in text
    assert (
        "- `main.sales.b`, 1.0 GiB, owner not known: `clustering.key_limit`, `x`, medium\n"
        "  - x is broken.\n  - Before: pass.\n  - Cause: the data.\n"
    ) in text
    assert "## Failed, and the table is gone\n\n- `main.sales.a`" in text
    assert "- vanished: 1 table, 1.0 GiB: `main.sales.a`\n" in text


def _hostile(text: str, number: int, decision: Decision) -> reports.Sample:
    rows = []
    for each in range(number):
        named = structs.replace(
            decision,
            violations=tuple(
                structs.replace(one, message=text, key=text) for one in decision.violations
            ),
            exemptions=tuple(structs.replace(one, reason=text) for one in decision.exemptions),
        )
        decisions = dict.fromkeys((STRATEGY, KEY_LIMIT, SINGLE), named)
        rows.append(table(f"main.sales.{text}{each}", decisions, owner=f"{text}{each}"))
    return of_run(report(rows), scope=text, source=text, narrowed=(f"--table {text}",))


@pytest.mark.parametrize("text", [WORST, LONG, "\U0001f40b" * 400, "`|" * 300])
def test_it_keeps_to_its_size_and_is_nothing_but_text(text: str) -> None:
    failing = _hostile(text, 30, broken(None))
    for other in (report([]), _hostile(text, 30, waived(broken(None), "2027-01-01"))):
        for old, new in ((failing, other), (other, failing)):
            found = page(old, new)
            assert len(found.encode("utf-8", "surrogatepass")) <= BUDGET
            assert runs(found)


def test_a_large_estate_keeps_to_its_size_and_counts_the_rest() -> None:
    text = page(agreeing(80, compared=False), agreeing(400, compared=False))
    assert 4_000 < len(text.encode()) <= BUDGET
    assert "more violations" in text
