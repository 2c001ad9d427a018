"""The words for what changed rules do to the same tables, the same in every format."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from lakewarden.model.decision import Enforcement, Outcome
from lakewarden.model.effect import Effect, PolicyEffect, PolicyTerms, RuleChanges, RuleSide
from lakewarden.model.insight import Amount
from lakewarden.model.report import Gate
from lakewarden.renderers.words import insight, wording
from lakewarden.renderers.words.diff import diff_headline
from lakewarden_collector.counted import counted

TITLES: Final = {
    "newly_failing": "newly failing",
    "newly_mandatory": "newly mandatory",
    "no_longer_failing": "no longer failing",
    "newly_passing": "newly passing",
    "newly_exempt": "newly exempt",
    "newly_undecided": "newly undecided",
    "newly_not_applicable": "no longer applicable",
    "no_longer_decided": "no longer decided",
    "no_longer_mandatory": "no longer mandatory",
}
"""Numbers of a policy to the heads of their columns."""

SAME: Final = "as before"
"""The head of the column of tables whose outcome stays."""

UNDECIDED: Final = "can't be decided"
"""The head of the column of tables that are unknown or an error in both versions."""

_NAMED: Final = 5
"""Names in a sentence."""


def effect_headline(effect: Effect) -> str:
    """Return the sentence that a what-if begins with."""
    if not any(count.violations for count in effect.diff.total.values()):
        return "No violation is new and none is over: none fails by either version."
    return diff_headline(effect.diff)


def changes(found: RuleChanges) -> Iterator[str]:
    """Yield what differs between the two versions, a line each."""
    for each in found.settings:
        key = each.name.partition(".")[2]
        yield f"{each.name}: {_setting(key, each.before)} → {_setting(key, each.after)}"
    if found.overrides:
        yield "the overrides for some tables"
    for terms in found.terms:
        yield f"{terms.policy_id}: {_terms(terms.before)} → {_terms(terms.after)}"
    for verb, policies in (
        ("decided only by the changed rules", found.policies_added),
        ("no longer decided", found.policies_removed),
    ):
        if policies:
            yield f"{verb}: {_names(policies)}"
    if found.modules:
        yield f"{counted(len(found.modules), 'Rego file')}: {_names(found.modules)}"
    if found.waivers_added or found.waivers_removed:
        yield f"waivers: {found.waivers_added:,} added, {found.waivers_removed:,} removed"
    if found.waiver_limits:
        yield "how long waivers may last"


NO_CHANGE: Final = "The two versions of the rules don't differ."


def _setting(key: str, value: Any) -> str:  # noqa: ANN401 -- whatever a setting holds
    text = insight.setting(key, value)
    if text.endswith("iB") and isinstance(value, int):
        return f"{text} ({value:,})"
    return text


def _terms(terms: PolicyTerms) -> str:
    late = terms.enforcement is Enforcement.ADVISORY and terms.effective_on
    until = f" until {terms.effective_on}" if late else ""
    return f"{terms.enforcement}{until}, {terms.severity}"


def _names(names: tuple[str, ...]) -> str:
    rest = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {rest:,} more" if rest > 0 else "")


def gates(effect: Effect) -> list[str]:
    """Say what an evaluation exits with by each version, and why."""
    before, after = effect.before.gate, effect.after.gate
    if before.exit_code == after.exit_code and before.reasons == after.reasons:
        return [f"Gate: {_gate(after)}, before and after."]
    return [f"Gate before: {_gate(before)}.", f"Gate after: {_gate(after)}."]


def _gate(gate: Gate) -> str:
    code = f"{wording.EXITS.get(gate.exit_code, 'ended')} (exit {gate.exit_code})"
    if gate.gate_disabled:
        code = f"off, else exit {gate.exit_code}"
    return f"{code}: {'; '.join(gate.reasons)}" if gate.reasons else code


def fail_on_new(gate: Gate) -> str:
    """Say what `--fail-on-new` makes of the change."""
    code = f"{wording.EXITS.get(gate.exit_code, 'ended')} (exit {gate.exit_code})"
    why = f": {'; '.join(gate.reasons)}" if gate.reasons else ": no mandatory failure is new"
    return f"--fail-on-new: {code}{why}."


def affected(effect: Effect) -> list[tuple[str, PolicyEffect]]:
    """Return the policies of which something changes, those with most new failures first."""
    some = [item for item in effect.policies.items() if numbers(item[1])]
    return sorted(
        some,
        key=lambda item: (
            -item[1].newly_failing.tables,
            -item[1].newly_mandatory.tables,
            -item[1].no_longer_failing.tables,
            item[0],
        ),
    )


def untouched(effect: Effect) -> str:
    """Say of how many policies nothing changes; empty where something changes of all."""
    rest = sum(not numbers(each) for each in effect.policies.values())
    if not rest:
        return ""
    policies = counted(rest, "other policy") if affected(effect) else counted(rest, "policy")
    verb = "decides" if rest == 1 else "decide"
    return f"{policies} {verb} as before."


def numbers(each: PolicyEffect) -> dict[str, Amount]:
    """Return a policy's numbers by what they are; only those that there are."""
    found = {title: getattr(each, name) for name, title in TITLES.items()}
    return {title: amount for title, amount in found.items() if amount.tables}


def amount(number: Amount) -> str:
    """Write tables and their data in a cell: `3 (1.5 GiB)`."""
    return f"{number.tables:,} ({wording.known_size(number)})" if number.tables else "0"


def same(each: PolicyEffect) -> int:
    """Return how many tables keep a decision, of those that could be decided."""
    return sum(each.unchanged.values()) - still_undecided(each)


def still_undecided(each: PolicyEffect) -> int:
    """Return how many tables can't be decided in either version."""
    return each.unchanged[Outcome.UNKNOWN.value] + each.unchanged[Outcome.ERROR.value]


def stays(effect: Effect) -> str:
    """Say how many decisions stay, and how many can't be made in either version."""
    kept = sum(same(each) for each in effect.policies.values())
    open_ = sum(still_undecided(each) for each in effect.policies.values())
    also = f"; {counted(open_, 'decision')} can't be made in either version" if open_ else ""
    verb = "stays" if kept == 1 else "stay"
    return f"{counted(kept, 'decision')} {verb} as {'it is' if kept == 1 else 'they are'}{also}."


def effort(effect: Effect) -> str:
    """Say how long both versions took, and what was decided again."""
    again = [name for name, each in effect.policies.items() if each.decided_again]
    tables = counted(effect.tables, "table")
    policies = counted(effect.before.policies, "policy")
    first = f"{policies} about {tables}: {_seconds(effect.before)}."
    if not effect.after.decided:
        return f"{first} Nothing had to be decided again."
    of = f"{len(again):,} of {effect.after.policies:,}"
    verb = "was" if len(again) == 1 else "were"
    return f"{first} For the changed rules, {of} {verb} decided again: {_seconds(effect.after)}."


def _seconds(side: RuleSide) -> str:
    return f"{side.seconds:,.1f} s"
