"""A Rego module as a syntax tree, the way `opa parse` prints it, and questions about it."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import Struct

from lakewarden.engines.bundle.annotations import package_annotations
from lakewarden.engines.install.binary import run_opa
from lakewarden.kit.scratch import TEST_SUFFIX, Workspace
from lakewarden.model.errors import EngineError
from lakewarden_collector.decoding import decoder

Node = dict[str, Any]
_WORKERS: Final = 4
_ARGUMENTS: Final = 3
"""A call of `object.get` up to the key: the function, the object, the key."""
_DEPENDENCIES: Final = decoder(dict[str, Any])


class RegoModule(Struct, frozen=True, kw_only=True, dict=True):
    """One parsed file.

    `path` is relative to the bundle root, with forward slashes; `source` is the user's file, for
    messages; `tree` is what `opa parse --format json` says, with locations.
    """

    path: str
    source: str
    text: str
    tree: Node

    @property
    def is_test(self) -> bool:
        """Whether it is a test, which is never loaded by a run."""
        return self.path.endswith(TEST_SUFFIX)

    @cached_property
    def package(self) -> tuple[str, ...]:
        """The parts of its package, `data` left out."""
        return tuple(str(part["value"]) for part in self.tree["package"]["path"][1:])

    @property
    def package_line(self) -> int:
        """The line of the package clause."""
        return line_of(self.tree["package"])

    @property
    def rules(self) -> list[Node]:
        """Its rules and functions in their order; an `else` is inside of what it continues."""
        rules: list[Node] = self.tree.get("rules", [])
        return rules

    @property
    def imports(self) -> list[Node]:
        """Its imports in their order."""
        imports: list[Node] = self.tree.get("imports", [])
        return imports

    @cached_property
    def annotation(self) -> Node:
        """The METADATA block of its package, empty if there is none."""
        blocks: list[Node] = self.tree.get("annotations", [])
        return next((block for block in blocks if block["scope"] == "package"), {})

    @cached_property
    def written_annotation(self) -> Node:
        """The same block as it is written: OPA drops the keys that it does not know."""
        return package_annotations(self.text, self.source)

    @cached_property
    def comments(self) -> tuple[tuple[str, int], ...]:
        """Text and line of each comment that isn't part of a METADATA block."""
        written = ((b64decode(c["Text"]).decode(), c["Location"]["row"]) for c in self._comments)
        found, block = [], -1
        for text, line in written:
            if text.strip() == "METADATA" or line == block + 1:
                block = line
            else:
                found.append((text.strip(), line))
        return tuple(found)

    @property
    def _comments(self) -> list[Node]:
        comments: list[Node] = self.tree.get("comments", [])
        return comments

    @cached_property
    def aliases(self) -> dict[str, tuple[str, ...]]:
        """What each import is called here, and the reference that it stands for."""
        return {alias_of(entry): static_parts(entry["path"]) for entry in self.imports}

    @cached_property
    def references(self) -> tuple[tuple[tuple[str, ...], int], ...]:
        """Every reference and import: its parts up to the first computed one, and its line.

        What begins with an import's name is given as what was imported.
        """
        found = []
        for node in nodes([self.rules, self.imports]):
            if node.get("type") == "ref":
                head, *rest = static_parts(node)
                found.append(((*self.aliases.get(head, (head,)), *rest), line_of(node)))
            elif node.get("type") == "var" and node["value"] in self.aliases:
                found.append((self.aliases[node["value"]], line_of(node)))
        return tuple(found)


def parse_modules(workspace: Workspace) -> tuple[RegoModule, ...]:
    """Parse all staged files, several at a time. Raises `EngineError` for one that isn't Rego."""
    with ThreadPoolExecutor(_WORKERS) as pool:
        return tuple(pool.map(lambda path: _parse(workspace, path), sorted(workspace.sources)))


def base_documents(workspace: Workspace, module: RegoModule) -> frozenset[tuple[str, ...]]:
    """Return what a package reads of `input` and of data that no rule makes, through lib as well.

    Each is a path up to its first part that is computed, such as `input`, `size`, `bytes`: what
    `opa deps` finds.
    """
    query = ".".join(("data", *module.package))
    arguments = ["deps", "--format", "json", "--ignore", "*_test.rego", "--data", ".", query]
    done = run_opa(workspace.opa, arguments, cwd=workspace.staged)
    if done.returncode:
        raise EngineError(f"`opa deps` failed: {done.stderr.strip()}", where=module.source)
    bases: list[list[Node]] = _DEPENDENCIES.decode(done.stdout).get("base") or []
    return frozenset(tuple(str(part["value"]) for part in base) for base in bases)


