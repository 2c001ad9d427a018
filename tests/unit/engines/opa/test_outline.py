"""Outlines: the functions of a module, found in its text alone."""

from __future__ import annotations

import pytest

from lakewarden.engines.opa.outline import functions, outline


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("f(x) := x", [("f", 1)]),
        ("f(x, y) if x == y", [("f", 2)]),
        ("default f(_) := 7", [("f", 1)]),
        ("f(a, [b, c], {d: e}) := g(1, 2)", [("f", 3)]),
        ('f(",", `,(`, "\\",") := 1', [("f", 3)]),
        ("f(\n\tx, # (one, two)\n\ty,\n) := x", [("f", 2)]),
        ('a.b["c"].f(x) := x', [('a.b["c"].f', 1)]),
        ("f(x) := x\n\nf(_) := 2\n", [("f", 1), ("f", 1)]),
        ("f() := g(1)\n\nh(x) := x", [("h", 1)]),
        ("p if {\nf(1)\n}\ng(x) := [y |\nh(x)\n]", [("g", 1)]),
        ("p if\n  f(1)", []),
        ("# f(x)\nimport data.f\np := f(1)\np contains x if x := 1", []),
    ],
)
def test_functions_are_found_where_they_are_defined(
    text: str, found: list[tuple[str, int]]
) -> None:
    assert list(functions(f"package a.b\n\n{text}\n")) == found


def test_an_outline_has_each_function_once_and_no_rule() -> None:
    text = (
        '# package x\npackage a["b-c"] # here\nx := 1\nf(y) := x + y\n\nf(2, 3) := x\n\nf(2) := x'
    )
    assert outline(text).splitlines()[1:] == [
        'package a["b-c"]',
        "",
        "f(_) := input",
        "f(_, _) := input",
    ]


def test_the_outline_of_an_outline_is_itself() -> None:
    text = outline("package a\n\nf(x) := 1")
    assert outline(text) == text
