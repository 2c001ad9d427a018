"""The conclusion on one line."""

from __future__ import annotations

from lakewarden.model.report import Gate
from lakewarden.renderers import Format
from tests.support import fixable, reports
from tests.support.findings import written
from tests.support.golden import full_showcase, golden


def test_it_looks_as_it_did() -> None:
    """Golden."""
    golden("report.line.txt", written(full_showcase(), Format.LINE))


def test_it_has_the_counts_what_is_not_known_and_the_gate() -> None:
    sample = reports.sample(30)
    assert written(sample, Format.LINE) == (
        "9 of 30 tables break a mandatory policy. "
        "1 table couldn't be decided and 2 couldn't be read, so more may be broken. "
        "Gate: failed (exit 1): 4 mandatory decisions fail.\n"
    )


def test_it_is_one_line_whatever_is_permitted_and_named() -> None:
    sample = fixable.report([fixable.table("main.sales.a", {})])
    sample.gate = Gate(exit_code=0, reasons=("a\nb",), allowed=("unknown",))
    assert written(sample, Format.LINE) == (
        "No table breaks a mandatory policy: 1 table evaluated. Gate: passed (exit 0): a\\nb. "
        "Not gated, because --allow permits it: unknown.\n"
    )
