"""The examples in the annotation are true: the table fails before and passes after."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import msgspec
from jsonschema import Draft202012Validator

from lakewarden.kit.conventions.interface import (
    SIDES,
    Policies,
    breach,
    is_about_waivers,
    policy_id,
)
from lakewarden.kit.example_decisions import EXAMPLE_TABLE, example
from lakewarden.kit.finding import Finding
from lakewarden.kit.rego_module import RegoModule, line_of
from lakewarden.model.policy import ABOUT_WAIVERS
from lakewarden.settings.waiver_document import WaiverDocument
from lakewarden_collector.decoding import Converter
from lakewarden_collector.document import TableDocument

_to_document: Final = Converter(TableDocument)
_to_waiver: Final = Converter(WaiverDocument)


def examples_are_documents(policies: Policies) -> Iterator[Finding]:
    """Give an example the fields of a table document, and settings that the domain has."""
    for module in policies.policies:
        stated = policies.examples.get(policy_id(module.package))
        if stated is None:
            continue
        for side in SIDES:
            waiver = is_about_waivers(module)
            try:
                if waiver:
                    _to_waiver(example(stated[side], ABOUT_WAIVERS))
                else:
                    _to_document(example(stated[side]))
            except msgspec.ValidationError as error:
                kind = "a waiver's" if waiver else "a table"
                yield _untrue(module, f"custom.examples.{side} isn't {kind} document: {error}")
        domain = policies.workspace.domains.get(module.package[2], {"properties": {}})
        closed = {**domain, "additionalProperties": False}
        for wrong in Draft202012Validator(closed).iter_errors(stated.get("settings", {})):
            yield _untrue(module, f"custom.examples.settings: {wrong.message}")


def examples_fail_and_pass(policies: Policies) -> Iterator[Finding]:
    """Show what is decided as the annotation says, by the router itself."""
    for module in policies.policies:
        name = policy_id(module.package)
        for side, expected in zip(SIDES, ("fail", "pass"), strict=True):
            decision = policies.decisions.get((name, side))
            if isinstance(decision, str):
                finding = _untrue(module, f"OPA does not decide custom.examples.{side}: {decision}")
                cause = decision.partition("\n")[0]
                yield msgspec.structs.replace(finding, cause=cause)
            elif decision and decision["outcome"] != expected:
                yield _untrue(
                    module,
                    f"the table of custom.examples.{side} is to {expected}, but it is "
                    f"{_outcome(decision)}",
                )


def _outcome(decision: dict[str, object]) -> str:
    proof = {key: value for key, value in decision.items() if key != "outcome"}
    stated = msgspec.json.encode(proof).decode() if proof else ""
    return f"{decision['outcome']} {stated}".strip()


def _untrue(module: RegoModule, what: str) -> Finding:
    usual = (
        f"a managed Delta table of 5 GiB, {EXAMPLE_TABLE['full_name']}, that has six columns and "
        "no clustering"
    )
    if is_about_waivers(module):
        usual = "a waiver for half a year, without a start and a ticket"
    return breach(
        module,
        line_of(module.annotation),
        what,
        f"Correct the policy, or the example: it replaces fields of {usual}.",
    )
