"""Which step of the router decided, from what a decision says."""

from __future__ import annotations

from typing import Final

from msgspec import Struct, structs

from lakewarden.model.decision import Decision, Outcome

_ABOUT_THE_KIND: Final = frozenset({"table_type", "data_source_format"})


class DecidingStep(Struct, frozen=True, kw_only=True):
    """Which step of the router decided; `number` is that of docs/policy-contract.md, 0 for none."""

    number: int
    set: str
    why: str


def step_of(decision: Decision) -> DecidingStep:
    """Say which step decided, of those that docs/policy-contract.md numbers."""
    outcome = decision.outcome
    if any(each.kind == "waiver" for each in decision.exemptions):
        before = decision.would_be or Outcome.ERROR
        step = step_of(structs.replace(decision, outcome=before, exemptions=()))
        return structs.replace(step, why=f"{step.why}; then an active waiver makes it exempt")
    if outcome is Outcome.UNKNOWN:
        about_kind = _ABOUT_THE_KIND.intersection(each.kind for each in decision.missing)
        why = "it isn't known what kind of table it is" if about_kind else "evidence is missing"
        return DecidingStep(number=1 if about_kind else 3, set="needs", why=why)
    steps = {
        Outcome.NOT_APPLICABLE: (2, "not_applicable", "the policy isn't about this table"),
        Outcome.EXEMPT: (4, "exempt", "the policy doesn't demand it of this table"),
        Outcome.FAIL: (5, "deny", "deny has a proof and pass has none"),
        Outcome.PASS: (6, "pass", "pass has a proof and deny has none"),
        Outcome.ERROR: (0, "", "neither pass nor deny alone has a proof"),
    }
    number, name, why = steps[outcome]
    return DecidingStep(number=number, set=name, why=why)
