"""Finds the line that configures a node, in the project's files where they are there.

A manifest says in which files a node and its properties stand, but gives no lines.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

from lakewarden_collector.planned import is_within
from lakewarden_collector.sources.dbt.artifacts import Project
from lakewarden_collector.sources.dbt.values import mapping

_KEYS: Final = ("liquid_clustered_by", "auto_liquid_cluster")
_LARGEST: Final = 2**20
_COMMENT: Final = re.compile(r"\{#.*?#\}", re.DOTALL)
_CALL: Final = re.compile(r"(?:\{[{%][^{}]*?|\bdbt\.)\b(config\s*\()")
"""A call of `config` in Jinja, or in Python; words of a comment or of SQL are none."""

_MERGE: Final = "tag:yaml.org,2002:merge"
_YAML: Final = frozenset({".yml", ".yaml"})
_LISTS: Final = {"model": "models", "snapshot": "snapshots", "seed": "seeds"}

_Loader: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class ConfigLines:
    """The lines of a project and of its packages; each file is read once."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._root = project.root
        self._text = cache(self._read)
        self._entries = cache(self._properties)

    def find(self, node: Mapping[str, Any]) -> tuple[str, int | None]:
        """Return the file and line that configure a node, as exactly as its files tell.

        In order: the setting of its clustering in its SQL or Python, the same in its YAML, the
        call of `config`, its entry in YAML, its first line. Without the files, the line is None.
        """
        package = str(node.get("package_name"))
        file = self._below(package, _path(node.get("original_file_path")))
        patching, _, patched = _path(node.get("patch_path")).rpartition("://")
        patch = self._below(patching or package, patched) or file
        keys = _wanted(mapping(node.get("config")))
        code = self._code(file, node)
        entries = self._entries_of(patch, node)
        found = (
            (file, _in_code(code, keys)),
            *((patch, _in_entry(entry, keys)) for entry in entries),
            (file, _in_code(code, ())),
            *((patch, _in_entry(entry, ("config",))) for entry in entries),
            (file, None if Path(file).suffix in _YAML else code and code[1]),
            *((patch, _line(entry)) for entry in entries),
        )
        return next(((name, line) for name, line in found if name and line), (file, None))

    def _below(self, package: str, file: str) -> str:
        """Return a file of a package as a path below the project's folder."""
        return posixpath.join(self._project.folder(package), file) if file else ""

    def _code(self, file: str, node: Mapping[str, Any]) -> tuple[str, int] | None:
        """Return the code of a node, comments blanked, and the line where it begins."""
        text = None if Path(file).suffix in _YAML else self._text(file)
        if text is None:
            return None
        if Path(file).suffix == ".py":
            return re.sub(r"#[^\n]*", "", text), 1
        text = _COMMENT.sub(lambda found: "\n" * found[0].count("\n"), text)
        name = node.get("name")
        if node.get("resource_type") == "snapshot" and isinstance(name, str):
            # A file may hold several.
            block = re.search(
                rf"\{{%-?\s*snapshot\s+{re.escape(name)}\s*-?%\}}.*?(\{{%-?\s*endsnapshot|\Z)",
                text,
                re.DOTALL,
            )
            if block:
                return block[0], text.count("\n", 0, block.start()) + 1
        return text, 1

    def _entries_of(self, file: str, node: Mapping[str, Any]) -> list[yaml.Node]:
        """Return what YAML says of a node: its version's part where that is configured, and all."""
        if Path(file).suffix not in _YAML:
            return []
        key = (_LISTS.get(str(node.get("resource_type")), ""), str(node.get("name")))
        entry = self._entries(file).get(key)
        if entry is None:
            return []
        version = str(node.get("version"))
        versions = _items(_fields(entry).get("versions", (None, None))[1])
        own = (
            each
            for each in versions
            if "config" in _fields(each) and _scalar(_fields(each).get("v")) == version
        )
        return [*own, entry]

    def _read(self, file: str) -> str | None:
        """Return the text of a file of the project; None where it isn't there, or is too large."""
        if self._root is None or not file or not is_within(path := self._root / file, self._root):
            return None
        try:
            if not path.is_file() or path.stat().st_size > _LARGEST:
                return None
            return path.read_text("utf-8", "replace")
        except (OSError, ValueError):
            return None

    def _properties(self, file: str) -> dict[tuple[str, str], yaml.Node]:
        try:
            document = yaml.compose(self._text(file) or "", Loader=_Loader)
        except (yaml.YAMLError, ValueError, RecursionError):
            return {}
        fields = _fields(document)
        return {
            (kind, name): entry
            for kind in _LISTS.values()
            for entry in _items(fields.get(kind, (None, None))[1])
            if (name := _scalar(_fields(entry).get("name")))
        }


def _path(value: object) -> str:
    """Return a path of the manifest, which Windows writes with backslashes."""
    return value.replace("\\", "/") if isinstance(value, str) else ""


def _wanted(config: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the settings that decide how the table is clustered, the stronger one alone."""
    if config.get(_KEYS[0]):
        return _KEYS[:1]
    return _KEYS[1:] if config.get(_KEYS[1]) else _KEYS


def _in_code(code: tuple[str, int] | None, keys: tuple[str, ...]) -> int | None:
    """Return the line of a setting within a call of `config`; without settings, of a call."""
    if code is None:
        return None
    text, first = code
    setting = re.compile(rf"\b(?:{'|'.join(keys)})\b['\"]?\s*[=:]")
    for begin, end in _calls(text):
        found = setting.search(text, begin, end) if keys else None
        if found or not keys:
            at = found.start() if found else begin
            return first + text.count("\n", 0, at)
    return None


def _calls(text: str) -> Iterator[tuple[int, int]]:
    """Yield where each call of `config` begins and ends, by its parentheses."""
    for call in _CALL.finditer(text):
        depth, quote, position = 1, "", call.end()
        while depth and position < len(text):
            symbol = text[position]
            if quote:
                quote = "" if symbol == quote else quote
            elif symbol in "'\"":
                quote = symbol
            else:
                depth += (symbol == "(") - (symbol == ")")
            position += 1
        yield call.start(1), position


def _in_entry(entry: yaml.Node | None, keys: tuple[str, ...]) -> int | None:
    fields = _fields(entry)
    for place in (_fields(fields.get("config", (None, None))[1]), fields):
        for key in keys:
            name = place.get(key) or place.get(f"+{key}")
            if name:
                return _line(name[0])
    return None


def _line(node: yaml.Node | None) -> int | None:
    return None if node is None else node.start_mark.line + 1


def _fields(node: yaml.Node | None) -> dict[str, tuple[yaml.Node, yaml.Node]]:
    """Return the keys and values of a mapping, beneath them those that `<<` brings in."""
    fields: dict[str, tuple[yaml.Node, yaml.Node]] = {}
    for key, value in node.value if isinstance(node, yaml.MappingNode) else ():
        if key.tag == _MERGE:
            for each in _items(value) or [value]:
                fields = _own_fields(each) | fields
    return fields | _own_fields(node)


def _own_fields(node: yaml.Node | None) -> dict[str, tuple[yaml.Node, yaml.Node]]:
    if not isinstance(node, yaml.MappingNode):
        return {}
    return {
        key.value: (key, value) for key, value in node.value if isinstance(key, yaml.ScalarNode)
    }


def _items(node: yaml.Node | None) -> list[yaml.Node]:
    return node.value if isinstance(node, yaml.SequenceNode) else []


def _scalar(pair: tuple[yaml.Node, yaml.Node] | None) -> str:
    return pair[1].value if pair and isinstance(pair[1], yaml.ScalarNode) else ""
