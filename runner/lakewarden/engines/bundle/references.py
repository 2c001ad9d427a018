"""What the rules of modules refer to, read from their text, since not every engine has their trees.

A name counts for what is imported or defined under it, whatever a rule has of its own by that name:
at times too much is found, never too little. `lakewarden policies test` holds what is found of
settings against the syntax trees of OPA.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from lakewarden.model.policy import TREES

Reference = tuple[str, ...]
"""A reference without `data`, part by part, up to its first part that is computed."""

_IMPORT: Final = re.compile(r"^\s*import\s+data((?:\.\w+)*)(?:\s+as\s+(\w+))?\s*$", re.MULTILINE)
_SILENT: Final = re.compile(r'\$?"(?:\\.|[^"\\\n])*"|\$?`[^`]*`|#[^\n]*')
"""Texts and comments, which refer to nothing, but for templates (`$"…{x}…"`)."""

_QUOTED_PART: Final = re.compile(r'(?<=[\w\]])\["(\w+)"\]')
_HEAD: Final = re.compile(r"(?:default\s+)?(?!(?:import|package|else)\b)([a-zA-Z_]\w*)\s*\S")
"""How a rule begins, at the start of a line; a continued line has its name alone, or none."""

_REFERENCE: Final = re.compile(r"(?<![\w.])([a-zA-Z_]\w*)((?:\.\w+)*)")
_SETTINGS: Final = ("lakewarden_run", "settings")
_TREES: Final = tuple(("lakewarden", tree) for tree in TREES)
_TREE_DEPTH: Final = 2


def code_of(text: str) -> str:
    """Return a module's text without comments and with empty texts; `a["b"]` is `a.b`."""
    return _SILENT.sub(_silenced, _QUOTED_PART.sub(r".\1", text))


def imports_of(code: str) -> Iterator[tuple[str, Reference]]:
    """Yield the name of each import from data, and what it stands for."""
    for match in _IMPORT.finditer(code):
        imported = _parts(match[1])
        yield match[2] or ("data", *imported)[-1], imported


def without_imports(code: str) -> str:
    """Return the code without its imports from data."""
    return _IMPORT.sub("", code)


def settings_read(modules: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...] | None]:
    """Return by policy id the settings of its domain that it reads, itself or through others.

    `modules` are their packages, dotted and without `data.`, and texts. None for a policy that
    reads the settings as a whole, or by a computed name.
    """
    rules = _Rules(modules)
    return {
        ".".join(package[_TREE_DEPTH:]): rules.settings(package)
        for package in rules.packages
        if package[:_TREE_DEPTH] in _TREES and len(package) == _TREE_DEPTH + 2
    }


class _Rules:
    """What each rule of each package refers to, by the package and the rule's name."""

    def __init__(self, modules: Iterable[tuple[str, str]]) -> None:
        self.packages: dict[Reference, dict[str, set[Reference]]] = {}
        self._found: dict[Reference, set[Reference]] = {}
        read = []
        for dotted, text in modules:
            package = tuple(dotted.split("."))
            code = code_of(text).replace(";", "\n")
            imports, rules = dict(imports_of(code)), dict[str, str]()
            for name, piece in _rules(without_imports(code)):
                rules[name] = rules.get(name, "") + piece
            read.append((package, imports, rules))
            self.packages.setdefault(package, {}).update({name: set() for name in rules})
        for package, imports, rules in read:
            own = self.packages[package]
            known = {name: (*package, name) for name in own} | imports | {"data": ()}
            for name, code in rules.items():
                own[name] |= set(_references(code, known))

    def settings(self, package: Reference) -> tuple[str, ...] | None:
        prefix = (*_SETTINGS, package[_TREE_DEPTH])
        found: set[Reference] = set()
        waiting = [package]
        while waiting:
            for reference in self._direct(waiting.pop()) - found:
                found.add(reference)
                waiting.append(reference)
        read = {each for each in found if each[: len(prefix)] == prefix[: len(each)]}
        if any(len(each) <= len(prefix) for each in read):
            return None
        return tuple(sorted({each[len(prefix)] for each in read}))

    def _direct(self, reference: Reference) -> set[Reference]:
        """Return what the rules refer to that a reference names, one or all of a package's."""
        if reference in self._found:
            return self._found[reference]
        found = self._found.setdefault(reference, set())
        for package, rules in self.packages.items():
            depth = len(package)
            if reference[:depth] == package and len(reference) > depth:
                found |= rules.get(reference[depth], set())
            elif package[: len(reference)] == reference:
                found.update(*rules.values())
        return found


def _rules(code: str) -> Iterator[tuple[str, str]]:
    """Yield name and text of each rule, an `else` with what it continues."""
    name, depth, begin = "", 0, 0
    place = 0
    for line in code.splitlines(keepends=True):
        if depth == 0 and (head := _HEAD.match(line)):
            if name:
                yield name, code[begin:place]
            name, begin = head[1], place
        depth += sum(map(line.count, "([{")) - sum(map(line.count, ")]}"))
        place += len(line)
    if name:
        yield name, code[begin:]


def _references(code: str, known: Mapping[str, Reference]) -> Iterator[Reference]:
    for match in _REFERENCE.finditer(code):
        if match[1] in known:
            yield (*known[match[1]], *_parts(match[2]))


def _parts(dotted: str) -> Reference:
    return tuple(dotted.split(".")[1:])


def _silenced(found: re.Match[str]) -> str:
    if found[0].startswith("$"):
        return found[0]
    return "" if found[0].startswith("#") else '""'
