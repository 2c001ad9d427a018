"""What is not known decides nothing, and null is no value: tried on the annotated examples."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from msgspec import Struct

from lakewarden.kit.conventions.interface import Policies, breach, policy_id
from lakewarden.kit.decided import decide
from lakewarden.kit.examples import example
from lakewarden.kit.finding import Finding
from lakewarden.kit.rego_module import line_of

_PARTS: Final = ("size", "detail", "access")
"""Evidence with leaves of its own; columns are the other evidence that may be lacking."""

_DECIDED: Final = {"pass", "fail", "exempt", "error"}


class _Trial(Struct, frozen=True, kw_only=True):
    """An example with one kind of evidence in it, and the outcome that it has with all of it."""

    policy_id: str
    side: str
    kind: str
    table: Mapping[str, Any]
    whole: str

    @property
    def name(self) -> tuple[str, str, str]:
        """What tells it from every other one."""
        return self.policy_id, self.side, self.kind


def lacking_evidence_decides_nothing(policies: Policies) -> Iterator[Finding]:
    """Leave undecided what cannot be known: an example without its evidence keeps its outcome,
    or is unknown or not applicable.

    `deny` under `not _large` denies what has no size, and `pass` under `not _small` passes it.
    """  # noqa: D205 -- one sentence
    trials = _trials(policies)
    for trial, absent in zip(trials, _outcomes(policies, trials, _absent), strict=True):
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
    trials = _trials(policies)
    without = zip(trials, _outcomes(policies, trials, _absent), strict=True)
    absent = {trial.name: outcome for trial, outcome in without}
    for strict in (False, True):  # first all at once, then as a run decides what looks wrong
        with_null = zip(trials, _outcomes(policies, trials, _null, strict=strict), strict=True)
        suspects = [
            (trial, outcome)
            for trial, outcome in with_null
            if outcome in _DECIDED - {"error", absent[trial.name]}
        ]
        trials = [trial for trial, _ in suspects]
        if strict:
            for trial, outcome in suspects:
                yield _breach(
                    policies,
                    trial,
                    f"is {outcome} where its {trial.kind} is null and {absent[trial.name]} where "
                    "it is absent",
                    "Ask for the type before you compare: is_number, is_string, is_array.",
                )


def _trials(policies: Policies) -> list[_Trial]:
    return [
        _Trial(policy_id=name, side=side, kind=kind, table=table, whole=_outcome(decision))
        for (name, side), decision in policies.decisions.items()
        if isinstance(decision, dict)
        for table in [example(policies.examples[name][side])]
        for kind in _kinds(table)
    ]


def _outcomes(
    policies: Policies,
    trials: Sequence[_Trial],
    change: Callable[[Mapping[str, Any], str], dict[str, Any]],
    *,
    strict: bool = True,
) -> list[str]:
    cases = [policies.case(trial.policy_id, change(trial.table, trial.kind)) for trial in trials]
    return [_outcome(each) for each in decide(policies.workspace, cases, strict=strict)]


def _kinds(table: Mapping[str, Any]) -> list[str]:
    return [kind for kind in (*_PARTS, "columns") if table.get(kind)]


def _absent(table: Mapping[str, Any], kind: str) -> dict[str, Any]:
    """Return the table without the evidence; its parts are always there, if only empty."""
    if kind in _PARTS:
        return {**table, kind: {}}
    return {name: value for name, value in table.items() if name != kind}


def _null(table: Mapping[str, Any], kind: str) -> dict[str, Any]:
    return {**table, kind: dict.fromkeys(table[kind]) if kind in _PARTS else None}


def _outcome(decision: Mapping[str, Any] | str) -> str:
    return "error" if isinstance(decision, str) else str(decision["outcome"])


def _breach(policies: Policies, trial: _Trial, what: str, remedy: str) -> Finding:
    module = next(each for each in policies.policies if policy_id(each.package) == trial.policy_id)
    said = f"the table of custom.examples.{trial.side} {what}"
    return breach(module, line_of(module.annotation), said, remedy)
