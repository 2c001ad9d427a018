"""The trend of a report with a history, as a reader of the Markdown sees it."""

from __future__ import annotations

from io import StringIO
from typing import Final

from lakewarden.renderers.markdown.renderer import MarkdownRenderer
from tests.support import reports
from tests.support.histories import with_history
from tests.support.past_runs import KEYED, failing, report, table

SUMMARY: Final = (
    "8 violations: 1 new, 2 reopened, 2 of these reported fixed before, 3 fixed. "
    "The median time to fix is 2.5 days."
)
OTHER: Final = "Not comparable: Its settings differ."


def section(sample: reports.Sample) -> str:
    out = StringIO()
    MarkdownRenderer().render(sample, out)
    text = out.getvalue()
    return text.partition("## Trend\n")[2].partition("\n## ")[0]


def test_the_trend_has_the_latest_runs_first_and_says_which_can_not_be_compared() -> None:
    sample = with_history(
        report(6, *(table(f"t{number}", {KEYED: failing("x")}) for number in range(8)))
    )
    lines = section(sample).splitlines()
    assert lines[1:3] == [SUMMARY, ""]
    assert lines[3:10] + lines[11:12] == [
        "| Run | non-compliant | undecided | compliant | Failing | Note |",
        "| --- | ---: | ---: | ---: | ---: | --- |",
        "| 2026-03-07 00:00:00 UTC | 8 (8.0 GiB) | 0 | 0 | 8 |  |",
        "| 2026-03-06 00:00:00 UTC | 9 (9.0 GiB) | 0 | 0 | 9 |  |",
        "| 2026-03-05 00:00:00 UTC | 10 (10.0 GiB) | 0 | 0 | 10 |  |",
        f"| 2026-03-04 00:00:00 UTC | 11 (11.0 GiB) | 0 | 0 | 11 | {OTHER} |",
        "| 2026-03-03 00:00:00 UTC | 12 (12.0 GiB) | 0 | 0 | 12 |  |",
        "… and 2 more runs",
    ]


def test_what_came_back_and_what_fails_longest_is_named() -> None:
    sample = with_history(
        report(6, *(table(f"t{number}", {KEYED: failing("x")}) for number in range(8)))
    )
    text = section(sample)
    back, _, longest = text.partition("Failing for longest:")
    again = f"- `main.sales.t1`, `{KEYED}`, `x`: since 2026-03-04 00:00:00 UTC, first found "
    assert f"{again}2026-03-03 00:00:00 UTC, reopened 1 time, although it" in back
    assert again in longest
    named = [line.split("`")[1] for line in longest.splitlines() if line.startswith("- ")]
    assert named == [f"main.sales.t{number}" for number in (0, 5, 1)]


def test_a_report_without_history_has_no_such_section() -> None:
    assert section(reports.sample(9)) == ""
