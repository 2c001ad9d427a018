"""A diff on a terminal fits 80 columns, and shows what strangers wrote as text."""

from __future__ import annotations

import io
import re

import pytest
from msgspec import structs

from lakewarden.model.decision import Exemption, PastFailure
from lakewarden.renderers.console.diff import show_diff
from lakewarden.renderers.words.wording import HIDDEN
from tests.support import reports
from tests.support.agreeing_reports import agreeing
from tests.support.diffs import UNKNOWN, broken, compared, of_run, waived
from tests.support.fixable import KEY_LIMIT, SINGLE, STRATEGY, report, table
from tests.support.hostile import WORST


class _Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


def _text(old: reports.Sample, new: reports.Sample, out: io.StringIO | None = None) -> str:
    found, out = compared(old, new), out or io.StringIO()
    show_diff(found.diff, found.heaviest, out)
    return re.sub(r"\x1b\[[0-9;]*m", "", out.getvalue())


def test_each_violation_says_how_it_stood_and_what_changed_it() -> None:
    past = PastFailure(
        first_failed_at="2026-01-01T00:00:00Z",
        failing_since="2026-11-24T00:00:00Z",
        reopened=1,
        contradicted=True,
    )
    again = structs.replace(broken(None), history=(past,))
    old = report(
        [
            table(
                "main.sales.a", {STRATEGY: broken(None), KEY_LIMIT: broken("x"), SINGLE: UNKNOWN}
            ),
            table("main.sales.b", {}),
        ]
    )
    new = report(
        [
            table(
                "main.sales.a",
                {STRATEGY: waived(broken(None), "2027-01-01"), SINGLE: broken(None)},
                size=2**20,
            ),
            table("main.sales.b", {STRATEGY: again}, owner=None),
            table("main.sales.c", {STRATEGY: UNKNOWN}),
        ]
    )
    text = _text(old, of_run(new, waivers="other", inventory="other"))
    assert text.startswith(
        "2 new failures, 1 mandatory; 1 newly exempt; 1 fixed; 0 still fail.\n"
        "1 violation had been reported fixed and fails again.\n"
        "1 decision about 1 table couldn't be made, but could before: there may be failures "
        "among them.\n"
    )
    lines = [line.strip() for line in text.replace("It's fine.", "Fine.").split("\n")]
    for block in (
        [
            "main.sales.a  1.0 MiB, owner team",
            "low, advisory  clustering.single_strategy",
            "It is broken.",
            "Before: unknown.",
            "Possible causes: the data, the waivers.",
        ],
        [
            "main.sales.b  1.0 GiB, owner not known",
            "high  clustering.strategy_required",
            "It is broken.",
            "It was reported fixed, and fails again.",
            (
                "Before: pass. Fails since 2026-11-24 00:00:00 UTC, first found 2026-01-01 "
                "00:00:00 UTC, reopened 1 time, although it had been reported fixed."
            ),
        ],
        [
            "main.sales.a  1.0 GiB, owner team",
            "high  clustering.strategy_required",
            "Now: exempt by waiver: agreed (owner team, approved by lead, expires 2027-01-01)",
            "Cause: the waivers.",
        ],
        ["medium  clustering.key_limit  x", "Now: pass. Fine."],
        ["added: 1 table, 1.0 GiB", "main.sales.c"],
    ):
        assert "\n".join(block) in "\n".join(lines), text


@pytest.mark.parametrize("columns", [60, 80, 120])
def test_a_screen_gets_lines_that_fit(columns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("COLUMNS", str(columns)), ("LINES", "40"), ("TERM", "xterm")):
        monkeypatch.setenv(name, value)
    lines = _text(agreeing(60, compared=False), agreeing(90, compared=False), _Screen()).split("\n")
    assert len(lines) > 100
    assert [line for line in lines if len(line) > columns] == []


def test_texts_of_strangers_are_shown_as_text() -> None:
    exemption = Exemption(kind=WORST, reason=WORST)
    decision = structs.replace(broken(WORST), exemptions=(exemption,))
    rows = [table(f"main.sales.{WORST}", {STRATEGY: decision}, owner=WORST)]
    failing = of_run(report(rows), scope=WORST, source=WORST)
    for old, new in ((failing, report([])), (report([]), failing)):
        text = _text(old, new)
        assert HIDDEN.search(text) is None
        assert not any(line.lstrip().startswith(("::", "##")) for line in text.split("\n"))
