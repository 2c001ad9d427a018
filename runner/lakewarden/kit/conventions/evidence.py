"""What isn't known decides nothing, and null isn't a value: tried on examples and variants."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from lakewarden.kit.conventions.interface import Policies, breach, policy_id
from lakewarden.kit.conventions.trials import MAY_LACK, Trial, outcome_of
from lakewarden.kit.finding import Finding
from lakewarden.kit.rego_module import got_of_input, line_of, rule_name

_DECIDED: Final = {"pass", "fail", "exempt", "error"}
_KNOWN: Final = {
    "access": "is_number(input.access.reads)",
    "columns": "is_array(input.columns)",
    "detail": "is_array(input.detail.partition_columns)",
    "predictive_optimization": "is_boolean(input.predictive_optimization.enabled)",
    "size": "is_number(input.size.bytes)",
    "tags": "is_object(input.tags)",
}
"""How to ask whether a part is known; texts are strings."""


def lacking_evidence_decides_nothing(policies: Policies) -> Iterator[Finding]:
    """Leave undecided what cannot be known: without a part of it a document keeps its outcome, or
    is unknown.

    `deny` under `not _large` denies what has no size, and `pass` under `not _small` passes it.
    A default, whether a `default` rule or the last argument of `object.get`, decides by what nobody
    has said; and that the policy is not about a table has to be known as well.
    """  # noqa: D205 -- one sentence
    reported: set[tuple[str, str]] = set()
    for trial, absent in policies.absent.items():
        about = trial.policy_id, trial.kind.partition(".")[0]
        if absent not in {trial.whole, "unknown"} and about not in reported:
            reported.add(about)  # one table is enough to show it
            yield _breach(
                policies,
                trial,
                f"is {trial.whole} with its {trial.kind} and {absent} without it",
                _remedy(trial.kind, trial.type_of_value),
            )


def what_may_be_absent_is_needed(policies: Policies) -> Iterator[Finding]:
    """Need something where a part is read that a document may be without.

    A policy without `needs` decides about every document, and so by a default, by `not`, or by an
    error, where what it reads is absent.
    """
    for module in policies.about_tables:
        if any(rule_name(rule) == "needs" for rule in module.rules):
            continue
        read = {path[0] for path in policies.read_of_input(policy_id(module.package)) if path}
        read.update(got_of_input(module.rules))
        for kind in sorted(read.intersection(MAY_LACK)):
            yield breach(
                module,
                module.package_line,
                f"it reads input.{kind}, which a document may lack, but doesn't need it",
                _remedy(kind),
            )


def _remedy(kind: str, type_of_value: str = "string") -> str:
    part = kind.partition(".")[0]
    if part == "properties":
        needs = "needs contains property.unknown(name)"
        where = ", for each property that it reads (import data.lakewarden.lib.property)"
    elif part == "columns" and kind != part:
        needs = f'needs contains "{part}" if some column in _columns'
        where = f", which are those that lack what is read: here, {kind}"
    else:
        known = f"is_{type_of_value}(input.{kind})" if kind != part else _KNOWN.get(part)
        needs = f'needs contains "{part}" if not _known'
        where = f" and `_known if {known or f'is_string(input.{part})'}`"
    return (
        f"Write `{needs}`{where}; let no default, no `object.get` with a default and no `not` "
        "stand in for it, and state positively what is proven: what is absent is then not proven."
    )


def null_is_like_absent(policies: Policies) -> Iterator[Finding]:
    """Guard comparisons by type: `null < 5` is true, since null sorts below every number.

    With null a policy may be more careful than without the evidence, but not decide otherwise.
    """
    absent = policies.absent
    trials = tuple(absent)
    reported: set[tuple[str, str]] = set()
    for strict in (False, True):  # first all at once, then as a run decides what looks wrong
        cases = [policies.case(trial.policy_id, trial.with_null()) for trial in trials]
        with_null = policies.answers(cases, strict=strict)
        suspects = [
            (trial, outcome)
            for trial, outcome in zip(trials, map(outcome_of, with_null), strict=True)
            if outcome in _DECIDED - {"error", absent[trial]}
        ]
        trials = tuple(trial for trial, _ in suspects)
        for trial, outcome in suspects if strict else ():
            about = trial.policy_id, trial.kind.partition(".")[0]
            if about not in reported:
                reported.add(about)
                yield _breach(
                    policies,
                    trial,
                    f"is {outcome} where its {trial.kind} is null and {absent[trial]} where "
                    "it is absent",
                    "Check the type before you compare: is_number, is_string, is_array.",
                )


def _breach(policies: Policies, trial: Trial, what: str, remedy: str) -> Finding:
    module = next(each for each in policies.policies if policy_id(each.package) == trial.policy_id)
    stated = f"the table of custom.examples.{trial.side} {what}"
    return breach(module, line_of(module.annotation), stated, remedy)
