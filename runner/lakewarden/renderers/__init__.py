"""Formats of a report: each is one small module over the same `Report`."""

from __future__ import annotations

from importlib import import_module
from pathlib import PurePath
from typing import Final, cast

from lakewarden.model.errors import ConfigurationError
from lakewarden.renderers.interface import Renderer

FORMATS: Final = {
    "console": "lakewarden.renderers.console.renderer:ConsoleRenderer",
    "html": "lakewarden.renderers.html.renderer:HtmlRenderer",
    "json": "lakewarden.renderers.json:JsonRenderer",
    "markdown": "lakewarden.renderers.markdown.renderer:MarkdownRenderer",
}
"""Format to the module and class that write it; a module is imported when it is first used."""

SUFFIXES: Final = {
    ".html": "html",
    ".htm": "html",
    ".json": "json",
    ".md": "markdown",
    ".markdown": "markdown",
}
"""The end of a file's name, in lower case, to the format that it stands for."""


def format_of(path: str) -> str | None:
    """Return the format that a file's name stands for; None where it stands for none."""
    return SUFFIXES.get(PurePath(path).suffix.lower())


def renderer(format: str) -> Renderer:  # noqa: A002 -- the word of `--report FORMAT=PATH`
    """Return the renderer of a format; raises `ConfigurationError` for one that is not known."""
    target = FORMATS.get(format)
    if target is None:
        raise ConfigurationError(
            f"unknown report format {format!r}",
            remedy=f"Use one of: {', '.join(sorted(FORMATS))}.",
        )
    module, _, name = target.partition(":")
    return cast("Renderer", getattr(import_module(module), name)())
