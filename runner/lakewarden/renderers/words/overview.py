"""The words of a report's first screen: how we stand, what isn't known, what to do first."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from msgspec import Struct

from lakewarden.model.decision import Outcome, Violation
from lakewarden.model.errors import EXIT_FAILED, EXIT_INCOMPLETE, EXIT_OK
from lakewarden.model.history import History
from lakewarden.model.insight import Change
from lakewarden.model.policy import Policy
from lakewarden.model.report import Gate, Group, Report
from lakewarden.renderers.words import wording
from lakewarden.renderers.words.enforcement import upcoming_lines
from lakewarden.renderers.words.evidence import lacking_evidence
from lakewarden.renderers.words.table_scan import Survey
from lakewarden.report.table_status import SEVERITY_RANK, Status
from lakewarden.report.weight import FailedDecision, Load
from lakewarden_collector.counted import counted

_FEW_WORDS: Final = 80
"""More characters than this aren't a few words."""

_SENTENCE: Final = 200
"""Characters of a message beside a policy's title."""

_EXEMPT_BY: Final = {
    "waiver": "by approved waivers",
    "flag": "by flags that owners set themselves",
    "rule": "by the policies' own rules",
}

_GATES: Final = {
    EXIT_OK: "passes",
    EXIT_FAILED: "fails",
    EXIT_INCOMPLETE: "stops as incomplete",
}


class ToDo(Struct, frozen=True, kw_only=True):
    """One failure as the thing to do about it."""

    failed: FailedDecision
    why: str
    """What was found instead of what the policy's title demands; the message where that takes
    more than a few words."""
    how: str
    """The title of the first fix; the policy's remedy where there is none."""
    sql: str
    """The first fix's statements, each with its semicolon; empty where a definition changes, which
    would undo them."""
    definition: str
    """Where a planned table has to be changed; empty for others."""


def to_do(failed: FailedDecision) -> ToDo:
    """Return what to do about a failure: the best fix of its first violation."""
    violation = next(iter(failed.decision.violations), None)
    fix = violation.fixes[0] if violation and violation.fixes else None
    declared = failed.table.definition
    return ToDo(
        failed=failed,
        why=_why(violation, len(failed.decision.violations) - 1) if violation else "",
        how=fix.title if fix else failed.policy.remediation.strip(),
        sql="\n".join(f"{each};" for each in fix.sql) if fix and not declared else "",
        definition=wording.change_definition(declared) if declared else "",
    )


def _why(violation: Violation, more: int) -> str:
    actual = _short(violation.actual)
    message = wording.shortened(violation.message, _SENTENCE).removesuffix(".")
    also = f", and {more:,} more" if more else ""
    return f"{f'found {actual}' if actual else message}{also}"


def _short(thing: Any) -> str:  # noqa: ANN401 -- whatever a policy says
    if thing is None:
        return ""
    text = " and ".join(thing) if _is_words(thing) else wording.value(thing)
    words = any(letter.isalnum() for letter in text)  # `[[]]` tells nobody anything
    return text if words and len(text) <= _FEW_WORDS else ""


def _is_words(thing: Any) -> bool:  # noqa: ANN401 -- whatever a policy says
    return isinstance(thing, list | tuple) and all(isinstance(each, str) for each in thing)


def data_broken(report: Report, found: Survey) -> str:
    """Say how much data is non-compliant: `They hold 15.5 MiB, 47% of the data`."""
    broken = found.bytes_by_status[Status.NON_COMPLIANT]
    number = report.summary.tables_by_status.get(Status.NON_COMPLIANT, 0)
    if not number:
        return ""
    pronoun = "It holds" if number == 1 else "They hold"
    if not broken:
        return "Their size isn't known." if number > 1 else "Its size isn't known."
    part = wording.share(broken, report.summary.total.bytes)
    return f"{pronoun} {wording.size(broken)}, {part} of the data of known size."


def who_exempts(total: Group) -> str:
    """Say how many decisions are exempt by whom, owners apart from approvals; empty for none."""
    by = [
        f"{total.exempt[kind]:,} {words}"
        for kind, words in _EXEMPT_BY.items()
        if total.exempt.get(kind)
    ]
    if not by:
        return ""
    decisions = counted(sum(total.exempt.values()), "decision")
    verb = "is" if sum(total.exempt.values()) == 1 else "are"
    return f"{decisions} {verb} exempt: {', '.join(by)}."


