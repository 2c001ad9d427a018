"""Where each waiver stands in the text of `waivers.yaml`, to the character."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum, auto
from pathlib import Path
from typing import Final

from msgspec import Struct
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from lakewarden.model.errors import ConfigurationError

BY_HAND: Final = "Make the change by hand, or write the list with a dash before each waiver."

BREAKS: Final = "\n\r\x85\u2028\u2029"
"""What YAML takes for the end of a line."""

_BREAK: Final = re.compile(rf"\r\n|[{BREAKS}]")
_COMMA: Final = re.compile(r"(?:\s|#.*)*,")


class Style(Enum):
    """How the list of waivers is written."""

    MISSING = auto()
    """There is no key `waivers`: the file is empty, or has comments alone."""
    EMPTY = auto()
    """There is no waiver: `waivers:` and nothing behind it, or `[]`."""
    BLOCK = auto()
    """A dash and a line or more for each."""
    FLOW = auto()
    """Between brackets."""


class Entry(Struct, frozen=True, kw_only=True):
    """One waiver of the list."""

    node: MappingNode
    mark: int
    """Where its dash stands; in brackets, where it begins itself."""
    end: int
    """Behind the last character of its values."""
    comma: int | None = None
    """In brackets, where the comma behind it stands."""

    def field(self, name: str) -> tuple[ScalarNode, ScalarNode] | None:
        """Return key and value of a field, if it is there and a plain value."""
        for key, value in self.node.value:
            if key.value == name and isinstance(value, ScalarNode):
                return key, value
        return None


class Layout(Struct, frozen=True, kw_only=True):
    """The places in one file."""

    text: str
    style: Style
    column: int = 0
    """In which column a dash stands, or would."""
    colon: int = 0
    """Behind the colon of `waivers:`."""
    list_start: int = 0
    list_end: int = 0
    """The list itself; the same place twice where nothing stands for it."""
    entries: tuple[Entry, ...] = ()

    @property
    def newline(self) -> str:
        """The line break that the file uses first."""
        end = line_end(self.text, 0)
        return self.text[len(self.text[:end].rstrip(BREAKS)) : end] or "\n"


def lay_out(path: Path, text: str, root: Node | None) -> Layout:
    """Find the places in a text that was parsed to `root`, which holds nothing but `waivers`.

    Raises `ConfigurationError` for a list that is written in a way that isn't edited here.
    """
    if root is None or isinstance(root, ScalarNode):  # nothing, or `---` and nothing
        return Layout(text=text, style=Style.MISSING, column=2)
    if not isinstance(root, MappingNode) or len(root.value) != 1:
        raise _not_editable(path, root)
    key, value = root.value[0]
    colon = text.find(":", key.end_mark.index) + 1
    style, column = Style.EMPTY, key.start_mark.column + 2
    entries: tuple[Entry, ...] = ()
    if isinstance(value, SequenceNode) and all(isinstance(e, MappingNode) for e in value.value):
        brackets = text[colon:].lstrip(" ").startswith("[")  # no anchor, no tag, the same line
        if not value.flow_style:
            style, column = Style.BLOCK, value.start_mark.column
            entries = tuple(_with_dashes(text, value))
        elif value.value or root.flow_style or not brackets:
            style, entries = Style.FLOW, tuple(_in_brackets(text, value))
    elif not isinstance(value, ScalarNode) or root.flow_style:
        raise _not_editable(path, value)
    return Layout(
        text=text,
        style=style,
        column=column,
        colon=colon,
        list_start=value.start_mark.index,
        list_end=value.end_mark.index,
        entries=entries,
    )


def _not_editable(path: Path, node: Node) -> ConfigurationError:
    return ConfigurationError(
        "the waivers are written in a way that can't be edited here",
        where=f"{path}:{node.start_mark.line + 1}",
        remedy=BY_HAND,
    )


def _with_dashes(text: str, items: SequenceNode) -> Iterator[Entry]:
    """Yield the items: between the end of one and the dash of the next are blanks and comments."""
    dash = re.compile(rf"^ {{{items.start_mark.column}}}(?=-)", re.MULTILINE)
    mark = items.start_mark.index
    for node in items.value:
        end = _end(text, node)
        yield Entry(node=node, mark=mark, end=end)
        found = dash.search(text, line_end(text, end))
        mark = found.end() if found else len(text)


def _in_brackets(text: str, items: SequenceNode) -> Iterator[Entry]:
    places = [each.start_mark.index for each in items.value] + [items.end_mark.index]
    for node, after in zip(items.value, places[1:], strict=True):
        start, end = node.start_mark.index, node.end_mark.index
        found = _COMMA.match(text, end, after)
        yield Entry(node=node, mark=start, end=end, comma=found.end() - 1 if found else None)


def _end(text: str, node: Node) -> int:
    """Return where the last value of a node ends: the marks of blocks end where the next begins."""
    if isinstance(node, ScalarNode):
        return scalar_end(text, node)
    if not isinstance(node, MappingNode | SequenceNode) or node.flow_style or not node.value:
        return int(node.end_mark.index)
    if isinstance(node, MappingNode):
        return max(_end(text, each) for pair in node.value for each in pair)
    return max(_end(text, each) for each in node.value)


def scalar_end(text: str, node: ScalarNode) -> int:
    """Return where a value ends, without the blank lines that a block of text takes in."""
    start, end = node.start_mark.index, node.end_mark.index
    return start + len(text[start:end].rstrip()) if node.style in ("|", ">") else int(end)


def line_start(text: str, index: int) -> int:
    """Return where the line of a place begins."""
    while index and text[index - 1] not in BREAKS:
        index -= 1
    return index


def line_end(text: str, index: int) -> int:
    """Return where the next line begins."""
    found = _BREAK.search(text, index)
    return found.end() if found else len(text)


def is_blank(line: str) -> bool:
    """Whether a line has nothing in it."""
    return not line.strip()
