"""Formats of a report: each is one small module over the same `Report`."""

from __future__ import annotations

from enum import StrEnum
from importlib import import_module
from pathlib import PurePath
from typing import Final, cast

from lakewarden.renderers.interface import Renderer


class Format(StrEnum):
    """How a report is written."""

    CONSOLE = "console"
    HTML = "html"
    JSON = "json"
    MARKDOWN = "markdown"


_RENDERERS: Final = {
    Format.CONSOLE: "lakewarden.renderers.console.renderer:ConsoleRenderer",
    Format.HTML: "lakewarden.renderers.html.renderer:HtmlRenderer",
    Format.JSON: "lakewarden.renderers.json:JsonRenderer",
    Format.MARKDOWN: "lakewarden.renderers.markdown.renderer:MarkdownRenderer",
}
"""Format to the module and class that write it; a module is imported when it is first used."""

SUFFIXES: Final = {
    ".html": Format.HTML,
    ".htm": Format.HTML,
    ".json": Format.JSON,
    ".md": Format.MARKDOWN,
    ".markdown": Format.MARKDOWN,
}
"""The end of a file's name, in lower case, to the format that it stands for."""


def format_of(path: str) -> Format | None:
    """Return the format that a file's name stands for; None where it stands for none."""
    return SUFFIXES.get(PurePath(path).suffix.lower())


def renderer(format: Format) -> Renderer:  # noqa: A002 -- the word of `--report FORMAT=PATH`
    """Return the renderer of a format."""
    module, _, name = _RENDERERS[format].partition(":")
    return cast("Renderer", getattr(import_module(module), name)())
