"""What a decision says about one violation, and in one line about itself."""

from __future__ import annotations

from collections.abc import Iterable

from lakewarden.model.decision import Decision, Outcome


def violation_keys(decision: Decision) -> dict[str | None, None]:
    """Return the keys of a decision's violations, each once, in their order."""
    return dict.fromkeys(each.key for each in decision.violations)


def outcome_about(
    outcome: Outcome, would_be: Outcome | None, keys: Iterable[str | None], key: str | None
) -> Outcome:
    """Return how a decision came out for one key: a fail about others is a pass for this one.

    So is an exemption from a policy that would pass. `keys` are those of its violations.
    """
    if outcome not in {Outcome.FAIL, Outcome.EXEMPT}:
        return outcome
    keys = tuple(keys)
    other = bool(keys) and key not in keys
    return Outcome.PASS if other or would_be is Outcome.PASS else outcome


def message_of(decision: Decision) -> str:
    """Return the first thing that a decision says for itself, on one line; it may be empty."""
    match decision:
        case Decision(outcome=Outcome.EXEMPT, exemptions=(exemption, *_)):
            text = exemption.reason
        case Decision(missing=(missing, *_)):
            text = f"needs {missing.kind}: {missing.reason or missing.status}"
        case Decision(violations=(violation, *_)):
            text = violation.message
        case Decision(reasons=(reason, *_)):
            text = reason
        case _:
            text = ""
    return " ".join(text.split())
