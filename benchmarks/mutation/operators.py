"""The changes that are tried: each is one that an author could make by mistake.

A change is the name of the rule, a span of the module's text and what is to stand there instead.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import pairwise
from typing import Any, Final, TypeAlias

from benchmarks.mutation.syntax import Node, Span, Syntax, branches

Edit: TypeAlias = tuple[Span, str]

_OPERATORS: Final = {
    "==": ["!="],
    "!=": ["=="],
    "<": ["<=", ">="],
    "<=": ["<", ">"],
    ">": [">=", "<="],
    ">=": [">", "<"],
    "+": ["-"],
    "-": ["+", "&"],
    "*": ["/"],
    "/": ["*"],
    "%": ["*"],
    "&": ["|"],
    "|": ["&"],
}
_CLEANING: Final = {"lower", "upper", "trim_space"}
"""Functions that are easily forgotten: the text is compared as it is."""


def changes(syntax: Syntax) -> Iterator[tuple[str, Span, str]]:
    """Yield the changes of all rules, in the order of their places."""
    for rule in syntax.rules:
        name = str(rule["head"]["ref"][0]["value"])
        edits = {*_whole_rule(syntax, rule)}
        for branch in branches(rule):
            edits |= {*_expressions(syntax, branch["body"])}
            head = branch["head"]
            edits |= {*_terms(syntax, [head.get(part) for part in ("args", "key", "value")])}
        for span, new in sorted(edits):
            yield name, span, new


def _whole_rule(syntax: Syntax, rule: Node) -> Iterator[Edit]:
    """Drop each branch of a chain of `else`, and the rule if it has only one."""
    start, end = syntax.span(rule)
    if "else" not in rule:
        yield (start, max(end, syntax.span(rule["head"])[1])), ""
        return
    first = rule["body"][0]
    span = syntax.span(first)
    bare = not syntax.text[: span[0]].rstrip().endswith("{")
    holds = syntax.source(first)
    yield span, f"{{ false; {holds} }}" if bare else f"false; {holds}"
    for branch in [*branches(rule)][1:]:
        begin = syntax.span(branch)[0]
        yield (begin, syntax.span(branch["else"])[0] if "else" in branch else end), ""


def _expressions(syntax: Syntax, body: list[Node]) -> Iterator[Edit]:
    """Leave out, negate, or assert each expression of a body; then change what is in it."""
    for expression in body:
        if expression.get("generated"):
            continue
        span = syntax.span(expression)
        written = syntax.source(expression)
        terms = expression["terms"]
        if written != "true":
            yield span, "true"
        if expression.get("negated"):
            yield span, written.removeprefix("not ")
        elif _is_plain(syntax, terms):
            yield span, f"not {written}"
        if isinstance(terms, dict) and "domain" in terms:
            yield _some_instead_of_every(syntax, expression)
        if isinstance(terms, list):
            yield from _call(syntax, terms)
        else:
            yield from _terms(syntax, terms)
        for modifier in expression.get("with", []):
            yield syntax.span(modifier), ""
            yield from _terms(syntax, modifier["value"])


def _is_plain(syntax: Syntax, terms: Node | list[Node]) -> bool:
    """Tell references and calls by name, `in` among them, from other operators and `some`."""
    if isinstance(terms, dict):
        return terms.get("type") in ("ref", "var")
    return syntax.source(terms[0]) not in {*_OPERATORS, ":=", "="}


def _some_instead_of_every(syntax: Syntax, expression: Node) -> Edit:
    every = expression["terms"]
    start, end = syntax.span(expression)
    middle = syntax.span(every["domain"])[1]
    opened = syntax.text.index("{", middle)
    iteration = syntax.text[start:middle].replace("every", "some", 1)
    return (start, end), f"{iteration}; {syntax.text[opened + 1 : end - 1].strip()}"


def _call(syntax: Syntax, call: list[Node]) -> Iterator[Edit]:
    """Change the operator or function, and what it is called with."""
    function, *arguments = call
    name = syntax.source(function)
    for other in _OPERATORS.get(name, []):
        yield syntax.span(function), other
    for argument in arguments:
        # A text that lacks one of its values is a text that reads otherwise: the literal covers it.
        yield from _terms(syntax, argument["value"] if _lists_values(name, argument) else argument)


def _lists_values(function: str, argument: Node) -> bool:
    return function == "sprintf" and argument["type"] == "array"


def _terms(syntax: Syntax, node: Any) -> Iterator[Edit]:  # noqa: ANN401 -- a piece of JSON
    """Yield the changes of a term and of all terms and bodies inside it."""
    if isinstance(node, list):
        for each in node:
            yield from _terms(syntax, each)
        return
    if not isinstance(node, dict):
        return
    kind: str | None = node.get("type")
    value: Any = node.get("value")
    if kind in ("number", "string", "boolean"):
        yield from _literal(syntax, node)
    elif kind == "call":
        yield from _call(syntax, value)
        if syntax.source(value[0]) in _CLEANING:
            yield syntax.span(node), syntax.source(value[1])
    elif kind == "ref":
        yield from _terms(syntax, value[1:])
    elif kind in ("set", "array"):
        yield from _members(syntax, node)
        yield from _terms(syntax, [each for each in value if kind == "array" or not _fixed(each)])
    else:
        yield from _terms(syntax, [part for key, part in node.items() if key not in _NO_TERMS])
        yield from _expressions(syntax, node.get("body", []))


_NO_TERMS: Final = {"location", "body"}


def _fixed(node: Node) -> bool:
    """Tell a text or number in a set: leaving it out is the same mistake as misspelling it."""
    return node["type"] in ("number", "string")


def _members(syntax: Syntax, node: Node) -> Iterator[Edit]:
    """Leave out each member of a set or array that is written out."""
    start, end = syntax.span(node)
    spans = sorted(syntax.span(member) for member in node["value"])
    if len(spans) == 1:
        yield (start, end), "set()" if node["type"] == "set" else "[]"
        return
    for this, following in pairwise(spans):
        yield (this[0], following[0]), ""
    if spans:
        yield (spans[-2][1], spans[-1][1]), ""


def _literal(syntax: Syntax, node: Node) -> Iterator[Edit]:
    """Change a number, a text or a truth value that is written out."""
    if not node.get("location", {}).get("text"):
        return  # `true`, where a rule says no value
    span, written, value = syntax.span(node), syntax.source(node), node["value"]
    if node["type"] == "boolean":
        if written in ("true", "false"):
            yield span, "false" if value else "true"
    elif node["type"] == "number":
        if written == "-":  # OPA leaves out the digits of a negative number
            span = span[0], span[0] + len(str(value))
        for other in {value + 1, value - 1, 0} - {value}:
            yield span, str(other)
    elif written[0] in '"`':  # not the `b` of `a.b`
        yield span, _quoted(f"{value}~", written)
        if " " in value:
            yield span, _quoted(f"~{value}", written)


def _quoted(text: str, like: str) -> str:
    return f"`{text}`" if like[0] == "`" else json.dumps(text, ensure_ascii=False)
