"""Tells at the end of a run what was found: for those who answer for the estate."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from lakewarden import ConfigurationError, Report, open_report
from lakewarden.renderers.words import wording
from lakewarden_collector.counted import counted
from tests.acceptance.steps.fixtures import EVALUATION, RULE, SCENARIO
from tests.acceptance.steps.insight import insight_lines
from tests.acceptance.steps.judging import FOUND
from tests.scenarios.scenario_list import scenarios

_FORMATS: Final = {".md": "markdown"}
_SIGNS: Final = {"passed": "holds", "failed": "BROKEN", "skipped": "not judged"}


def tell(reporter: pytest.TerminalReporter, source: str) -> None:
    """Write what each scenario found, the insight of the report and where the reports are.

    Nothing, where no scenario of the production layer ran.
    """
    tests = [
        test
        for word in _SIGNS
        for test in reporter.stats.get(word, ())
        if _summary(test, EVALUATION)
    ]
    if not tests:
        return
    reporter.section(f"what was found: {source}")
    rules = [each.title for each in scenarios()]
    for rule in sorted({_summary(test, RULE) for test in tests}, key=rules.index):
        reporter.write_line(rule)
        for test in tests:
            if _summary(test, RULE) == rule:
                reporter.write_line(f"  {_SIGNS[test.outcome]}: {_finding(test)}")
    folder = Path(_summary(tests[0], EVALUATION))
    for line in _about(folder):
        reporter.write_line(line)


def _about(folder: Path) -> Iterator[str]:
    """Yield what the report means, and where it is."""
    yield ""
    try:
        report = open_report(folder / "report.json")
    except ConfigurationError:
        yield "There is no report: nothing could be evaluated."
        return
    yield from _evaluated(report)
    yield from insight_lines(report)
    yield ""
    for path in sorted(folder.glob("report.*")):
        yield f"{_FORMATS.get(path.suffix, path.suffix[1:])} report:"
        yield str(path)


def _evaluated(report: Report) -> Iterator[str]:
    total, completeness = report.summary.total, report.completeness
    unsized = f", {total.unsized:,} of unknown size" if total.unsized else ""
    yield (
        f"evaluated: {counted(completeness.tables_evaluated, 'table')},"
        f" {wording.size(total.bytes)}{unsized}"
    )
    for failure in completeness.failures:
        yield f"not read: {failure.what}: {failure.reason}"
        yield f"  fix: {failure.remedy}"
    for reason in completeness.reasons:
        yield f"incomplete: {reason}"


def _finding(test: pytest.TestReport) -> str:
    found = [str(value) for name, value in test.user_properties if name == FOUND]
    if test.outcome == "skipped" and isinstance(test.longrepr, tuple):
        found = [test.longrepr[2].removeprefix("Skipped: ")]
    if test.outcome == "failed":
        found = test.longreprtext.strip().splitlines()[:1]
    return ": ".join(filter(None, (_summary(test, SCENARIO), ", ".join(found))))


def _summary(test: pytest.TestReport, what: str) -> str:
    return next((str(value) for name, value in test.user_properties if name == what), "")
