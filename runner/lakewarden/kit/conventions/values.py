"""What a term of a rule may stand for, as far as its text tells: constants, and texts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from lakewarden.kit.rego_module import Node, RegoModule, is_set, rule_name, static_parts

_SCALARS: Final = frozenset({"string", "number", "boolean", "null"})
_COLLECTIONS: Final = frozenset({"array", "set"})
_COMPREHENSIONS: Final = frozenset({"arraycomprehension", "setcomprehension"})
_ASSIGNMENTS: Final = frozenset({"assign", "eq"})
_MEMBERSHIP: Final = ("internal.member_2", "internal.member_3")
_UNIONS: Final = frozenset({"or", "array.concat", "union"})

_Seen = frozenset[str]


def assigned(variable: Node, rule: Node) -> Iterator[Node]:
    """Yield the terms that a rule's body gives to a variable with `:=` or `=`."""
    for expression in rule.get("body", []):
        terms = expression["terms"]
        if isinstance(terms, list) and _operator(terms) in _ASSIGNMENTS:
            if _is(terms[1], variable):
                yield terms[2]
            elif _is(terms[2], variable) and _operator(terms) == "eq":
                yield terms[1]


def is_constant(term: Node, rule: Node, module: RegoModule, seen: _Seen = frozenset()) -> bool:
    """Tell whether a term is made of literals alone, be it through variables, rules and built-ins.

    `rule` is the one whose body the term stands in. What is from elsewhere, such as a function of
    lib, isn't a constant: it may look at the table.
    """
    if term["type"] in _COLLECTIONS:
        return all(is_constant(part, rule, module, seen) for part in term["value"])
    if term["type"] == "call":
        known = {*map(rule_name, module.rules), *module.aliases, "data"}
        operator, *arguments = term["value"]
        return static_parts(operator)[0] not in known and all(
            is_constant(part, rule, module, seen) for part in arguments
        )
    if term["type"] != "var":
        return term["type"] in _SCALARS
    if term["value"] in seen:
        return False
    seen |= {term["value"]}
    if given := list(assigned(term, rule)):
        return all(is_constant(value, rule, module, seen) for value in given)
    defined = [
        (each["head"].get("value"), each)
        for each in _branches(module, term["value"])
        if not each["head"].get("args")
    ]
    return bool(defined) and all(
        value is not None and is_constant(value, each, module, seen) for value, each in defined
    )


def texts_of(
    term: Node, rule: Node, module: RegoModule, seen: _Seen = frozenset()
) -> Iterator[Node]:
    """Yield the text literals that a term may be, or, of a collection, that may be in it.

    Followed are variables, `some … in …`, comprehensions, unions and the module's own rules.
    """
    if term["type"] == "string":
        yield term
    elif term["type"] == "var":
        if term["value"] not in seen:
            seen |= {term["value"]}
            for source, around in _sources(term, rule, module):
                yield from texts_of(source, around, module, seen)
    else:
        for part, around in _parts(term, rule):
            yield from texts_of(part, around, module, seen)


def _parts(term: Node, rule: Node) -> Iterator[tuple[Node, Node]]:
    """Yield the terms that a collection is made of, each with the rule that it stands in."""
    if term["type"] in _COMPREHENSIONS:
        inner = term["value"]
        yield inner["term"], {**rule, "body": [*inner["body"], *rule.get("body", [])]}
    elif term["type"] in _COLLECTIONS:
        yield from ((part, rule) for part in term["value"])
    elif term["type"] == "call" and _operator(term["value"]) in _UNIONS:
        yield from ((part, rule) for part in term["value"][1:])
    elif term["type"] == "ref":  # a member of what it begins with
        yield term["value"][0], rule


def _sources(variable: Node, rule: Node, module: RegoModule) -> Iterator[tuple[Node, Node]]:
    """Yield what a variable is given or taken from, each with the rule that says so."""
    for source in (*assigned(variable, rule), *_collections(variable, rule)):
        yield source, rule
    for each in _branches(module, variable["value"]):
        value = each["head"].get("key" if is_set(each) else "value")
        if value is not None:
            yield value, each


def _collections(variable: Node, rule: Node) -> Iterator[Node]:
    """Yield what a variable is said to be `in`, and the references that it is an index of."""
    for expression in rule.get("body", []):
        terms = expression["terms"]
        if isinstance(terms, dict) and "symbols" in terms:
            calls = [term["value"] for term in terms["symbols"] if term["type"] == "call"]
        else:
            calls = [terms] if isinstance(terms, list) else []
        for call in calls:
            if _operator(call) in _MEMBERSHIP and _is(call[-2], variable):
                yield call[-1]
        if isinstance(terms, dict) and terms.get("type") == "ref":
            head, *parts = terms["value"]
            if head["value"] not in ("input", "data") and any(_is(p, variable) for p in parts):
                yield head


def _branches(module: RegoModule, name: str) -> Iterator[Node]:
    """Yield the rules of a name and what continues them with `else`."""
    for rule in module.rules:
        branch: Node | None = rule if rule_name(rule) == name else None
        while branch:
            yield branch
            branch = branch.get("else")


def _operator(call: list[Node]) -> str:
    return ".".join(static_parts(call[0])) if call[0]["type"] == "ref" else ""


def _is(term: Node, variable: Node) -> bool:
    return term["type"] == "var" and bool(term["value"] == variable["value"])