def _parse(workspace: Workspace, path: str) -> RegoModule:
    arguments = ["parse", "--format", "json", "--json-include", "locations,comments", path]
    done = run_opa(workspace.opa, arguments, cwd=workspace.staged)
    if done.returncode:
        raise EngineError(f"OPA can't parse it: {done.stderr.strip()}", where=path)
    return RegoModule(
        path=path,
        source=workspace.source(path),
        text=Path(workspace.staged, path).read_text(encoding="utf-8"),
        tree=msgspec.json.decode(done.stdout),
    )


def nodes(tree: Any) -> Iterator[Node]:  # noqa: ANN401 -- a piece of JSON
    """Yield every object of a syntax tree, outer ones first; locations aren't part of it."""
    if isinstance(tree, dict):
        yield tree
        for key, value in tree.items():
            if key not in ("location", "annotations"):
                yield from nodes(value)
    elif isinstance(tree, list):
        for value in tree:
            yield from nodes(value)


def line_of(node: Node) -> int:
    """Return the line of a node that has a place of its own, else 1."""
    line: int = node.get("location", {}).get("row", 1)
    return line


def static_parts(reference: Node) -> tuple[str, ...]:
    """Return the parts of a reference up to the first one that is computed."""
    head, *rest = reference["value"]
    words = [str(head["value"])]
    for part in rest:
        if part["type"] != "string":
            break
        words.append(part["value"])
    return tuple(words)


def got_of_input(tree: Any) -> Iterator[str]:  # noqa: ANN401 -- a piece of JSON
    """Yield the parts of `input` that `object.get` takes by a text; to `opa deps` it reads all."""
    for node in nodes(tree):
        for call in (node.get("value"), node.get("terms")):
            if not isinstance(call, list) or len(call) < _ARGUMENTS or not _is_get(call):
                continue
            of, what = call[1:_ARGUMENTS]
            path = what["value"] if what.get("type") == "array" else [what]
            first = path[0] if path else {}
            whole = of.get("type") == "ref" and static_parts(of) == ("input",)
            if whole and len(of["value"]) == 1 and first.get("type") == "string":
                yield first["value"]


def _is_get(call: list[Any]) -> bool:
    called = call[0]
    is_reference = isinstance(called, dict) and called.get("type") == "ref"
    return is_reference and static_parts(called) == ("object", "get")


def alias_of(entry: Node) -> str:
    """Return the name by which an import is referred to."""
    alias: str = entry.get("alias") or static_parts(entry["path"])[-1]
    return alias


def rule_name(rule: Node) -> str:
    """Return the first word of the name of a rule or function."""
    name: str = rule["head"]["ref"][0]["value"]
    return name


def is_set(rule: Node) -> bool:
    """Tell whether the rule adds members to a set (`name contains member`)."""
    return "key" in rule["head"] and "value" not in rule["head"]


def names_in(node: Any) -> Iterator[str]:  # noqa: ANN401 -- a piece of JSON
    """Yield every name that is used in a node, the first word of each reference among them."""
    for inner in nodes(node):
        if inner.get("type") == "var":
            yield str(inner["value"])


def texts_in(tree: Any) -> Iterator[tuple[str, int]]:  # noqa: ANN401 -- a piece of JSON
    """Yield every text literal and key of a tree, with its line.

    The names in a reference (`settings.limit`) are texts in the tree as well, but none to a reader.
    """
    if isinstance(tree, list):
        for value in tree:
            yield from texts_in(value)
    elif isinstance(tree, dict):
        if tree.get("type") == "string" and isinstance(tree.get("value"), str):
            yield tree["value"], line_of(tree)
        for key, value in tree.items():
            if key == "ref" or (key == "value" and tree.get("type") == "ref"):
                yield from texts_in([part for part in value if part["type"] != "string"])
            elif key not in ("location", "annotations"):
                yield from texts_in(value)
