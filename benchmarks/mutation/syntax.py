"""Where everything stands in a Rego module: its syntax tree, tied to the text it came from."""

from __future__ import annotations

import base64
import json
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any, TypeAlias

Span: TypeAlias = tuple[int, int]
"""From the first character to the one after the last, as offsets in the module's text."""

Node: TypeAlias = dict[str, Any]
"""An object of the tree as `opa parse` prints it; one with a `location` has a span."""


@dataclass(frozen=True)
class Syntax:
    """A module's rules, and how their places in `braced` are found in `text`.

    OPA gives everything in the body of an `else` that has no braces the place of the whole `else`.
    So a copy with braces is what is parsed, and `added` tells where they are in it.
    """

    text: str
    rules: list[Node]
    braced: str
    added: tuple[Span, ...]

    def span(self, node: Node) -> Span:
        """Return where the node stands in `text`."""
        start, end = _span(self.braced, node)
        return self._original(start), self._original(end)

    def _original(self, offset: int) -> int:
        return offset - sum(end - start for start, end in self.added if end <= offset)

    def source(self, node: Node) -> str:
        """Return the node as it is written."""
        start, end = self.span(node)
        return self.text[start:end]


def parse(opa: Path, text: str) -> Syntax:
    """Return the syntax of a module; ValueError is raised if it is not a valid one."""
    tree = _tree(opa, text)
    uncommented = _without_comments(text, tree)
    bare = [span for rule in tree["rules"] for span in _bare_bodies(uncommented, rule)]
    points = sorted([(start, "{ ") for start, _ in bare] + [(end, " }") for _, end in bare])
    braced, added, done = "", [], 0
    for offset, brace in points:
        braced += text[done:offset]
        added.append((len(braced), len(braced) + len(brace)))
        braced += brace
        done = offset
    braced += text[done:]
    rules = (_tree(opa, braced) if bare else tree)["rules"]
    return Syntax(text, rules, braced, tuple(added))


def branches(rule: Node) -> Iterator[Node]:
    """Yield the rule, its `else`, the `else` of that, and so on."""
    branch: Node | None = rule
    while branch:
        yield branch
        branch = branch.get("else")


def _tree(opa: Path, text: str) -> Node:
    with tempfile.NamedTemporaryFile("w", suffix=".rego", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        options = ["--format", "json", "--json-include", "locations,comments"]
        command = [str(opa), "parse", *options, file.name]
        ended = subprocess.run(command, capture_output=True, check=False)
    if ended.returncode:
        raise ValueError(ended.stderr.decode())
    tree: Node = {"rules": [], "comments": [], **json.loads(ended.stdout)}
    return tree


def _span(text: str, node: Node) -> Span:
    """Return where the node stands. OPA counts columns in characters, rows and columns from one."""
    written = _written(node)
    begin = _begin(text, node)
    # The place of `(a + b) * c` is that of `a`; its text is complete.
    start = text.rfind(written, 0, begin + len(written))
    if start < 0 or text[start:begin].strip("( \t\n"):
        raise ValueError(f"line {node['location']['row']}: {written} is not there")
    return start, start + len(written)


def _begin(text: str, node: Node) -> int:
    row, column = int(node["location"]["row"]), int(node["location"]["col"])
    starts = [0, *accumulate(len(line) + 1 for line in text.split("\n"))]
    return starts[row - 1] + column - 1


def _written(node: Node) -> str:
    return base64.b64decode(node["location"]["text"]).decode()


def _without_comments(text: str, tree: Node) -> str:
    """Return the text with blanks where its comments are."""
    for comment in tree["comments"]:
        start = _begin(text, {"location": comment["Location"]})
        end = text.find("\n", start) if "\n" in text[start:] else len(text)
        text = text[:start] + " " * (end - start) + text[end:]
    return text


def _bare_bodies(text: str, rule: Node) -> Iterator[Span]:
    """Yield the body of each `else … if` without braces, in a text without comments."""
    for branch in list(branches(rule))[1:]:
        first = branch["body"][0]
        if first.get("generated") or first["location"] != branch["location"]:
            continue
        begin = _begin(text, branch)
        after_head = begin + len(_written(branch["head"]))
        end = _begin(text, branch["else"]) if "else" in branch else begin + len(_written(branch))
        start = text.index(" if ", after_head) + len(" if ")
        yield start, start + len(text[start:end].rstrip())
