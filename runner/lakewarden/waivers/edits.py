"""Waivers added, changed and removed in the text of `waivers.yaml`; the rest stays as it is.

Each edit is made at places of the text and checked by reading the new text: where anything but the
intended change came out, it is refused.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import yaml
from yaml.nodes import ScalarNode

from lakewarden.model.errors import ConfigurationError
from lakewarden.settings.yaml_file import parse_nodes, parse_yaml
from lakewarden.waivers.layout import (
    BREAKS,
    BY_HAND,
    Entry,
    Layout,
    Style,
    is_blank,
    lay_out,
    line_end,
    line_start,
    scalar_end,
)

Fields = Mapping[str, str]
_Span = tuple[int, int, str]
"""From where, to where, and what comes there instead."""

_WIDE: Final = 1 << 30
_SPACES: Final = re.compile("(?! *#) +")


class _Dumper(yaml.SafeDumper):
    """Writes dates plainly, as the file's reader takes them for text."""


_Dumper.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeDumper.yaml_implicit_resolvers.items()
}


def added(path: Path, text: str, fields: Fields) -> str:
    """Return the text with one more waiver, the last; `path` is for messages.

    Raises `ConfigurationError` where that isn't possible without touching anything else.
    """
    place, before = _read(path, text)
    if place.style is Style.FLOW:
        spans = [_in_brackets(place, fields)]
    elif place.style is Style.BLOCK:
        spans = [_below(place, place.entries[-1], fields)]
    else:
        spans = list(_first(place, fields))
    return _checked(path, _applied(text, spans), [*before, dict(fields)])


def changed(path: Path, text: str, index: int, fields: Fields) -> str:
    """Return the text with other values in these fields of one waiver, in which they may be new.

    Raises `ConfigurationError` as `added` does.
    """
    place, before = _read(path, text)
    entry = place.entries[index]
    spans = []
    for name, value in fields.items():
        found = entry.field(name)
        if found is None:
            spans.append(_new_field(place, entry, name, value))
        elif before[index][name] != value:
            spans.append(_other_value(path, place, entry, (found[1], value)))
    after = [each | dict(fields) if n == index else each for n, each in enumerate(before)]
    return _checked(path, _applied(text, spans), after)


def removed(path: Path, text: str, indices: Collection[int]) -> str:
    """Return the text without some waivers; comments above them stay.

    Raises `ConfigurationError` as `added` does.
    """
    gone = frozenset(indices)
    if not gone:
        return text
    place, before = _read(path, text)
    if place.style is Style.FLOW:
        spans = list(_brackets_without(place, gone))
    else:
        spans = list(_lines_without(place, gone))
        if len(gone) == len(before):
            spans.append((place.colon, place.colon, " []"))
    after = [each for n, each in enumerate(before) if n not in gone]
    shorter = _applied(text, spans)
    if text[-1] not in BREAKS and shorter[-1] in BREAKS:  # no line break at the end, then or now
        shorter = shorter[:-1].removesuffix("\r")
    return _checked(path, shorter, after)


def _read(path: Path, text: str) -> tuple[Layout, list[dict[str, Any]]]:
    file, root = parse_nodes(path, text)
    place = lay_out(path, text, root)
    return place, list(file.value.get("waivers") or [])


def _checked(path: Path, text: str, expected: list[dict[str, Any]]) -> str:
    try:
        found = parse_yaml(path, text).value
    except ConfigurationError as error:
        raise ConfigurationError(
            f"can't be edited without breaking something else: {error.what}",
            where=str(path),
            remedy=BY_HAND,
        ) from error
    if found.keys() != {"waivers"} or (found["waivers"] or []) != expected:
        raise ConfigurationError(
            "can't be edited without changing something else", where=str(path), remedy=BY_HAND
        )
    return text


def _applied(text: str, spans: Iterable[_Span]) -> str:
    """Replace the spans, which may overlap where they only remove."""
    parts, at = [], 0
    for start, end, instead in sorted(spans):
        parts += [text[at : max(start, at)], instead]
        at = max(at, end)
    return "".join([*parts, text[at:]])


# Adding


def _first(place: Layout, fields: Fields) -> Iterator[_Span]:
    """Yield what makes a list with one waiver of none."""
    text, newline = place.text, place.newline
    if place.style is Style.MISSING:
        gap = "" if not text or text[-1] in BREAKS else newline
        yield len(text), len(text), f"{gap}waivers:{newline}{_block(place, fields)}{newline}"
        return
    if place.list_start < place.list_end:
        yield len(text[: place.list_start].rstrip(" ")), place.list_end, ""
    yield _at_line_end(place, max(place.colon, place.list_end), fields)


def _below(place: Layout, last: Entry, fields: Fields) -> _Span:
    others = [each for each in place.entries if each is not last]
    apart = bool(others) and _is_blank_before(place.text, line_start(place.text, last.mark))
    start, end, block = _at_line_end(place, last.end, fields)
    return start, end, f"{place.newline}{block}" if apart else block


