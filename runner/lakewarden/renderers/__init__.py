"""Formats of a report: each is one small module over the same `Report`.

A format's name is one of `Format`, a plug-in's (see `plug_ins.py`), or `template:FILE`.
"""

from __future__ import annotations

from enum import StrEnum
from importlib import import_module
from pathlib import Path, PurePath
from typing import Final, cast

from lakewarden.renderers import plug_ins
from lakewarden.renderers.interface import Renderer


class Format(StrEnum):
    """The formats that come with Lakewarden."""

    AZURE = "azure"
    CODE_SCANNING = "code-scanning"
    CONSOLE = "console"
    CSV = "csv"
    GITHUB = "github"
    GITLAB = "gitlab"
    HTML = "html"
    JSON = "json"
    JUNIT = "junit"
    LINE = "line"
    MARKDOWN = "markdown"
    NDJSON = "ndjson"
    SARIF = "sarif"


_RENDERERS: Final = {
    Format.AZURE: "lakewarden.renderers.azure:AzureRenderer",
    Format.CODE_SCANNING: "lakewarden.renderers.sarif.renderer:CodeScanningRenderer",
    Format.CONSOLE: "lakewarden.renderers.console.renderer:ConsoleRenderer",
    Format.CSV: "lakewarden.renderers.csv:CsvRenderer",
    Format.GITHUB: "lakewarden.renderers.github:GithubRenderer",
    Format.GITLAB: "lakewarden.renderers.gitlab:GitlabRenderer",
    Format.HTML: "lakewarden.renderers.html.renderer:HtmlRenderer",
    Format.JSON: "lakewarden.renderers.json:JsonRenderer",
    Format.JUNIT: "lakewarden.renderers.junit:JunitRenderer",
    Format.LINE: "lakewarden.renderers.line:LineRenderer",
    Format.MARKDOWN: "lakewarden.renderers.markdown.renderer:MarkdownRenderer",
    Format.NDJSON: "lakewarden.renderers.ndjson:NdjsonRenderer",
    Format.SARIF: "lakewarden.renderers.sarif.renderer:SarifRenderer",
}
"""Format to the module and class that write it; a module is imported when it is first used."""

SUFFIXES: Final = {
    ".csv": Format.CSV,
    ".html": Format.HTML,
    ".htm": Format.HTML,
    ".json": Format.JSON,
    ".md": Format.MARKDOWN,
    ".markdown": Format.MARKDOWN,
    ".ndjson": Format.NDJSON,
    ".jsonl": Format.NDJSON,
    ".sarif": Format.SARIF,
    ".xml": Format.JUNIT,
}
"""The end of a file's name, in lower case, to the format that it stands for."""

JSON_FORMATS: Final = frozenset(
    {Format.CODE_SCANNING, Format.GITLAB, Format.JSON, Format.NDJSON, Format.SARIF}
)
"""Formats that consist of JSON, in which any character can be written as an escape."""

TEMPLATE: Final = "template"
"""The word before the file of a user's own template: `template:mine.j2`."""


def format_of(path: str) -> Format | None:
    """Return the format that a file's name stands for; None where it stands for none.

    Raises `ConfigurationError` where a plug-in claims that format's name.
    """
    found = SUFFIXES.get(PurePath(path).suffix.lower())
    if found:
        plug_ins.refuse(found)
    return found


def format_name(text: str) -> str | None:
    """Return a format's name as `renderer` takes it; None where there is no such format.

    Case doesn't matter. Raises `ConfigurationError` where a plug-in claims the name of another
    format.
    """
    kind, colon, file = text.partition(":")
    if colon and kind.lower() == TEMPLATE:
        return f"{TEMPLATE}:{file}" if file else None
    name = text.lower()
    if name in tuple(Format) or name == TEMPLATE:
        plug_ins.refuse(name)
        return Format(name) if name != TEMPLATE else None
    return name if plug_ins.find(name) else None


def template_of(name: str) -> Path | None:
    """Return the file of a format `template:FILE`; None for other formats."""
    kind, _, file = name.partition(":")
    return Path(file) if kind == TEMPLATE else None


def renderer(name: str, *, path: Path | None = None, json_path: Path | None = None) -> Renderer:
    """Return the renderer of a format; `path` is the file that it will write, if there is one.

    `json_path` is the report's JSON file, if there is one: the console names it in commands.
    Raises `ConfigurationError` where a plug-in can't be loaded, or a template can't be used.
    """
    if name in tuple(Format):
        module, _, attribute = _RENDERERS[Format(name)].partition(":")
        made = getattr(import_module(module), attribute)
        return cast("Renderer", made(json_path) if name == Format.CONSOLE else made())
    template = template_of(name)
    if template is None:
        return plug_ins.load(name)
    from lakewarden.renderers.template import TemplateRenderer  # noqa: PLC0415 -- starts a template engine

    return TemplateRenderer(template, path)
