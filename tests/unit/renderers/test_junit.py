"""Decisions as JUnit XML: what CI systems read, counted right, whatever stands in a name.

About `junit.py`.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree as ET

import pytest
from hypothesis import example, given, settings
from junitparser import Error, Failure, JUnitXml, Skipped, TestCase
from msgspec import structs

from lakewarden.model.decision import Decision, Enforcement, Missing, Outcome
from lakewarden.renderers import junit, renderer
from lakewarden.renderers.words.wording import visible
from tests.support import hostile, reports
from tests.support.golden import golden, showcase

_COUNTS: Final = {"tests", "failures", "errors"}
_RESULT: Final = ({"type", "message"}, set[str](), set[str]())
_STRUCTURE: Final[dict[str, tuple[set[str], set[str], set[str]]]] = {
    "testsuites": ({"name", "time"} | _COUNTS, set(), {"testsuite"}),
    "testsuite": (
        {"name", "time", "skipped", "timestamp"} | _COUNTS,
        {"name"} | _COUNTS,
        {"properties", "testcase"},
    ),
    "properties": (set(), set(), {"property"}),
    "property": ({"name", "value"}, {"name", "value"}, set()),
    "testcase": (
        {"name", "classname", "time"},
        {"name", "classname"},
        {"failure", "error", "skipped"},
    ),
    **dict.fromkeys(("failure", "error", "skipped"), _RESULT),
}
"""Element to its attributes, those of them that it must have, and its children: what we use of the
schema of Jenkins' xUnit plugin. GitLab also needs `classname`."""


def _render(report: reports.Sample) -> bytes:
    out = io.StringIO()
    renderer("junit").render(report, out)
    return out.getvalue().encode()


def read(data: bytes) -> JUnitXml:
    """Check a document's structure, and read it back."""
    root = ET.fromstring(data)  # noqa: S314 -- of our own making
    for element in root.iter():
        attributes, required, children = _STRUCTURE[element.tag]
        assert required <= set(element.attrib) <= attributes, element.tag
        assert {child.tag for child in element} <= children, element.tag
        if element.tag == "testcase":
            assert len(element) <= 1, "Jenkins keeps one result of a case"
    names = [(each.get("classname"), each.get("name")) for each in root.iter("testcase")]
    assert len(set(names)) == len(names), "GitLab counts the first of a name alone"
    parsed = JUnitXml.fromstring(data)
    assert isinstance(parsed, JUnitXml)
    return parsed


def _cases(parsed: JUnitXml) -> list[TestCase]:
    return [case for suite in parsed for case in suite]


def _first(data: bytes) -> Any:  # noqa: ANN401 -- junitparser's, which has no types
    return next(iter(read(data)))


def _result(case: TestCase) -> Any:  # noqa: ANN401 -- junitparser's, which has no types
    return case.result[0] if case.result else None


def test_the_file_is_as_it_was() -> None:
    golden("report.xml", _render(showcase()).decode())


@settings(max_examples=25, deadline=None)
@given(reports.reports())
def test_counts_are_those_of_the_decisions(sample: reports.Sample) -> None:
    sample.rows = [
        structs.replace(row, full_name=f"{number}.{row.full_name}")
        for number, row in enumerate(sample.rows)
    ]
    parsed = read(_render(sample))
    rows = sample.rows
    policies = {policy.policy_id: policy for policy in sample.policies}
    assert [suite.name for suite in parsed] == [junit.COMPLETENESS, *policies]
    for suite in list(parsed)[1:]:
        decisions = [row.decisions[suite.name] for row in rows]
        wanted = [_wanted(each, policies[suite.name].enforcement) for each in decisions]
        counted = suite.tests, suite.failures, suite.errors, suite.skipped
        assert counted == (len(rows), *(wanted.count(each) for each in (Failure, Error, Skipped)))
        assert [type(_result(case)) for case in suite] == wanted
    cases = _cases(parsed)
    assert parsed.tests == len(cases)
    assert parsed.failures == sum(isinstance(_result(case), Failure) for case in cases)
    assert parsed.errors == sum(isinstance(_result(case), Error) for case in cases)


