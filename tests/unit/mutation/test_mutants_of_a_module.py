"""Which changes are tried in a module, and that each stands where its syntax tree says."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.mutation.mutants import mutants
from benchmarks.mutation.operators import changes
from benchmarks.mutation.syntax import parse
from tests.support import rego

pytestmark = pytest.mark.opa

_HEAD = "package a\n\n"


def _changes(folder: Path, text: str) -> set[tuple[str, str]]:
    (folder / "a.rego").write_text(_HEAD + text, encoding="utf-8")
    made = mutants(rego.opa_binary(), folder, "a.rego")
    assert len({mutant.text for mutant in made}) == len(made)
    return {(mutant.change.before, mutant.change.after) for mutant in made}


@pytest.mark.parametrize(
    ("text", "others"),
    [
        ("p if input.x < 5", ["p if input.x <= 5", "p if input.x >= 5", "p if input.x < 6"]),
        ("p if input.x < 5", ["p if input.x < 4", "p if input.x < 0", "p if true", ""]),
        ("p := -1", ["p := 0", "p := -2", ""]),
        ("p := input.x & input.y", ["p := input.x | input.y", ""]),
        ("p if input.x", ["p if not input.x", "p if true", ""]),
        ("p if not input.x", ["p if input.x", "p if true", ""]),
        ("p if is_number(input.x)", ["p if not is_number(input.x)"]),
        ("p if input.x in input.y", ["p if not input.x in input.y"]),
        ('p := "id"', ['p := "id~"', ""]),
        ('p := "An é text."', ['p := "An é text.~"', 'p := "~An é text."', ""]),
        ("p := `a b`", ["p := `a b~`", "p := `~a b`", ""]),
        ("default p := false", ["default p := true"]),
        ("p if { q with input as 7 }\nq if input", ["p if { q with input as 8 }"]),
        ("p := lower(input.x)", ["p := input.x", ""]),
        ("p := [x | some x in input.y; x]", ["p := [x | some x in input.y; not x]"]),
        ("p := {x: y | some x, y in input; x > 0}", ["p := {x: y | some x, y in input; x > 1}"]),
        ("p if every x in input { x.y; x.z }", ["p if some x in input; x.y; x.z"]),
        ("p if every x in input { x.y }", ["p if every x in input { not x.y }"]),
        ("p := ((input.x + 2) * 3) - 4", ["p := ((input.x - 2) * 3) - 4"]),
        ('p := input["é"] + input.x', ['p := input["é"] - input.x']),
    ],
)
def test_each_kind_of_change_is_tried(tmp_path: Path, text: str, others: list[str]) -> None:
    """A kind of mistake that is never tried is one that the score says nothing about."""
    after = {new for _, new in _changes(tmp_path, text)}
    assert set(others) <= after


def test_members_are_left_out_one_at_a_time(tmp_path: Path) -> None:
    text = 'p := {"c", "a"}\n\nq := [input.x, input.y]\n\nr := {"one"}'
    changes = _changes(tmp_path, text)
    assert {('"c"', ""), ('"a"', ""), ("input.x", ""), ("input.y", "")} <= changes
    assert ('r := {"one"}', "r := set()") in changes


def test_branches_are_dropped_and_bare_ones_are_found(tmp_path: Path) -> None:
    """OPA tells no places inside an `else` without braces."""
    text = """p := 1 if input.x == 7

# Why the next one.
else := 2 if input.y == "é" # so

else := 3 if {
	input.z
}

else := 4
"""
    changes = _changes(tmp_path, text)
    assert ("p := 1 if input.x == 7", "p := 1 if { false; input.x == 7 }") in changes
    assert ('else := 2 if input.y == "é" # so', 'else := 2 if input.y != "é" # so') in changes
    assert ('else := 2 if input.y == "é" # so', "") in changes
    assert ("input.z", "not input.z") in changes
    assert ("else := 3 if { input.z }", "") in changes
    assert ("else := 4", "else := 5") in changes


def test_only_the_change_differs(tmp_path: Path) -> None:
    """A mutant that differs in more than it tells would be judged for something else."""
    text = _HEAD + 'p := 1 if input.x else := 2 if input.y == "z" else := 3\n'
    (tmp_path / "a.rego").write_text(text, encoding="utf-8")
    made = mutants(rego.opa_binary(), tmp_path, "a.rego")
    assert made
    for mutant in made:
        if mutant.change.after:
            assert mutant.text == text.replace(mutant.change.before, mutant.change.after)


def test_changes_that_read_alike_are_counted(tmp_path: Path) -> None:
    """A reason for one survivor must not excuse another."""
    (tmp_path / "a.rego").write_text(
        f"{_HEAD}p if {{\n\tinput.x\n\tinput.y\n}}\n\np if {{\n\tinput.z\n\tinput.y\n}}\n",
        encoding="utf-8",
    )
    made = mutants(rego.opa_binary(), tmp_path, "a.rego")
    alike = [
        each for each in made if (each.change.before, each.change.after) == ("input.y", "true")
    ]
    assert [(each.change.nth, each.line) for each in alike] == [(1, 5), (2, 10)]


@pytest.mark.parametrize("module", rego.modules(), ids=lambda path: path.name)
def test_every_place_in_the_shipped_modules_is_found(module: Path) -> None:
    """A wrong place would make a mutant that nobody could have written, and hide a right one."""
    places = [span for _, span, _ in changes(parse(rego.opa_binary(), module.read_text("utf-8")))]
    assert places or not rego.parsed(module)["rules"]
