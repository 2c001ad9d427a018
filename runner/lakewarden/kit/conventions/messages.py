"""What a table's owner reads: which table, what was expected, what is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from lakewarden.kit.conventions.interface import Policies, breach, policy_id
from lakewarden.kit.examples import EXAMPLE_TABLE
from lakewarden.kit.finding import Finding
from lakewarden.kit.rego_module import Node, line_of, names_in, rule_name

_KEYS: Final = ("message", "expected", "actual")


def deny_says_what_was_expected_and_what_is(policies: Policies) -> Iterator[Finding]:
    """Make a member of `deny` an object with message, expected and actual, and nothing else."""
    for module in policies.policies:
        for rule in module.rules:
            member = rule["head"].get("key") if rule_name(rule) == "deny" else None
            if member is None or member["type"] not in ("object", "string", "array", "set"):
                continue  # what a variable holds is seen when the example is decided
            keys = [key["value"] for key, _ in member["value"]] if _is_object(member) else []
            if sorted(keys) != sorted(_KEYS):
                yield breach(
                    module,
                    line_of(rule),
                    f"a violation has {', '.join(_KEYS)}; this one has "
                    f"{', '.join(map(str, keys)) or 'none of them'}",
                    'Write `deny contains {"message": …, "expected": …, "actual": …} if {`.',
                )


def message_is_about_the_table(policies: Policies) -> Iterator[Finding]:
    """Build a message from the document or from facts; a constant is about no table."""
    for module in policies.policies:
        for rule in module.rules:
            member = rule["head"].get("key") if rule_name(rule) == "deny" else None
            if member is None or not _is_object(member):
                continue
            for key, value in member["value"]:
                if key["value"] == "message" and _is_constant(value, rule):
                    yield breach(
                        module,
                        line_of(rule),
                        "its message is the same for every table",
                        "Build it with sprintf from input.full_name and what was found.",
                    )


def message_names_the_table(policies: Policies) -> Iterator[Finding]:
    """Name the table, as the violations of the annotated example show: messages travel alone."""
    for module in policies.policies:
        decision = policies.decisions.get((policy_id(module.package), "before"), {})
        for violation in decision.get("violations", []) if isinstance(decision, dict) else []:
            if str(EXAMPLE_TABLE["full_name"]) not in str(violation.get("message", "")):
                rule = next(rule for rule in module.rules if rule_name(rule) == "deny")
                yield breach(
                    module,
                    line_of(rule),
                    f"the message does not name the table: {violation.get('message')}",
                    "Begin it with input.full_name.",
                )


def _is_object(term: Node) -> bool:
    return bool(term["type"] == "object")


def _is_constant(term: Node, rule: Node) -> bool:
    """Tell whether a term is a literal, or a call or variable that is made of literals alone."""
    if term["type"] == "var":
        given = [value for name, value in _assigned(rule) if name == term["value"]]
        return bool(given) and all(_is_constant(value, rule) for value in given)
    if term["type"] == "call":
        return not list(names_in(term["value"][1:]))
    return bool(term["type"] == "string")


def _assigned(rule: Node) -> Iterator[tuple[str, Node]]:
    for expression in rule.get("body", []):
        terms = expression["terms"]
        if isinstance(terms, list) and terms[0]["value"][0]["value"] in ("assign", "eq"):
            yield terms[1].get("value"), terms[2]
