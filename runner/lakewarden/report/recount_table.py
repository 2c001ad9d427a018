"""Checks whether one table of a report agrees with itself: names, size, decisions, proofs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from lakewarden.model.clock import has_begun
from lakewarden.model.decision import Decision, Enforcement, Outcome
from lakewarden.model.policy import Policy
from lakewarden.model.report import TableReport
from lakewarden.report.agreement import below, contradiction, shown
from lakewarden_collector.document_rules import MOST, countable
from lakewarden_collector.names import join_name

WAIVER: Final = "waiver"
_PROOFS: Final = ("violations", "exemptions", "reasons", "missing")
_PROOF_OF: Final = {
    Outcome.PASS: "reasons",
    Outcome.FAIL: "violations",
    Outcome.EXEMPT: "exemptions",
    Outcome.NOT_APPLICABLE: "reasons",
    Outcome.UNKNOWN: "missing",
    Outcome.ERROR: "reasons",
}
_HIDDEN_BY_WAIVER: Final = {Outcome.FAIL: "violations", Outcome.UNKNOWN: "missing"}
_EXEMPTED_FROM: Final = (Outcome.PASS, Outcome.FAIL, Outcome.UNKNOWN, Outcome.ERROR)


def check_table(where: str, table: TableReport, policies: dict[str, Policy]) -> None:
    """Raise `ConfigurationError` where a table can't be what a run writes.

    `where` is its place in the report, `policies` the report's policies by id.
    """
    parts = (table.catalog_name, table.schema_name, table.name)
    if table.full_name not in {".".join(parts), join_name(parts)}:
        raise contradiction(
            f"{where}: full_name",
            f"it says {shown(table.full_name)}, but its parts make it {shown(join_name(parts))}",
        )
    named = f"{where}: {shown(table.full_name)}"
    if lacking := policies.keys() - table.decisions.keys():
        raise contradiction(named, f"it has no decision of the policy {min(lacking)}")
    if extra := table.decisions.keys() - policies.keys():
        raise contradiction(
            named, f"it has a decision of {shown(min(extra))}, which isn't a policy of the report"
        )
    for what in _size_faults(table.size):
        raise contradiction(f"{named}: size", what)
    for policy_id, decision in table.decisions.items():
        for what in _decision_faults(decision):
            raise contradiction(below(named + ": decisions", policy_id), what)


def waived(decision: Decision) -> bool:
    """Whether a waiver makes the decision exempt."""
    return any(exemption.kind == WAIVER for exemption in decision.exemptions)


def time_fault(text: object) -> str | None:
    """Say why `text` isn't a time of a run; None where it is one."""
    try:
        time = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        time = None
    if time is None or time.tzinfo is None:
        return f"{shown(text)} isn't an RFC 3339 time"
    return None if countable(time) else f"{shown(text)} can't be the time of a run"


def _size_faults(size: dict[str, Any]) -> Iterator[str]:
    for name in ("bytes", "files"):
        value = size.get(name, 0)
        whole = isinstance(value, int) and not isinstance(value, bool)
        if not whole or not 0 <= value <= MOST:
            yield f"{shown(value)} isn't a number of {name}"
    if not isinstance(size.get("exact", True), bool):
        yield f"exact is {shown(size['exact'])}, neither true nor false"
    if not isinstance(size.get("origin", ""), str):
        yield f"origin is {shown(size['origin'])}, which isn't text"
    if "as_of" in size and (fault := time_fault(size["as_of"])):
        yield fault


def _decision_faults(decision: Decision) -> Iterator[str]:
    outcome = decision.outcome
    allowed = {_PROOF_OF[outcome]}
    if outcome is Outcome.EXEMPT and waived(decision):
        hidden = _HIDDEN_BY_WAIVER.get(decision.would_be or outcome)
        if hidden is None:
            yield f"a waiver exempts fail or unknown, but would_be is {shown(decision.would_be)}"
        else:
            allowed.add(hidden)
    for proof in _PROOFS:
        there = bool(getattr(decision, proof))
        if there and proof not in allowed:
            yield f"the outcome is {outcome.value}, which has no {proof}"
        if not there and proof in allowed:
            yield f"the outcome is {outcome.value}, but it has no {proof}"
    if outcome is not Outcome.EXEMPT:
        if decision.would_be is not None:
            yield f"the outcome is {outcome.value}, which has no would_be"
    elif decision.would_be not in _EXEMPTED_FROM:
        yield f"the outcome is exempt, but would_be is {shown(decision.would_be)}"
    yield from _override_faults(decision)


def _override_faults(decision: Decision) -> Iterator[str]:
    overridden = decision.severity is not None or decision.enforcement is not None
    if overridden and decision.override is None:
        yield "an override changed its severity or enforcement, but none is named"
    if decision.effective_on is not None and decision.enforcement is None:
        yield "it has an effective_on, but no enforcement"


def day_fault(about: Policy | Decision, clock: str) -> str | None:
    """Say why an `effective_on` can't be; None where it can, or there is none."""
    if about.effective_on is None:
        return None
    try:
        begun = has_begun(about.effective_on, clock)
    except (ValueError, OverflowError) as error:
        return f"effective_on: {error}"
    expected = Enforcement.MANDATORY if begun else Enforcement.ADVISORY
    if about.enforcement is expected:
        return None
    return (
        f"with its effective_on, {about.effective_on}, it is {expected} at the run's clock, not "
        f"{about.enforcement}"
    )
