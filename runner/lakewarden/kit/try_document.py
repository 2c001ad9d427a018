"""One policy about one table document: the decision of a run, and every set that leads to it.

A run stops at the first set that decides, and reports what the outcome needs. An author wants to
see them all.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from msgspec import Struct, structs

from lakewarden.engines.bundle.annotations import annotated
from lakewarden.engines.bundle.stage import read_policies, stage
from lakewarden.engines.interface import Module
from lakewarden.engines.opa.check import check_policies
from lakewarden.evaluation.batches import decide
from lakewarden.evaluation.deciding_step import DecidingStep, step_of
from lakewarden.evaluation.policy_index import index_policies, select
from lakewarden.kit.opa_eval import QueryError, opa_eval
from lakewarden.model.decision import Decision
from lakewarden.model.errors import ConfigurationError, EvaluationError
from lakewarden.model.policy import Policy
from lakewarden.model.report import EngineInfo
from lakewarden.policy_set import PolicySet, load_rules
from lakewarden_collector.document import EncodedDocument, TableDocument, encoded
from lakewarden_collector.private_folder import PrivateFolder

_SETS: Final = ("needs", "not_applicable", "exempt", "deny", "pass")
"""In the order in which the router asks for them."""
_DECISIONS: Final = "data.lakewarden.main.decisions"
_WAIVED: Final = """[id |
    active := data.lakewarden.lib.waivers.active(input.request.waivers, input.request.now)
    some id, _ in data.lakewarden.lib.waivers.exemptions(active, input.table.full_name)
]"""
_SET: Final = """[members |
    waived := {waived}
    run := {{"settings": input.settings, "now": input.request.now, "waived": waived}}
    table := input.table
    members := {path} with input as table with data.lakewarden_run as run
]"""


class TriedPolicy(Struct, frozen=True, kw_only=True):
    """What one policy says about one table."""

    policy: Policy
    """With the enforcement and severity that the settings give it."""
    switched_off: bool
    full_name: str
    decision: Decision
    step: DecidingStep
    proofs: dict[str, Any]
    """Each of the five sets to its members, empty where the policy lacks it."""
    errors: dict[str, str]
    """A set to what OPA says, where it cannot be evaluated."""
    settings: dict[str, Any]
    """Those of the policy's domain, as they are for this table."""
    waived: bool
    """Whether an active waiver covers the table, needed or not."""
    facts: dict[str, Any]


def try_document(
    opa: Path,
    roots: Sequence[Path],
    policy_id: str,
    document: TableDocument | EncodedDocument,
    *,
    config_dir: Path | None,
    clock: str,
) -> TriedPolicy:
    """Decide one document by one policy, as a run does, and evaluate all of its sets.

    Raises `ConfigurationError` for a policy that isn't there, and for anything wrong in policies,
    settings or waivers; `EngineError` if OPA cannot be run.
    """
    modules = [annotated(module) for module in read_policies(roots)]
    chosen = select(index_policies(modules), [policy_id], where="policies try")
    if len(chosen) > 1:
        raise ConfigurationError(
            f"{policy_id} names {len(chosen)} policies",
            where="policies try",
            remedy=f"Name one: {', '.join(each.policy_id for each in chosen)}.",
        )
    rules = load_rules(
        modules,
        policy_dirs=roots,
        patterns=[chosen[0].policy_id],
        config_dir=config_dir,
        clock=clock,
    )
    with PrivateFolder("try") as scratch:
        staged = Path(scratch, "policies")
        check_policies(opa, staged, stage(roots, staged))
        return _try(_OneShot(opa, staged, modules), rules, document, clock)


def _try(
    engine: _OneShot, rules: PolicySet, document: TableDocument | EncodedDocument, clock: str
) -> TriedPolicy:
    (policy,) = rules.selected
    domain, _, name = policy.policy_id.partition(".")
    question = structs.replace(rules.question(clock), policies=(policy.policy_id,))
    table = encoded(document)
    ((_, answer),) = decide(engine, question, [table])
    decision = answer.decisions[policy.policy_id]
    query = question.about(table)
    settings = {**question.settings, **(query.variant.settings if query.variant else {})}
    about = {
        "request": json.loads(question.request([query])),
        "table": json.loads(table.data),
        "settings": settings,
    }
    base = f"data.lakewarden.tables.{domain}.{name}"
    queries = {each: _SET.format(waived=_WAIVED, path=f"{base}.{each}") for each in _SETS}
    proofs, errors = engine.evaluate({**queries, "waived": _WAIVED}, about)
    waived = proofs.pop("waived", [])
    errors.pop("waived", None)
    return TriedPolicy(
        policy=policy,
        switched_off=policy in rules.off,
        full_name=document.full_name,
        decision=decision,
        step=step_of(decision),
        proofs={each: next(iter(proofs[each]), []) for each in _SETS if each in proofs},
        errors=errors,
        settings=settings[domain],
        waived=policy.policy_id in waived,
        facts=answer.facts.get(domain, {}),
    )


class _OneShot:
    """An engine that starts OPA for each request: slow for a run, quick for one document."""

    concurrency = 1

    def __init__(self, opa: Path, staged: Path, modules: Sequence[Module]) -> None:
        self.binary = opa
        self._staged = staged
        self._modules = modules

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Leave nothing: nothing was started."""

    @property
    def info(self) -> EngineInfo:
        """Name who decides."""
        return EngineInfo(name="opa", version="")

    def modules(self) -> Sequence[Module]:
        """Return the staged modules."""
        return self._modules

    def check_modules(self) -> None:
        """See `Engine.check_modules`: nobody else changes what is staged."""

    def decide(self, request: bytes) -> bytes:
        """See `Engine.decide`."""
        return json.dumps(self._eval(_DECISIONS, request)).encode()

    def evaluate(
        self, queries: Mapping[str, str], about: Mapping[str, Any]
    ) -> tuple[dict[str, Any], dict[str, str]]:
        """Return each query's value by its name, and what OPA says of those that it refuses.

        All are asked at once, and one by one where that is refused.
        """
        given = json.dumps(about).encode()
        whole = "{" + ",".join(f'"{name}": {query}' for name, query in queries.items()) + "}"
        try:
            value: dict[str, Any] = self._eval(whole, given)
        except EvaluationError as error:
            if len(queries) == 1:
                return {}, dict.fromkeys(queries, str(error))
        else:
            return value, {}
        answers, errors = dict[str, Any](), dict[str, str]()
        for name, query in queries.items():
            found, refused = self.evaluate({name: query}, about)
            answers |= found
            errors |= refused
        return answers, errors

    def _eval(self, query: str, given: bytes) -> Any:  # noqa: ANN401 -- any JSON
        try:
            return opa_eval(self.binary, self._staged, query, given)
        except QueryError as error:
            raise EvaluationError("; ".join(_stated(each) for each in error.errors)) from error


def _stated(error: Mapping[str, Any]) -> str:
    place = error.get("location") or {}
    where = f"{place['file']}:{place['row']}: " if place.get("file") else ""
    return f"{where}{error.get('message', error)}"
