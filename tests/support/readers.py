"""Each format read back by something that knows nothing of Lakewarden: all texts that it finds."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator
from typing import Any, Final
from xml.etree import ElementTree as ET

from lakewarden.renderers import Format
from tests.support import markdown
from tests.support.findings import commands
from tests.support.html_page import Page


def _lines(text: str) -> list[str]:
    return text.split("\n")


def _json(text: str) -> list[str]:
    return list(_strings(json.loads(text)))


def _ndjson(text: str) -> list[str]:
    return [found for line in _lines(text.removesuffix("\n")) for found in _json(line)]


def _strings(thing: Any) -> Iterator[str]:  # noqa: ANN401 -- any JSON
    if isinstance(thing, str):
        yield thing
    elif isinstance(thing, dict):
        for key, value in thing.items():
            yield key
            yield from _strings(value)
    elif isinstance(thing, list):
        for each in thing:
            yield from _strings(each)


def _csv(text: str) -> list[str]:
    return [cell for row in csv.reader(io.StringIO(text, newline="")) for cell in row]


def _xml(text: str) -> list[str]:
    root = ET.fromstring(text)  # noqa: S314 -- of our own making
    return [found for each in root.iter() for found in (each.text or "", *each.attrib.values())]


def _html(text: str) -> list[str]:
    return [Page(text).words]


def _github(text: str) -> list[str]:
    return [found for each in commands(text) for found in (each.message, *each.properties.values())]


def _azure(text: str) -> list[str]:
    found = (line.partition("]")[2] for line in _lines(text) if line.startswith("##vso["))
    return [each.replace("%0A", "\n").replace("%AZP25", "%") for each in found]


READERS: Final[dict[Format, Callable[[str], list[str]]]] = {
    Format.AZURE: _azure,
    Format.CODE_SCANNING: _json,
    Format.CONSOLE: _lines,
    Format.CSV: _csv,
    Format.GITHUB: _github,
    Format.GITLAB: _json,
    Format.HTML: _html,
    Format.JSON: _json,
    Format.JUNIT: _xml,
    Format.LINE: _lines,
    Format.MARKDOWN: markdown.runs,
    Format.NDJSON: _ndjson,
    Format.SARIF: _json,
}
"""Every format has one, so that no format gets past the tests with a hostile report."""
