"""What is not known decides nothing, and null is no value: tried on the annotated examples."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from msgspec import Struct

from lakewarden.kit.conventions.interface import Policies, breach, policy_id
from lakewarden.kit.examples import example
from lakewarden.kit.finding import Finding
from lakewarden.kit.rego_module import line_of

_PARTS: Final = ("size", "detail", "access")
"""Evidence with leaves of its own; columns are the other evidence that may be lacking."""

_DECIDED: Final = {"pass", "fail", "exempt", "error"}


class _Trial(Struct, frozen=True, kw_only=True):
    """An example, decided whole, with one kind of evidence absent, and with it null."""

    policy_id: str
    side: str
    kind: str
    whole: str
    absent: str
    null: str


def lacking_evidence_decides_nothing(policies: Policies) -> Iterator[Finding]:
    """Leave undecided what cannot be known: an example without its evidence keeps its outcome,
    or is unknown or not applicable.

    `deny` under `not _large` denies what has no size, and `pass` under `not _small` passes it.
    """  # noqa: D205 -- one sentence
    for trial in _trials(policies):
        if trial.absent in _DECIDED - {trial.whole}:
            yield _breach(
                policies,
                trial,
                f"is {trial.whole} with its {trial.kind} and {trial.absent} without it",
                f'Write `needs contains "{trial.kind}" if not …`, and state positively what is '
                "proven: what is absent is then not proven.",
            )


def null_is_like_absent(policies: Policies) -> Iterator[Finding]:
    """Guard comparisons by type: `null < 5` is true, since null sorts below every number.

    With null a policy may be more careful than without the evidence, but not decide otherwise.
    """
    for trial in _trials(policies):
        if trial.null in _DECIDED - {"error", trial.absent}:
            yield _breach(
                policies,
                trial,
                f"is {trial.null} where its {trial.kind} is null and {trial.absent} where it is "
                "absent",
                "Ask for the type before you compare: is_number, is_string, is_array.",
            )


def _trials(policies: Policies) -> Iterator[_Trial]:
    wanted = [
        (name, side, kind)
        for (name, side), decision in policies.decisions.items()
        if isinstance(decision, dict)
        for kind in _kinds(example(policies.examples[name][side]))
    ]
    sides = [(name, side) for name, side, _ in wanted]
    tables = [example(policies.examples[name][side]) for name, side in sides]
    changes = [_absent(table, kind) for table, (*_, kind) in zip(tables, wanted, strict=True)]
    changes += [_null(table, kind) for table, (*_, kind) in zip(tables, wanted, strict=True)]
    outcomes = [_outcome(decision) for decision in policies.decide([*sides, *sides], changes)]
    number = len(wanted)
    for case, absent, null in zip(wanted, outcomes[:number], outcomes[number:], strict=True):
        name, side, kind = case
        whole = _outcome(policies.decisions[name, side])
        yield _Trial(policy_id=name, side=side, kind=kind, whole=whole, absent=absent, null=null)


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