def _wanted(decision: Decision, enforcement: Enforcement) -> type:
    match decision.outcome:
        case Outcome.FAIL:
            mandatory = (decision.enforcement or enforcement) is Enforcement.MANDATORY
            return Failure if mandatory else Skipped
        case Outcome.UNKNOWN | Outcome.ERROR:
            return Error
        case Outcome.EXEMPT | Outcome.NOT_APPLICABLE:
            return Skipped
    return type(None)


@settings(max_examples=20, deadline=None)
@given(hostile.TEXTS)
@example(hostile.WORST)
@example(hostile.LONG)
def test_a_hostile_report_is_well_formed_and_keeps_its_texts(text: str) -> None:
    """XML 1.0 has no way to write most control characters, so they are shown."""
    sample = hostile.report(text)
    rows = [
        structs.replace(row, full_name=f"{number}{row.full_name}")
        for number, row in enumerate(sample.rows)
    ]
    sample.rows = rows
    failures = sample.completeness.failures
    sample.completeness = structs.replace(sample.completeness, failures=failures[:1], reasons=())
    parsed = read(_render(sample))
    cases = _cases(parsed)
    assert {case.name for case in cases[1:]} == {visible(f"{n}{text}") for n in range(len(rows))}
    shown = _anywhere(visible(text, keep="\n").strip())
    failed = [_result(case) for case in cases if isinstance(_result(case), Failure)]
    assert any(_anywhere(each.text).count(shown) >= 9 for each in failed), "values, two fixes"
    message = _anywhere(visible(text.strip()))
    assert all(message in _anywhere(each.message) for each in failed)


def _anywhere(text: str) -> str:
    """Return shown text as it would be in the middle of a line, where two colons are harmless."""
    return text.replace("\\x3a:", "::")


def test_what_could_not_be_read_is_an_error_unless_enough_was() -> None:
    sample = reports.sample(10, failures=3)
    broken = _first(_render(sample))
    assert (broken.tests, broken.errors) == (3, 3)
    assert "Restore _delta_log" in _result(next(iter(broken))).text
    sample.completeness = structs.replace(sample.completeness, min_coverage=0.5)
    enough = _first(_render(sample))
    assert (enough.tests, enough.errors, enough.skipped) == (3, 0, 3)
    lost = sample.completeness.failures[0]
    sample.completeness = structs.replace(
        sample.completeness, failures=(lost,) * 3, reasons=("r", "r")
    )
    names = [case.name for case in _first(_render(sample))]  # `read` also refuses equal ones
    place = f"{lost.what} ({lost.where})"
    assert names == [place, f"{place}, 2", f"{place}, 3", "r", "r, 2"]
    whole = _first(_render(reports.sample(10, failures=0)))
    assert (whole.tests, whole.errors, whole.skipped) == (1, 0, 0)
    nothing = _first(_render(reports.sample(0, failures=0)))
    assert (nothing.tests, nothing.errors) == (1, 1), "an empty run must not look like a good one"


def test_tables_are_walked_once_and_not_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(junit, "_PIECE", 500)
    walks = 0

    class _Counting(reports.Sample):
        def tables(self) -> Any:  # noqa: ANN401 -- as Sample has it
            nonlocal walks
            walks += 1
            return super().tables()

    plain = reports.sample(60, names=reports.HOSTILE_NAMES)
    counting = _Counting(**{name: getattr(plain, name) for name in plain.__dataclass_fields__})
    in_pieces = _render(counting)
    monkeypatch.undo()
    assert walks == 1
    assert in_pieces == _render(plain), "the order of cases doesn't depend on what was kept"


def test_evidence_that_is_missing_says_what_to_do() -> None:
    missing = Missing(kind="size", status="denied", reason="403")
    sample = reports.sample(1, failures=0)
    decisions = dict.fromkeys(
        sample.rows[0].decisions, Decision(outcome=Outcome.UNKNOWN, missing=(missing,))
    )
    sample.rows = [structs.replace(sample.rows[0], decisions=decisions)]
    error = _result(_cases(read(_render(sample)))[1])
    assert error.message == "access to the size was denied: 403"
    assert "Grant the collecting identity access" in error.text


def test_nothing_is_left_on_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    _render(reports.sample(5))
    assert list(tmp_path.iterdir()) == []
