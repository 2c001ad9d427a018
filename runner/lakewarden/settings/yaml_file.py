"""YAML that remembers where each value stands, so that a message can name the line."""

from __future__ import annotations

import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml
from msgspec import Struct
from yaml.constructor import ConstructorError
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from lakewarden.model.errors import ConfigurationError

Place = tuple[str | int, ...]
"""The way to a value: keys and list indices from the top."""


class YamlFile(Struct, frozen=True, kw_only=True):
    """A YAML document: its value, and the line of every value in it."""

    path: Path
    value: Any
    lines: dict[Place, int]

    def where(self, place: Iterable[str | int]) -> str:
        """Return `file:line` of a value; of the nearest value around it if it has none."""
        steps = tuple(place)
        while steps and steps not in self.lines:
            steps = steps[:-1]
        return f"{self.path}:{self.lines.get(steps, 1)}"

    def error(self, place: Iterable[str | int], what: str, remedy: str) -> ConfigurationError:
        """Make the error that blames a value."""
        return ConfigurationError(what, where=self.where(place), remedy=remedy)


class _Loader(yaml.SafeLoader):
    """PyYAML's own reader, which says best what is wrong and where everything stands."""


class _FastLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]  # as installed
    """The same by libyaml, where it is: several times as fast, for files of thousands of lines."""


def _finite(loader: _Loader, node: ScalarNode) -> float:
    """Return a number; refuse infinity and what isn't a number, for which JSON has nothing."""
    number = loader.construct_yaml_float(node)
    if not math.isfinite(number):
        raise ConstructorError(None, None, f"{node.value} isn't a number here", node.start_mark)
    return number


for _each in (_Loader, _FastLoader):
    _each.add_constructor("tag:yaml.org,2002:float", _finite)
    # Dates are read as the text that they are: every date of ours is compared in Rego, as text.
    _each.yaml_implicit_resolvers = {
        first: [(tag, found) for tag, found in resolvers if tag != "tag:yaml.org,2002:timestamp"]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


def yaml_value(text: str) -> Any:  # noqa: ANN401 -- whatever YAML holds
    """Return the value of one YAML document as in a file; raises `yaml.YAMLError`."""
    loader = _Loader(text)
    try:
        return loader.get_single_data()
    finally:
        loader.dispose()


def read_yaml(path: Path) -> YamlFile:
    """Read one YAML document; an empty file is an empty mapping.

    Raises `ConfigurationError` for a file that cannot be read, isn't YAML, or says a key twice
    (PyYAML would silently take the last).
    """
    return parse_yaml(path, read_utf8(path))


def read_utf8(path: Path) -> str:
    """Return the text of a file as it is, its line breaks too; raises `ConfigurationError`."""
    try:
        return path.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            f"can't be read: {error}",
            where=str(path),
            remedy="Check the path and its permissions.",
        ) from error


def parse_yaml(path: Path, text: str) -> YamlFile:
    """Read one YAML document from a text, as `read_yaml` does; `path` is for messages."""
    try:
        return _parsed(path, text, _FastLoader)[0]
    except (yaml.YAMLError, RecursionError):
        return parse_nodes(path, text)[0]


def parse_nodes(path: Path, text: str) -> tuple[YamlFile, Node | None]:
    """Read one YAML document; also return its nodes, each with its place in the text, if any."""
    try:
        return _parsed(path, text, _Loader)
    except yaml.YAMLError as error:
        raise _syntax_error(path, error) from error
    except RecursionError as error:
        raise ConfigurationError(
            "is nested too deeply", where=str(path), remedy="Use fewer levels."
        ) from error


def _parsed(
    path: Path, text: str, kind: type[_Loader | _FastLoader]
) -> tuple[YamlFile, Node | None]:
    loader = kind(text)
    try:
        node = loader.get_single_node()
        lines: dict[Place, int] = {}
        _walk(path, node, (), lines, set())
        value = loader.construct_document(node) if node is not None else None
    finally:
        loader.dispose()
    return YamlFile(path=path, value={} if value is None else value, lines=lines), node


def _syntax_error(path: Path, error: yaml.YAMLError) -> ConfigurationError:
    mark = getattr(error, "problem_mark", None)
    where = f"{path}:{mark.line + 1}" if mark else str(path)
    what = getattr(error, "problem", None) or str(error)
    return ConfigurationError(
        f"isn't valid YAML: {what}", where=where, remedy="Correct the syntax."
    )


def _walk(
    path: Path, node: Node | None, place: Place, lines: dict[Place, int], seen: set[int]
) -> None:
    if node is None:
        return
    if isinstance(node, SequenceNode | MappingNode):
        if id(node) in seen:  # a few lines of aliases can stand for billions of values
            raise ConfigurationError(
                "lists and mappings can't be repeated with an alias (*)",
                where=f"{path}:{node.start_mark.line + 1}",
                remedy="Write out the value where it is needed.",
            )
        seen.add(id(node))
    if isinstance(node, ScalarNode) and _has_surrogate(node.value):
        raise ConfigurationError(
            "half of a character (a surrogate) isn't allowed on its own",
            where=f"{path}:{node.start_mark.line + 1}",
            remedy="Write the character itself, or \\U and eight digits.",
        )
    lines.setdefault(place, node.start_mark.line + 1)
    if isinstance(node, SequenceNode):
        for index, item in enumerate(node.value):
            _walk(path, item, (*place, index), lines, seen)
    elif isinstance(node, MappingNode):
        for key, item in node.value:
            step = (*place, str(key.value))
            if step in lines:
                raise ConfigurationError(
                    f"`{key.value}` is here a second time; the first is on line {lines[step]}",
                    where=f"{path}:{key.start_mark.line + 1}",
                    remedy="Keep one of the two.",
                )
            lines[step] = key.start_mark.line + 1
            _walk(path, item, step, lines, seen)


def _has_surrogate(text: str) -> bool:
    return not text.isascii() and any("\ud800" <= each <= "\udfff" for each in text)
