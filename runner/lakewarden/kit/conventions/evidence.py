"""What is not known decides nothing, and null is no value: tried on the annotated examples."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from lakewarden.kit.conventions.interface import Policies, breach, policy_id
from lakewarden.kit.conventions.trials import Trial, outcome_of
from lakewarden.kit.decided import decide
from lakewarden.kit.finding import Finding
from lakewarden.kit.rego_module import line_of

_DECIDED: Final = {"pass", "fail", "exempt", "error"}


def lacking_evidence_decides_nothing(policies: Policies) -> Iterator[Finding]:
    """Leave undecided what cannot be known: an example without its evidence keeps its outcome,
    or is unknown or not applicable.

    `deny` under `not _large` denies what has no size, and `pass` under `not _small` passes it.
    """  # noqa: D205 -- one sentence
    for trial in policies.trials:
        absent = outcome_of(policies.less_known[trial.name])
        if absent in _DECIDED - {trial.whole}:
            yield _breach(
                policies,
                trial,
                f"is {trial.whole} with its {trial.kind} and {absent} without it",
                f'Write `needs contains "{trial.kind}" if not …`, and state positively what is '
                "proven: what is absent is then not proven.",
            )


def null_is_like_absent(policies: Policies) -> Iterator[Finding]:
    """Guard comparisons by type: `null < 5` is true, since null sorts below every number.

    With null a policy may be more careful than without the evidence, but not decide otherwise.
    """
    trials = policies.trials
    absent = {name: outcome_of(each) for name, each in policies.less_known.items()}
    for strict in (False, True):  # first all at once, then as a run decides what looks wrong
        cases = [policies.case(trial.policy_id, trial.with_null()) for trial in trials]
        with_null = decide(policies.workspace, cases, strict=strict)
        suspects = [
            (trial, outcome)
            for trial, outcome in zip(trials, map(outcome_of, with_null), strict=True)
            if outcome in _DECIDED - {"error", absent[trial.name]}
        ]
        trials = tuple(trial for trial, _ in suspects)
        if strict:
            for trial, outcome in suspects:
                yield _breach(
                    policies,
                    trial,
                    f"is {outcome} where its {trial.kind} is null and {absent[trial.name]} where "
                    "it is absent",
                    "Ask for the type before you compare: is_number, is_string, is_array.",
                )


def _breach(policies: Policies, trial: Trial, what: str, remedy: str) -> Finding:
    module = next(each for each in policies.policies if policy_id(each.package) == trial.policy_id)
    said = f"the table of custom.examples.{trial.side} {what}"
    return breach(module, line_of(module.annotation), said, remedy)