def _at_line_end(place: Layout, index: int, fields: Fields) -> _Span:
    """Put a waiver behind a line, and behind the comments below it that are indented further."""
    text, newline = place.text, place.newline
    end = _with_comments(text, line_end(text, index), place.column)
    block = _block(place, fields)
    ends = text[:end].endswith(tuple(BREAKS))
    return end, end, f"{block}{newline}" if ends else f"{newline}{block}"


def _block(place: Layout, fields: Fields) -> str:
    """Return a waiver with a dash, without a line break at its end."""
    inner = place.column + 2
    if place.entries:
        start = place.entries[-1].node.start_mark
        if not place.entries[-1].node.flow_style and start.column > place.column:
            inner = start.column
    dash = f"{' ' * place.column}-{' ' * (inner - place.column - 1)}"
    lines = [f"{name}: {_scalar(value)}" for name, value in fields.items()]
    return dash + f"{place.newline}{' ' * inner}".join(lines)


def _in_brackets(place: Layout, fields: Fields) -> _Span:
    pairs = ", ".join(f"{name}: {_scalar(value, flow=True)}" for name, value in fields.items())
    item = f"{{{pairs}}}"
    if not place.entries:
        inside = place.list_start + 1
        return inside, inside, item
    last = place.entries[-1]
    if last.comma is None:
        return last.end, last.end, f", {item}"
    return last.comma + 1, last.comma + 1, f" {item},"


def _scalar(value: str, *, flow: bool = False, style: str | None = None) -> str:
    """Return a text as YAML, on one line: plain where that reads as the same text."""
    if any(each in value for each in BREAKS):
        style = '"'
    dumped = yaml.dump(
        [value],
        Dumper=_Dumper,
        allow_unicode=True,
        default_flow_style=flow,
        default_style=style,
        width=_WIDE,
    ).rstrip("\n")
    return dumped[1:-1] if flow else dumped[2:]


# Changing


def _other_value(path: Path, place: Layout, entry: Entry, to: tuple[ScalarNode, str]) -> _Span:
    node, value = to
    start, end = node.start_mark.index, scalar_end(place.text, node)
    if not entry.mark <= start < end <= entry.end or place.text[start] in "&!":
        raise ConfigurationError(
            "a value can't be edited: it is shared by an anchor, or has a tag",
            where=f"{path}:{node.start_mark.line + 1}",
            remedy="Write the value out where it is needed, without & and *.",
        )
    style = node.style if node.style in ("'", '"') else None
    return start, end, _scalar(value, flow=_is_flow(place, entry), style=style)


def _new_field(place: Layout, entry: Entry, name: str, value: str) -> _Span:
    """Put a field behind the last one."""
    flow = _is_flow(place, entry)
    pair = f"{name}: {_scalar(value, flow=flow)}"
    if flow:
        end = entry.node.value[-1][1].end_mark.index
        return end, end, f", {pair}"
    end = line_end(place.text, entry.end)
    line = f"{' ' * entry.node.start_mark.column}{pair}"
    ends = place.text[:end].endswith(tuple(BREAKS))
    return end, end, f"{line}{place.newline}" if ends else f"{place.newline}{line}"


def _is_flow(place: Layout, entry: Entry) -> bool:
    return place.style is Style.FLOW or bool(entry.node.flow_style)


# Removing


def _lines_without(place: Layout, gone: Collection[int]) -> Iterator[_Span]:
    text, kept = place.text, False
    last = len(place.entries) - 1
    for number, entry in enumerate(place.entries):
        if number not in gone:
            kept = True
            continue
        start = line_start(text, entry.mark)
        end = _with_comments(text, line_end(text, entry.end), place.column)
        blank_below = end < len(text) and text[end] in BREAKS
        if kept and _is_blank_before(text, start) and (number == last or blank_below):
            start = _previous_line(text, start)  # the blank line that set it apart
        elif not kept and number != last and blank_below:
            end = line_end(text, end)
        yield start, end, ""


def _brackets_without(place: Layout, gone: Collection[int]) -> Iterator[_Span]:
    text, kept = place.text, None
    for number, entry in enumerate(place.entries):
        if number not in gone:
            kept = entry
            continue
        start, end = entry.mark, entry.end
        comma = entry.comma
        if comma is None:
            comma = kept.comma if kept else None
        elif not text[end:comma].strip():
            end = comma + 1
        if comma is not None:
            yield comma, comma + 1, ""
        if number:
            start = len(text[:start].rstrip(" "))
        elif found := _SPACES.match(text, end):
            end = found.end()
        if start == line_start(text, start) and is_blank(text[end : line_end(text, end)]):
            end = line_end(text, end)
        yield start, end, ""


def _with_comments(text: str, end: int, column: int) -> int:
    """Return where the comments end that follow at once and are indented further than a dash."""
    while end < len(text):
        after = line_end(text, end)
        line = text[end:after]
        words = line.lstrip(" ")
        if not words.startswith("#") or len(line) - len(words) <= column:
            break
        end = after
    return end


def _is_blank_before(text: str, start: int) -> bool:
    return start > 0 and is_blank(text[_previous_line(text, start) : start])


def _previous_line(text: str, start: int) -> int:
    """Return where the line before the one that starts here begins."""
    ending = len(text[:start].removesuffix("\n").removesuffix("\r"))
    return line_start(text, min(ending, start - 1))
