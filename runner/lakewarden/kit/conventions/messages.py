"""What a table's owner reads: which table, what was expected, what is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import msgspec

from lakewarden.kit.conventions.interface import Policies, breach, policy_id
from lakewarden.kit.conventions.values import assigned, is_constant
from lakewarden.kit.example_decisions import example
from lakewarden.kit.finding import Finding
from lakewarden.kit.rego_module import Node, RegoModule, line_of, rule_name, texts_in
from lakewarden.model.decision import Violation
from lakewarden.model.policy import ABOUT_WAIVERS
from lakewarden_collector.decoding import Converter

_KEYS: Final = ("message", "expected", "actual")
_OPTIONAL: Final = ("key", "fixes")
_HAS: Final = f"a violation has {', '.join(_KEYS)}, and may have {' and '.join(_OPTIONAL)}"
_REMEDY: Final = 'Write `deny contains {"message": …, "expected": …, "actual": …} if {`.'
_violation: Final = Converter(Violation)
_KEY: Final = "key"
_STATEMENT: Final = re.compile(
    r"\b(?:ALTER (?:TABLE|VIEW|SCHEMA|CATALOG|STREAMING|MATERIALIZED)|COMMENT ON|CREATE OR RE\w+"
    r"|(?:UN)?SET (?:TBLPROPERTIES|TAGS?|OWNER)|ANALYZE TABLE|OPTIMIZE|VACUUM|DROP TABLE)\b"
)
_MISFORMED: Final = "%!"
"""What sprintf writes where a verb and its value do not fit: `%!d(string=a)`, `%!s(MISSING)`."""


def deny_says_what_was_expected_and_what_is(policies: Policies) -> Iterator[Finding]:
    """Make a member of `deny` an object with message, expected, actual, maybe key and fixes.

    The runner refuses anything else, as it could be one of these misspelt.
    """
    for module in policies.policies:
        for rule in module.rules:
            member = rule["head"].get("key") if rule_name(rule) == "deny" else None
            if member is None or member["type"] not in ("object", "string", "array", "set"):
                continue  # what a variable holds is seen when the example is decided
            keys = [key["value"] for key, _ in member["value"]] if _is_object(member) else []
            if not _are_whole(keys):
                yield breach(
                    module,
                    line_of(rule),
                    f"{_HAS}; this one has {', '.join(map(str, keys)) or 'none of them'}",
                    _REMEDY,
                )


def violation_says_it_all(policies: Policies) -> Iterator[Finding]:
    """Leave nothing out of a violation: those of the annotated example are looked at whole.

    Each is an object with message, expected and actual, and none of them is empty. Its fixes have
    the form that the runner asks for.
    """
    for module in policies.policies:
        for violation in _violations(policies, module):
            keys = list(violation) if isinstance(violation, dict) else []
            if not _are_whole(keys):
                stated = f"the one of the example is {violation!r}"
            elif empty := [key for key in _KEYS if _is_empty(violation[key])]:
                stated = f"in the one of the example {' and '.join(empty)} says nothing"
            elif fault := _fault(violation):
                stated = f"in the one of the example, the runner can't read it: {fault}"
            else:
                continue
            yield breach(module, _line_of_set(module, "deny"), f"{_HAS}; {stated}", _REMEDY)


def texts_are_well_formed(policies: Policies) -> Iterator[Finding]:
    """Give sprintf a value for each verb, and of its kind: else the owner reads `%!d(string=a)`."""
    for module in policies.policies:
        for side, name, key in (("before", "deny", "violations"), ("after", "pass", "reasons")):
            for stated in _decided(policies, module, side).get(key, []):
                for text in stated.values() if isinstance(stated, dict) else [stated]:
                    if _MISFORMED in str(text):
                        yield breach(
                            module,
                            _line_of_set(module, name),
                            f"sprintf could not make this text: {text}",
                            "Give it one value for each verb; %v takes a value of any kind.",
                        )


def message_is_about_the_table(policies: Policies) -> Iterator[Finding]:
    """Build a message from the document or from facts; a constant is about no table."""
    for module in policies.policies:
        for rule, members in _denials(module):
            for value in _messages(members):
                if is_constant(value, rule, module):
                    yield breach(
                        module,
                        line_of(rule),
                        "its message is the same for every table",
                        "Build it with sprintf from input.full_name and what was found.",
                    )


def message_names_the_table(policies: Policies) -> Iterator[Finding]:
    """Name the table, as the violations of the annotated example show: messages travel alone."""
    for module in policies.policies:
        stated = policies.examples.get(policy_id(module.package), {})
        subject = policies.subject(policy_id(module.package))
        shown = example(stated.get("before", {}), subject)
        field = "name" if subject == ABOUT_WAIVERS else "full_name"
        name, what = shown[field], subject.removesuffix("s")
        for violation in _violations(policies, module):
            message = violation.get("message") if isinstance(violation, dict) else violation
            if str(name) not in str(message):
                yield breach(
                    module,
                    _line_of_set(module, "deny"),
                    f"the message does not name the {what}: {message}",
                    f"Begin it with input.{field}.",
                )


def key_tells_violations_apart(policies: Policies) -> Iterator[Finding]:
    """Give a key to what can break several times on a table: reports know it again by that.

    One rule of a policy may do without, if it looks for nothing with `some`.
    """
    for module in policies.policies:
        without = 0
        for rule, members in _denials(module):
            if not members or all(_KEY in _keys_of(member) for member in members):
                continue
            without += 1
            if any(_looks_for_some(expression) for expression in rule["body"]):
                what = "its violations have no key, but there can be several on one table"
            elif without > 1:
                what = "its violations have no key, and neither have those of a rule before"
            else:
                continue
            remedy = 'Add `"key"`: the column or the property that it is about.'
            yield breach(module, line_of(rule), what, remedy)


def message_leaves_statements_to_fixes(policies: Policies) -> Iterator[Finding]:
    """Keep SQL out of messages: in fixes it can be checked, copied and written to a file."""
    for module in policies.policies:
        for rule, members in _denials(module):
            given = [term for value in _messages(members) for term in (value, *_given(value, rule))]
            for text, line in texts_in(given):
                if found := _STATEMENT.search(text):
                    yield breach(
                        module,
                        line,
                        f"its message has a statement in it: {found[0]}",
                        "Move it to `fixes`; the message says what is wrong, and why that matters.",
                    )


def _denials(module: RegoModule) -> Iterator[tuple[Node, list[Node]]]:
    """Yield each rule that adds to `deny`, and the objects that it adds, where it has them."""
    for rule in module.rules:
        if rule_name(rule) == "deny" and "key" in rule["head"]:
            yield rule, _objects(rule["head"]["key"], rule)


def _messages(members: Iterable[Node]) -> Iterator[Node]:
    for member in members:
        for key, value in member["value"]:
            if key["value"] == "message":
                yield value


def _given(term: Node, rule: Node) -> list[Node]:
    return list(assigned(term, rule)) if term["type"] == "var" else []


def _keys_of(member: Node) -> set[str]:
    return {key["value"] for key, _ in member["value"]}


def _looks_for_some(expression: Node) -> bool:
    """Whether it is `some … in …`: it may hold for one thing after another."""
    terms = expression["terms"]
    return isinstance(terms, dict) and "symbols" in terms


def _violations(policies: Policies, module: RegoModule) -> list[Any]:
    """Return what the policy says against its own example; a policy may say anything."""
    stated = _decided(policies, module, "before").get("violations", [])
    return stated if isinstance(stated, list) else [stated]


def _decided(policies: Policies, module: RegoModule, side: str) -> Mapping[str, Any]:
    decision = policies.decisions.get((policy_id(module.package), side), {})
    return decision if isinstance(decision, dict) else {}


def _are_whole(keys: Iterable[str]) -> bool:
    return set(_KEYS) <= set(keys) <= {*_KEYS, *_OPTIONAL}


def _fault(violation: object) -> str:
    """Say what keeps the runner from reading a violation; empty where it can."""
    try:
        _violation(violation)
    except msgspec.ValidationError as error:
        return str(error)
    return ""


def _is_empty(value: object) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _line_of_set(module: RegoModule, name: str) -> int:
    rules = (rule for rule in module.rules if rule_name(rule) == name)
    return next(map(line_of, rules), module.package_line)


def _objects(member: Node, rule: Node) -> list[Node]:
    """Return the object that a member is, or those that its variable is given in the rule."""
    return [term for term in (member, *_given(member, rule)) if _is_object(term)]


def _is_object(term: Node) -> bool:
    return bool(term["type"] == "object")
