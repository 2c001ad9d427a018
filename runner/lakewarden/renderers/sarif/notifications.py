"""What SARIF says of the run itself: whether it did its work, and what it couldn't look at."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any, Final

from lakewarden.model.errors import EXIT_BROKEN
from lakewarden.model.report import Report
from lakewarden.renderers.sarif.message import text_only
from lakewarden.renderers.words import waivers, wording
from lakewarden.renderers.words.completeness import omissions
from lakewarden.renderers.words.findings import causes
from lakewarden.report.gate import final_exit_code
from lakewarden_collector.counted import counted

_WAIVER: Final = "waiver"
_MOST: Final = 1_000
"""Notifications of one kind that are written; the rest is counted."""


def invocation(report: Report, *, left_out: int, suppressed: int) -> dict[str, Any]:
    """Return the one invocation; `left_out` and `suppressed` results aren't in the file."""
    state, gate, run = report.completeness, report.gate, report.run
    errors = report.summary.total.outcomes.get("error", 0)
    tried = gate.exit_code != EXIT_BROKEN and bool(state.tables_evaluated)
    found: dict[str, Any] = {
        "executionSuccessful": tried and state.complete and not errors,
        "exitCode": final_exit_code(gate),
        "exitCodeDescription": " ".join(wording.gate_lines(gate)),
    }
    for name, time in (("startTimeUtc", run.started_at), ("endTimeUtc", run.finished_at)):
        if shown := _utc(time):
            found[name] = shown
    found["toolExecutionNotifications"] = [
        *_incomplete(report),
        *_errors(report, errors),
        *_omitted(report),
        *_not_here(left_out, suppressed),
        *(_notification("notice", "note", each) for each in run.notices),
    ]
    found["toolConfigurationNotifications"] = [*_configuration(report)]
    return found


def _incomplete(report: Report) -> Iterator[dict[str, Any]]:
    if report.gate.exit_code == EXIT_BROKEN:
        reasons = wording.sentences(report.gate.reasons)
        yield _notification("engine-failed", "error", reasons or wording.EXITS[EXIT_BROKEN])
    found = causes(report)
    for cause in found[:_MOST]:
        yield _notification("incomplete", "error", cause.text)
    yield from _rest("incomplete", "error", len(found))


def _errors(report: Report, errors: int) -> Iterator[dict[str, Any]]:
    if not errors:
        return
    for index, policy in enumerate(report.policies):
        number = report.summary.by_policy[policy.policy_id].outcomes.get("error", 0)
        if number:
            text = f"{policy.policy_id}: {counted(number, 'decision')} ended in an error. "
            yield _notification("policy-error", "error", text + wording.ERROR_REMEDY) | {
                "associatedRule": {"id": policy.policy_id, "index": index}
            }


def _omitted(report: Report) -> Iterator[dict[str, Any]]:
    omitted = omissions(report.completeness.left_out)
    for each in islice(omitted, _MOST):
        yield _notification("left-out", "note", f"Left out: {each}")
    yield from _rest("left-out", "note", len(omitted))
    for pattern in report.run.narrowed:
        yield _notification("left-out", "note", f"Limited by {pattern}.")


def _not_here(left_out: int, suppressed: int) -> Iterator[dict[str, Any]]:
    if left_out:
        text = (
            f"{counted(left_out, 'result')} of lower weight left out, since code scanning refuses "
            "a file with more. The JSON report has all."
        )
        yield _notification("results-left-out", "warning", text)
    if suppressed:
        text = (
            f"{counted(suppressed, 'waived or known result')} left out, since code scanning would "
            "show such results as open. The format sarif has them, as suppressed."
        )
        yield _notification("results-left-out", "note", text)


def _configuration(report: Report) -> Iterator[dict[str, Any]]:
    idle = waivers.to_show(report.waivers)
    for each in islice(idle, _MOST):
        text = (
            f"The waiver of {each.owner} from {each.policy} for {each.table or each.pattern}, "
            f"{waivers.stands(each)}. "
            f"{waivers.advice(each)}"
        )
        level = "warning" if each.faults else "note"
        yield _notification(_WAIVER, level, text)
    yield from _rest(_WAIVER, "warning", len(idle))
    for policy_id in report.run.policies_off:
        text = f"{policy_id} is switched off by the settings and wasn't evaluated."
        yield _notification("policy-off", "note", text)


def _rest(kind: str, level: str, number: int) -> Iterator[dict[str, Any]]:
    if number > _MOST:
        yield _notification(kind, level, f"And {number - _MOST:,} more.")


def _notification(kind: str, level: str, text: str) -> dict[str, Any]:
    return {"descriptor": {"id": kind}, "level": level, "message": text_only(text)}


def _utc(text: str) -> str:
    """Return a time as SARIF writes it; empty where it isn't one."""
    time = wording.time_of(text)
    return time.isoformat(timespec="milliseconds").replace("+00:00", "Z") if time else ""
