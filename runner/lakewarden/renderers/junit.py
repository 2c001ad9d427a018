"""The report as JUnit XML, as CI systems show it: a suite for each policy, a case for each table.

The elements and attributes are those that the schema of Jenkins' xUnit plugin has, and of which
GitLab reads its part: it knows a case by `classname` and `name`, and shows the text of a failure,
not its message.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from tempfile import TemporaryFile
from typing import BinaryIO, Final, TextIO, cast
from xml.sax.saxutils import escape, quoteattr

from msgspec import Struct, structs

from lakewarden.model.decision import Decision, Outcome, Severity
from lakewarden.model.policy import Policy
from lakewarden.model.report import Completeness, Report, Run, TableReport
from lakewarden.renderers.words import proof
from lakewarden.renderers.words.completeness import NOTHING, evaluated
from lakewarden.renderers.words.wording import gate_lines, visible
from lakewarden.report.table_status import PolicyIndex, failure_gates, severity_of

COMPLETENESS: Final = "completeness"
"""The suite of what couldn't be read; no policy has such an id, which would have a dot in it."""

_PIECE: Final = 2**16
"""Characters of one suite that are kept before they go to the disk, and that are read back."""
_TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")


class JunitRenderer:
    """Writes a case for every decision, and for everything that couldn't be read.

    Suites stand one after the other, and tables come one by one: until the last has come, the
    cases are on the disk.
    """

    format = "junit"

    def render(self, report: Report, out: TextIO) -> None:
        """Write the whole document."""
        with TemporaryFile() as file:
            index = {policy.policy_id: policy for policy in report.policies}
            suites = _Suites(cast("BinaryIO", file), [COMPLETENESS, *index])
            names: Counter[str] = Counter()
            for case in _completeness(report.completeness):
                names[case.name] += 1
                number = f", {names[case.name]}" if names[case.name] > 1 else ""
                suites.add(COMPLETENESS, structs.replace(case, name=f"{case.name}{number}"))
            for table in report.tables():
                for policy_id, decision in table.decisions.items():
                    case = _case(table, index[policy_id], decision, report.gate.fail_on)
                    suites.add(policy_id, case)
            for piece in _document(report, index, suites):  # noqa: FURB122 -- some streams join all first
                out.write(piece)


class _Case(Struct, frozen=True, kw_only=True):
    """One test case; `result` is failure, error, skipped, or empty where it passes."""

    suite: str
    name: str
    result: str = ""
    kind: str = ""
    message: str = ""
    text: str = ""

    def xml(self) -> str:
        head = f'<testcase classname={_quoted(self.suite)} name={_quoted(self.name)} time="0"'
        if not self.result:
            return f"{head}/>\n"
        inner = f"<{self.result} type={_quoted(self.kind)} message={_quoted(self.message)}"
        body = f">{_escaped(self.text)}</{self.result}>" if self.text else "/>"
        return f"{head}>{inner}{body}</testcase>\n"


class _Counts(Struct):
    tests: int = 0
    failure: int = 0
    error: int = 0
    skipped: int = 0

    def add(self, result: str) -> None:
        self.tests += 1
        if result:
            setattr(self, result, getattr(self, result) + 1)

    def attributes(self, *, suite: bool) -> str:
        """Return the counts; on the document's element the schema knows no `skipped`."""
        more = f' skipped="{self.skipped}"' if suite else ""
        return (
            f'tests="{self.tests}" failures="{self.failure}" errors="{self.error}"{more} time="0"'
        )


class _Suites:
    """Cases by suite, in one file on the disk, with a part of each suite in memory."""

    def __init__(self, file: BinaryIO, names: Iterable[str]) -> None:
        self._file = file
        self.counts = {name: _Counts() for name in names}
        self.total = _Counts()
        self._parts: dict[str, list[tuple[int, int]]] = {name: [] for name in self.counts}
        self._waiting: dict[str, list[str]] = {name: [] for name in self.counts}
        self._lengths = dict.fromkeys(self.counts, 0)

    def add(self, suite: str, case: _Case) -> None:
        self.counts[suite].add(case.result)
        self.total.add(case.result)
        text = case.xml()
        self._waiting[suite].append(text)
        self._lengths[suite] += len(text)
        if self._lengths[suite] > _PIECE:
            data = "".join(self._waiting[suite]).encode()
            self._parts[suite].append((self._file.seek(0, 2), len(data)))
            self._file.write(data)
            self._waiting[suite] = []
            self._lengths[suite] = 0

    def cases(self, suite: str) -> Iterator[str]:
        """Yield a suite's cases in the order in which they came, some at a time."""
        for offset, length in self._parts[suite]:
            self._file.seek(offset)
            yield self._file.read(length).decode()
        yield "".join(self._waiting[suite])


