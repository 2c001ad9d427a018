"""Looks whether what a report says of policies about waivers agrees with itself."""

from __future__ import annotations

from collections import Counter

from lakewarden.model.decision import Outcome
from lakewarden.model.judged_waivers import JudgedWaivers
from lakewarden.model.report import Report
from lakewarden.report.agreement import contradiction, require_equal

_LISTED = (Outcome.FAIL, Outcome.ERROR, Outcome.UNKNOWN)


def check_judged(file: str, report: Report) -> None:
    """Raise `ConfigurationError` where the part can't be true; one that isn't there can."""
    stated = report.judged
    if stated is None:
        return
    path = f"{file}: $.judged"
    policies = [each.policy_id for each in stated.policies]
    if len(set(policies)) < len(policies) or {each.policy_id for each in report.policies} & {
        *policies
    }:
        raise contradiction(f"{path}.policies", "a policy stands there twice")
    if set(stated.outcomes) != set(policies):
        raise contradiction(f"{path}.outcomes", "it doesn't have each policy")
    for policy_id, outcomes in stated.outcomes.items():
        if set(outcomes) != {*Outcome} or min(outcomes.values()) < 0:
            raise contradiction(f"{path}.outcomes.{policy_id}", "it doesn't count each outcome")
        if sum(outcomes.values()) != stated.waivers:
            raise contradiction(f"{path}.outcomes.{policy_id}", "they don't add up to the waivers")
    _check_broken(file, stated)


def _check_broken(file: str, stated: JudgedWaivers) -> None:
    """Compare the counts of what isn't good with the waivers that are listed."""
    found: Counter[tuple[str, str]] = Counter()
    for number, waiver in enumerate(stated.broken):
        path = f"{file}: $.judged.broken[{number}]"
        if not waiver.decisions:
            raise contradiction(path, "nothing is wrong with it")
        if (waiver.table is None) == (waiver.pattern is None):
            raise contradiction(path, "it must name a table or a pattern")
        for policy_id, decision in waiver.decisions.items():
            place = f"{path}.decisions.{policy_id}"
            if policy_id not in stated.outcomes or decision.outcome not in _LISTED:
                raise contradiction(place, "it isn't a failure of one of the policies")
            if (decision.outcome is Outcome.FAIL) != bool(decision.violations):
                raise contradiction(place, "a failure has violations, and nothing else has")
            found[policy_id, decision.outcome] += 1
    for policy_id, outcomes in stated.outcomes.items():
        for outcome in _LISTED:
            path = f"$.judged.outcomes.{policy_id}.{outcome}"
            require_equal(file, path, outcomes[outcome], found[policy_id, outcome])