def not_known(report: Report) -> str:
    """Say what isn't known: `2 tables couldn't be decided and 2 couldn't be read: …`."""
    state = report.completeness
    undecided = report.summary.tables_by_status.get(Status.UNDECIDED, 0)
    parts = []
    if undecided:
        parts.append(f"{counted(undecided, 'table')} couldn't be decided")
    if state.tables_failed:
        read = f"{state.tables_failed:,}" if parts else counted(state.tables_failed, "table")
        parts.append(f"{read} couldn't be read")
    parts += [
        f"{counted(number, word)} couldn't be listed" for word, number in state.unlisted.items()
    ]
    if parts:
        return f"{wording.and_so_on(parts)}, so more may be broken."
    return "" if state.complete else "The run is incomplete, so more may be broken."


class Gap(Struct, frozen=True):
    """Something that isn't known: what, why, and what to do about it; texts as they came."""

    what: str
    reason: str
    remedy: str


def gaps(report: Report, found: Survey) -> Iterator[Gap]:
    """Yield what isn't known, that of the most tables first."""
    for each in lacking_evidence(found):
        yield Gap(each.line, each.reason, each.remedy)
    for failure in report.completeness.failures:
        yield Gap(failure.what, failure.reason, failure.remedy)
    for reason in report.completeness.reasons:
        yield Gap(reason, "", "")


def policies_worst_first(report: Report, found: Survey) -> list[Policy]:
    """Return the policies, those whose failures weigh most first, then those that know least."""

    def order(policy: Policy) -> tuple[int, int, int, int, str]:
        load = found.loads_by_policy.get(policy.policy_id, Load())
        outcomes = report.summary.by_policy[policy.policy_id].outcomes
        unclear = outcomes.get(Outcome.ERROR, 0) + outcomes.get(Outcome.UNKNOWN, 0)
        return (
            -load.weight,
            -load.advisory_weight,
            -unclear,
            SEVERITY_RANK[policy.severity],
            policy.policy_id,
        )

    return sorted(report.policies, key=order)


def changed(change: Change) -> str:
    """Say in a sentence what has changed: `3 tables fixed, 2 newly broken, 1 new, 0 gone`."""
    if change.planned:
        numbers = {"broken by the plan": change.broken, "fixed": change.fixed, "new": change.added}
    else:
        numbers = {
            "newly broken": change.broken,
            "fixed": change.fixed,
            "new": change.added,
            "gone": change.removed,
        }
    some = [f"{group.tables:,} {word}" for word, group in numbers.items() if group.tables]
    return ", ".join(some) or "no table changed its status"


def since_last_run(history: History) -> str:
    """Say what the history's last step was: `3 violations fixed, 1 new, 2 reopened`."""
    parts = [
        f"{counted(history.fixed, 'violation')} fixed",
        f"{history.new:,} new",
        f"{history.reopened:,} reopened",
    ]
    if history.contradicted:
        parts.append(f"{history.contradicted:,} of these had been reported fixed")
    return ", ".join(parts)


def owes(load: Load) -> str:
    """Say what an owner has to fix: `5 tables, 9.8 MiB`; advisory failures where that is all."""
    if load.broken.tables:
        return f"{counted(load.broken.tables, 'table')}, {wording.known_size(load.broken)}"
    return counted(load.failed, "advisory failure")


def gate_sentence(gate: Gate) -> str:
    """Say in plain words what a pipeline makes of the run."""
    code = gate.exit_code
    what = _GATES.get(code, "stops")
    reasons = f": {wording.visible('; '.join(gate.reasons))}" if gate.reasons else ""
    later = "".join(f" {line}" for line in upcoming_lines(gate))
    if gate.gate_disabled:
        first = "A pipeline passes whatever was found, because the gate is off (--no-gate)."
        also = "" if code == EXIT_OK else f" Otherwise it {what} (exit {code}){reasons}."
        return f"{first}{also}{later}"
    permitted = f" Permitted by --allow: {', '.join(gate.allowed)}." if gate.allowed else ""
    return f"A pipeline with this run {what} (exit {code}){reasons}.{permitted}{later}"