def _completeness(state: Completeness) -> Iterator[_Case]:
    """Yield an error for each thing that is missing; one case that passes if nothing is."""
    enough = state.min_coverage is not None and state.suffices
    for failure in state.failures:
        place = f" ({failure.where})" if failure.where else ""
        yield _Case(
            suite=COMPLETENESS,
            name=f"{failure.what}{place}",
            result="skipped" if enough else "error",
            kind="coverage" if enough else "not evaluated",
            message=failure.reason,
            text="" if enough else f"{failure.what}{place}: {failure.reason}\n{failure.remedy}",
        )
    for reason in state.reasons:
        yield _Case(
            suite=COMPLETENESS,
            name=reason,
            result="error",
            kind="not evaluated",
            message=reason,
            text=f"{reason}\n{evaluated(state)}",
        )
    if not state.failures and not state.reasons:
        nothing = "" if state.tables_evaluated else f"There was {NOTHING}."
        yield _Case(
            suite=COMPLETENESS,
            name="every known table was evaluated",
            result="error" if nothing else "",
            kind="not evaluated",
            message=nothing,
            text=nothing,
        )


def _case(
    table: TableReport, policy: Policy, decision: Decision, fail_on: Severity | None
) -> _Case:
    result, kind, text = "", str(decision.outcome), ""
    match decision.outcome:
        case Outcome.FAIL if decision.baseline and decision.is_known:
            result, kind = "skipped", "baseline"
        case Outcome.FAIL if failure_gates(policy, decision, fail_on):
            result, kind = "failure", str(severity_of(policy, decision))
        case Outcome.FAIL:  # shown, but it must not break a build
            result, kind = "skipped", "advisory"
        case Outcome.UNKNOWN | Outcome.ERROR:
            result = "error"
        case Outcome.EXEMPT | Outcome.NOT_APPLICABLE:
            result = "skipped"
        case _:
            return _Case(suite=policy.policy_id, name=table.full_name)
    if decision.outcome in (Outcome.FAIL, Outcome.UNKNOWN, Outcome.ERROR):
        lines = (f"{table.full_name}: {policy.title}", *proof.lines(table, policy, decision))
        text = "\n".join(lines)
    prefix = f"{kind}: " if kind in {"advisory", "baseline"} else ""
    return _Case(
        suite=policy.policy_id,
        name=table.full_name,
        result=result,
        kind=kind,
        message=f"{prefix}{proof.why(decision)}",
        text=text,
    )


def _document(report: Report, index: PolicyIndex, suites: _Suites) -> Iterator[str]:
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    yield f'<testsuites name="Lakewarden" {suites.total.attributes(suite=False)}>\n'
    for name, counts in suites.counts.items():
        attributes = f"{counts.attributes(suite=True)}{_timestamp(report.run)}"
        yield f"<testsuite name={_quoted(name)} {attributes}>\n<properties>\n"
        for key, value in _properties(report, index.get(name)):
            yield f"<property name={_quoted(key)} value={_quoted(value)}/>\n"
        yield "</properties>\n"
        yield from suites.cases(name)
        yield "</testsuite>\n"
    yield "</testsuites>\n"


def _timestamp(run: Run) -> str:
    """Return the run's clock as the attribute has it: without a zone, which is UTC."""
    time = _TIME.match(run.clock)
    return f' timestamp="{time[0]}"' if time else ""


def _properties(report: Report, policy: Policy | None) -> Iterator[tuple[str, str]]:
    run = report.run
    if policy is not None:
        yield "title", policy.title
        yield "severity", str(policy.severity)
        yield "enforcement", str(policy.enforcement)
        if policy.effective_on:
            yield "effective_on", policy.effective_on
    else:
        yield "gate", "\n".join(gate_lines(report.gate))
    yield "tool", f"{run.tool} {run.tool_version}"
    yield "engine", f"{run.engine.name} {run.engine.version}"
    yield "source", run.source
    yield "scope", run.scope
    yield "clock", run.clock
    if run.narrowed:
        yield "narrowed", "; ".join(run.narrowed)
    for name in run.digests.__struct_fields__:
        yield f"digest.{name}", getattr(run.digests, name)
    for each in run.policy_sources or ():
        yield "policies.from", " ".join(each.parts)


def _quoted(text: str) -> str:
    return quoteattr(visible(text))


def _escaped(text: str) -> str:
    return escape(visible(text, keep="\n"))
