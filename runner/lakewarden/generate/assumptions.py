"""What the code assumes about Databricks: listed in one file, marked where code relies on it.

A comment `# assumes some-name` in Python or Rego marks what would be wrong if the assumption of
that name in `docs/assumptions.yaml` were.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Final, Literal

import msgspec
import yaml
from msgspec import Meta, Struct

from lakewarden.model.errors import ConfigurationError
from lakewarden_collector.decoding import Converter

_NAME: Final = r"[a-z0-9]+(?:-[a-z0-9]+)+"
_MARKER: Final = re.compile(rf"# assumes ({_NAME}(?:, {_NAME})*)$")
_RULE: Final = re.compile(r"^(?:default )?([a-z_]\w*)")
_SUFFIXES: Final = frozenset({".py", ".rego"})

_Text = Annotated[str, Meta(min_length=1)]


class Recording(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A file in a public repository that shows what a real workspace answered."""

    repository: _Text
    path: _Text
    says: _Text
    result: Literal["confirms", "limits", "refutes"]
    """`limits`: it holds, but not everywhere."""


class Assumption(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something about Databricks that no workspace of ours has confirmed.

    `otherwise` says what comes of it where it does not hold; `sought` what was looked for where no
    recording was found.
    """

    name: Annotated[str, Meta(pattern=f"^{_NAME}$")]
    about: _Text
    assumes: _Text
    otherwise: _Text
    recordings: tuple[Recording, ...] = ()
    sought: str = ""


_to_assumptions: Final = Converter(tuple[Assumption, ...])


class Marked(Struct, frozen=True, order=True):
    """One place that relies on an assumption: the file, and the function, class or rule in it."""

    file: str
    within: str


class Assumptions(Struct, frozen=True, kw_only=True):
    """All assumptions, in the order of their file, with the code that relies on each."""

    listed: tuple[Assumption, ...]
    marked: Mapping[str, Sequence[Marked]]


def read_assumptions(path: Path, checkout: Path, folders: Sequence[Path]) -> Assumptions:
    """Read the list and look for its markers in the sources below the folders.

    Raises `ConfigurationError` for a list that is malformed, an assumption that no code relies on
    or that nobody looked for, one that a recording refutes, and a marker without an assumption.
    """
    try:
        reported = yaml.safe_load(path.read_text(encoding="utf-8"))
        listed = _to_assumptions(reported)
    except (yaml.YAMLError, msgspec.ValidationError) as error:
        raise ConfigurationError(str(error), where=str(path)) from error
    marked: dict[str, set[Marked]] = {}
    for folder in folders:
        for file in sorted(each for each in folder.rglob("*") if each.suffix in _SUFFIXES):
            for name, within in _markers(file):
                place = Marked(file.relative_to(checkout).as_posix(), within)
                marked.setdefault(name, set()).add(place)
    found = Assumptions(listed=listed, marked={k: sorted(v) for k, v in sorted(marked.items())})
    if problems := list(dict.fromkeys(_problems(found))):
        raise ConfigurationError("; ".join(problems), where=str(path))
    return found


def _problems(found: Assumptions) -> Iterator[str]:
    names = [each.name for each in found.listed]
    for name in names:
        if names.count(name) > 1:
            yield f"{name} is listed twice"
        if name not in found.marked:
            yield f"no code is marked `# assumes {name}`: mark it, or remove the assumption"
    for name, places in found.marked.items():
        if name not in names:
            yield f"{places[0].file} ({places[0].within}) assumes {name}, which is not listed"
    for each in found.listed:
        if any(recording.result == "refutes" for recording in each.recordings):
            yield f"a recording refutes {each.name}: correct the code, then what it assumes"
        if not each.recordings and not each.sought:
            yield f"{each.name} has neither a recording nor what was sought"


def _markers(file: Path) -> Iterator[tuple[str, str]]:
    """Yield each name that a comment marks, and what it stands in."""
    text = file.read_text(encoding="utf-8")
    if "# assumes " not in text:
        return
    lines = text.splitlines()
    scopes = _scopes(text) if file.suffix == ".py" else []
    for number, line in enumerate(lines, 1):
        marker = _MARKER.search(line)
        if marker is None:
            continue
        within = _scope_of(number, scopes) if file.suffix == ".py" else _rule_after(lines, number)
        for name in marker[1].split(", "):
            yield name, within


def _scopes(text: str) -> list[tuple[int, int, str]]:
    """Return first line, last line and name of each function, class and module-level name."""
    found: list[tuple[int, int, str]] = []

    def visit(nodes: Sequence[ast.stmt], prefix: str) -> None:
        end = 0
        for node in nodes:
            # What comes before a statement is a comment on it.
            first, last = min(end + 1, node.lineno), node.end_lineno or node.lineno
            end = last
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                found.append((node.lineno, last, prefix + node.name))
                visit(node.body, f"{prefix}{node.name}.")
            elif not prefix and isinstance(node, ast.Assign | ast.AnnAssign):
                target = node.target if isinstance(node, ast.AnnAssign) else node.targets[0]
                found.append((first, last, ast.unparse(target)))

    visit(ast.parse(text).body, "")
    return found


def _scope_of(line: int, scopes: list[tuple[int, int, str]]) -> str:
    inner = [(last - first, name) for first, last, name in scopes if first <= line <= last]
    if inner:
        return min(inner)[1]
    after = [(first, name) for first, _, name in scopes if first > line]
    return min(after)[1] if after else "the module"


def _rule_after(lines: Sequence[str], number: int) -> str:
    for line in lines[number:]:
        if found := _RULE.match(line):
            return found[1]
    return "the package"
