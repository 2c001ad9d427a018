"""The gate: which exit code a run has earned, and the sentences that say why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from types import MappingProxyType
from typing import Final, TypeAlias

from msgspec import Struct

from lakewarden.model.baseline import Ratchet
from lakewarden.model.clock import days_until
from lakewarden.model.decision import Enforcement, Outcome, Severity
from lakewarden.model.diff import WORSE, Diff, ViolationChange
from lakewarden.model.errors import (
    EXIT_BROKEN,
    EXIT_FAILED,
    EXIT_INCOMPLETE,
    EXIT_OK,
    ConfigurationError,
)
from lakewarden.model.judged_waivers import JudgedWaivers
from lakewarden.model.report import Completeness, Gate, Upcoming
from lakewarden.model.waiver import WaiverCondition, WaiverState, WaiverStatus, bad
from lakewarden.report.table_status import reaches
from lakewarden_collector.counted import counted
from lakewarden_collector.patterns import Pattern


class Permission(Struct, frozen=True, kw_only=True):
    """One `--allow OUTCOME[:POLICY]`: an outcome that does not gate, of the policies it matches."""

    outcome: Outcome
    policy: str = "*"

    def __str__(self) -> str:
        return self.outcome.value if self.policy == "*" else f"{self.outcome.value}:{self.policy}"


def parse_permission(text: str) -> Permission:
    """Read `OUTCOME[:POLICY]`; raises `ConfigurationError` for an outcome that cannot gate."""
    outcome, colon, policy = text.partition(":")
    if colon and not policy:
        raise ConfigurationError(
            f"{text!r} names no policy after its colon",
            where="--allow",
            remedy=f"Write --allow {outcome}:PATTERN, or --allow {outcome} for all policies.",
        )
    gating = (Outcome.FAIL, Outcome.UNKNOWN, Outcome.ERROR)
    if outcome not in gating:
        near = get_close_matches(outcome.lower(), gating, n=1)
        meant = f"Did you mean {near[0]}? " if near else ""
        raise ConfigurationError(
            f"{outcome!r} isn't an outcome that gates",
            where="--allow",
            remedy=f"{meant}Allow one of {', '.join(gating)}, for example "
            "--allow unknown:*.key_limit",
        )
    return Permission(outcome=Outcome(outcome), policy=policy or "*")


_NAMED: Final = 5
"""So many bad waivers are named; the report has them all."""

_FAULTS: Final[Mapping[WaiverState | WaiverCondition, str]] = {
    WaiverState.EXPIRED: "expired",
    WaiverCondition.TOO_LONG: "too long",
    WaiverCondition.UNUSED: "about no table",
    WaiverCondition.OVER_BROAD: "too broad",
    WaiverCondition.CONFLICTING: "conflicting",
    WaiverCondition.UNNEEDED: "not needed",
}

AdvisoryKind: TypeAlias = tuple[str, Outcome, Severity, str | None]
"""Policy id, outcome, severity, and the day from which it is mandatory, of advisory decisions."""


def parse_severity(text: str) -> Severity:
    """Read a severity; raises `ConfigurationError` that suggests the nearest."""
    try:
        return Severity(text.strip().lower())
    except ValueError:
        near = get_close_matches(text.lower(), Severity, n=1)
        meant = f"Did you mean {near[0]}? " if near else ""
        raise ConfigurationError(
            f"{text!r} isn't a severity",
            where="--fail-on",
            remedy=f"{meant}The severities are {', '.join(Severity)}.",
        ) from None


def judge(
    counts: Mapping[tuple[str, Outcome, Enforcement], int],
    completeness: Completeness,
    *,
    known: Mapping[tuple[str, Enforcement], int] = MappingProxyType({}),
    engine_failed: bool = False,
    permissions: Sequence[Permission] = (),
    gate_disabled: bool = False,
    fail_on: Severity | None = None,
    advisory: Mapping[AdvisoryKind, int] = MappingProxyType({}),
    waivers: Sequence[WaiverStatus] | None = None,
    clock: str = "",
    ratchet: Ratchet | None = None,
    judged: JudgedWaivers | None = None,
) -> Gate:
    """Return the gate of a run: 4 before 1 before 3, else 0.

    `counts` says how often each policy came to each outcome under each enforcement, and `advisory`
    says more of the decisions that are advisory. `fail_on` is the severity from which their
    failures gate too. `known` says how often each failed in ways that the baseline knows.
    `waivers` are those of the run where bad ones gate. `clock` is the run's, RFC 3339. `ratchet`
    says what the baseline has that it had not, and `judged` how the policies about waivers came
    out.
    """
    gating = _gating(counts, permissions)
    hidden = _hidden(known, permissions)
    broken = _broken(completeness, engine_failed=engine_failed)
    failures = gating[Outcome.FAIL] - hidden
    beyond = " beyond what the baseline knows" if hidden else ""
    failed = [f"{counted(failures, 'mandatory decision')} failed{beyond}"] if failures else []
    failed += _advisory_failures(advisory, permissions, fail_on)
    failed += _loosened(ratchet)
    failed += _bad_waivers(waivers or ())
    failed += _waiver_failures(judged, permissions, fail_on)
    incomplete = [*_incomplete(gating, completeness), *_waiver_errors(judged, permissions)]
    code = EXIT_OK
    if broken:
        code = EXIT_BROKEN
    elif failed:
        code = EXIT_FAILED
    elif incomplete:
        code = EXIT_INCOMPLETE
    return Gate(
        exit_code=code,
        reasons=(*broken, *failed, *incomplete),
        gate_disabled=gate_disabled and code in (EXIT_FAILED, EXIT_INCOMPLETE),
        allowed=tuple(str(permission) for permission in permissions),
        fail_on=fail_on,
        strict_waivers=waivers is not None,
        upcoming=tuple(_upcoming(advisory, permissions, fail_on, clock)),
        known=hidden,
    )


def _hidden(known: Mapping[tuple[str, Enforcement], int], permissions: Sequence[Permission]) -> int:
    """Count the decisions that only the baseline keeps from gating."""
    return sum(
        count
        for (policy_id, enforcement), count in known.items()
        if enforcement is Enforcement.MANDATORY
        and not _permitted(policy_id, Outcome.FAIL, permissions)
    )


def _advisory_failures(
    advisory: Mapping[AdvisoryKind, int],
    permissions: Sequence[Permission],
    fail_on: Severity | None,
) -> list[str]:
    """Say how many failures gate although they are advisory, if any do."""
    failures = sum(
        count
        for (policy_id, outcome, severity, _), count in advisory.items()
        if outcome is Outcome.FAIL
        and reaches(severity, fail_on)
        and not _permitted(policy_id, outcome, permissions)
    )
    if not failures:
        return []
    worse = "" if fail_on is Severity.CRITICAL else " or worse"
    decisions = counted(failures, "advisory decision")
    return [f"{decisions} of severity {fail_on}{worse} failed (--fail-on {fail_on})"]


def _loosened(ratchet: Ratchet | None) -> list[str]:
    """Say what the baseline has that it had not, if anything."""
    if ratchet is None or ratchet.holds:
        return []
    if not ratchet.is_there:
        entries = counted(ratchet.added, "entry")
        return [f"the baseline isn't there at {ratchet.against}, so {entries} would be new"]
    reasons = []
    if grown := ratchet.added - ratchet.swapped:
        reasons.append(f"the baseline has {counted(grown, 'entry')} more than at {ratchet.against}")
    if ratchet.swapped:
        entries = counted(ratchet.swapped, "entry")
        reasons.append(f"{entries} of the baseline replaced another of {ratchet.against}")
    if ratchet.younger:
        entries = counted(ratchet.younger, "entry")
        reasons.append(f"{entries} of the baseline became younger than at {ratchet.against}")
    return reasons


def _bad_waivers(waivers: Sequence[WaiverStatus]) -> list[str]:
    """Name the waivers that somebody has to put right, if there are any."""
    found = bad(waivers)
    if not found:
        return []
    named = [
        f"{each.policy} for {each.table or each.pattern} is "
        + " and ".join(_FAULTS[fault] for fault in each.faults)
        for each in found[:_NAMED]
    ]
    more = [f"and {len(found) - _NAMED:,} more"] if len(found) > _NAMED else []
    has = "waiver has" if len(found) == 1 else "waivers have"
    return [f"{len(found):,} {has} to be put right (--strict-waivers): {', '.join(named + more)}"]


def _waiver_failures(
    judged: JudgedWaivers | None, permissions: Sequence[Permission], fail_on: Severity | None
) -> Iterator[str]:
    """Yield how many decisions about waivers gate: mandatory ones, and those by `fail_on`."""
    mandatory = advisory = 0
    for policy in judged.policies if judged else ():
        if _permitted(policy.policy_id, Outcome.FAIL, permissions):
            continue
        failures = _outcomes(judged, policy.policy_id, Outcome.FAIL)
        if policy.enforcement is Enforcement.MANDATORY:
            mandatory += failures
        elif reaches(policy.severity, fail_on):
            advisory += failures
    if mandatory:
        yield f"{counted(mandatory, 'mandatory decision')} about waivers failed"
    if advisory:
        decisions = counted(advisory, "advisory decision")
        yield f"{decisions} about waivers failed (--fail-on {fail_on})"


def _waiver_errors(
    judged: JudgedWaivers | None, permissions: Sequence[Permission]
) -> Iterator[str]:
    errors = sum(
        _outcomes(judged, policy.policy_id, outcome)
        for policy in (judged.policies if judged else ())
        for outcome in (Outcome.ERROR, Outcome.UNKNOWN)
        if not _permitted(policy.policy_id, outcome, permissions)
    )
    if errors:
        yield f"{counted(errors, 'decision')} about waivers ended in an error"


def _outcomes(judged: JudgedWaivers | None, policy_id: str, outcome: Outcome) -> int:
    return judged.outcomes[policy_id][outcome] if judged else 0


def _upcoming(
    advisory: Mapping[AdvisoryKind, int],
    permissions: Sequence[Permission],
    fail_on: Severity | None,
    clock: str,
) -> Iterator[Upcoming]:
    """Yield each policy that is advisory until a day, the nearest day first."""
    found: dict[tuple[str, str], Counter[Outcome | None]] = {}
    for (policy_id, outcome, severity, day), count in advisory.items():
        if day is None:
            continue
        numbers = found.setdefault((day, policy_id), Counter())
        numbers[None] += count
        gates_now = outcome is Outcome.FAIL and reaches(severity, fail_on)
        if not gates_now and not _permitted(policy_id, outcome, permissions):
            numbers[outcome] += count
    for (day, policy_id), numbers in sorted(found.items()):
        yield Upcoming(
            policy_id=policy_id,
            effective_on=day,
            days_left=days_until(day, clock),
            tables=numbers[None],
            failing=numbers[Outcome.FAIL],
            unknown=numbers[Outcome.UNKNOWN],
        )


def _gating(
    counts: Mapping[tuple[str, Outcome, Enforcement], int], permissions: Sequence[Permission]
) -> dict[Outcome, int]:
    """Count the decisions that gate: of mandatory policies, and errors of any."""
    gating: dict[Outcome, int] = dict.fromkeys(Outcome, 0)
    for (policy_id, outcome, enforcement), count in counts.items():
        bites = enforcement is Enforcement.MANDATORY or outcome is Outcome.ERROR
        if bites and not _permitted(policy_id, outcome, permissions):
            gating[outcome] += count
    return gating


def _broken(completeness: Completeness, *, engine_failed: bool) -> list[str]:
    reasons = []
    if engine_failed:
        reasons.append("the engine failed before everything was decided")
    if completeness.decisions_made != completeness.decisions_expected:
        reasons.append(
            f"{completeness.decisions_expected:,} decisions were expected, but only "
            f"{completeness.decisions_made:,} were made"
        )
    return reasons


def _incomplete(gating: Mapping[Outcome, int], completeness: Completeness) -> list[str]:
    reasons = []
    if gating[Outcome.UNKNOWN]:
        unknown = counted(gating[Outcome.UNKNOWN], "mandatory decision")
        reasons.append(f"{unknown} couldn't be made for lack of evidence")
    if gating[Outcome.ERROR]:
        reasons.append(f"{counted(gating[Outcome.ERROR], 'decision')} ended in an error")
    if not completeness.suffices:
        reasons.append(f"{_lost(completeness)}{_demanded(completeness)}")
    if not completeness.tables_evaluated:
        reasons.append("there was nothing to evaluate")
    return [*reasons, *completeness.reasons]


def judge_diff(diff: Diff, *, proposed: bool = False) -> Gate:
    """Return the gate of a comparison: 1 for new mandatory failures, 3 for what may hide some.

    Of a `proposed` change, failures that it makes mandatory count, too. Between two runs they
    don't: nothing became worse, and the new run gates on them itself.
    """
    new = sum(diff.total[change].mandatory for change in WORSE)
    reasons, code = [], EXIT_OK
    if undecided := diff.newly_undecided.decisions:
        code = EXIT_INCOMPLETE
        reasons.append(f"{counted(undecided, 'decision')} couldn't be made, but could before")
    if lost := len(diff.newly_undecided.lost):
        code = EXIT_INCOMPLETE
        reasons.append(f"{counted(lost, 'thing')} couldn't be read, but could before")
    if new:
        code = EXIT_FAILED
        verb = "is" if new == 1 else "are"
        reasons.insert(0, f"{counted(new, 'mandatory failure')} {verb} new")
    if proposed and (stricter := diff.total[ViolationChange.MANDATORY].violations):
        code = EXIT_FAILED
        verb = "becomes" if stricter == 1 else "become"
        reasons.insert(0, f"{counted(stricter, 'failure')} {verb} mandatory")
    return Gate(exit_code=code, reasons=tuple(reasons))


_READ: Final = ("statement", "file")


def _lost(completeness: Completeness) -> str:
    """Say what could not be read: tables, and what holds a number of them that nobody knows."""
    lost: dict[str, list[str]] = {"listed": [], "read": []}
    for covers, number in completeness.unlisted.items():
        lost["read" if covers in _READ else "listed"].append(counted(number, covers))
    parts = [f"{' and '.join(names)} couldn't be {done}" for done, names in lost.items() if names]
    if completeness.tables_failed:
        tables = counted(completeness.tables_failed, "table")
        parts.append(f"{tables} couldn't be read or decided")
    return " and ".join(parts)


def _demanded(completeness: Completeness) -> str:
    """Say which share of the tables was required and which was reached, if less than all."""
    if completeness.min_coverage is None:
        return ""
    required = f"{completeness.min_coverage * 100:.6g}% are required"
    if completeness.coverage is None:
        return f"; {required}, but the total is unknown"
    # Rounded down: what is just below the requirement must not look as if it met it.
    return f"; {required}, but only {int(completeness.coverage * 1000) / 10:.1f}% were evaluated"


def final_exit_code(gate: Gate) -> int:
    """Return the code that the process ends with: 0 where the gate is disabled."""
    return EXIT_OK if gate.gate_disabled else gate.exit_code


def _permitted(policy_id: str, outcome: Outcome, permissions: Sequence[Permission]) -> bool:
    return any(
        permission.outcome is outcome and Pattern(permission.policy).matches(policy_id)
        for permission in permissions
    )
