"""A user's own Jinja template, whose context is the report as its JSON has it.

A template comes from anywhere, so it runs in Jinja's sandbox: it gets plain data, reads no file but
templates beside it, and calls nothing that could do harm. It can take time and memory; Ctrl-C ends
it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import Enum
from functools import wraps
from pathlib import Path, PurePath
from types import TracebackType
from typing import Any, Final, TextIO, cast

from jinja2 import FunctionLoader, StrictUndefined, TemplateNotFound, TemplateSyntaxError, Undefined
from jinja2.compiler import CodeGenerator, Frame
from jinja2.exceptions import SecurityError
from jinja2.nodes import Concat, Expr, Impossible, TemplateData
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup
from msgspec import UNSET, Struct

from lakewarden.model.errors import ConfigurationError
from lakewarden.model.report import SCHEMA_VERSION, Report
from lakewarden.renderers.words import wording
from lakewarden.report.layout import ReportDocument
from lakewarden_collector.errors import Problem

_SUFFIX: Final = ".j2"
_MARKUP: Final = frozenset({".htm", ".html", ".svg", ".xhtml", ".xml"})
_PIECES: Final = 200  # template pieces that are joined for one write
_MOST_BITS: Final = 100_000
_MOST_REPEATED: Final = 10_000_000
_WIDTH: Final = re.compile(r"[%{][^%{}]*?\d{8}")
_GIVEN_WIDTH: Final = re.compile(r"%[^%a-zA-Z]*\*|\{[^{}]*:[^{}]*\{")
_NOT_REPEATABLE: Final = ("lipsum", "random")
"""What makes another text each time, by its name among the globals or filters."""


_ESCAPING: Final = ("e", "escape", "forceescape", "format", "join", "urlize", "xmlattr")
"""Filters that can make markup of values, which `finalize` leaves as it is."""


class TemplateRenderer:
    """Renders one template.

    Values are escaped where the name of the template (without `.j2`) or of the output is one of
    HTML or XML; elsewhere control characters and line ends in them are shown as text. `|safe`
    leaves a value as it is.

    Raises `ConfigurationError` with the file and the line for every error of a template.
    """

    format = "template"

    def __init__(self, file: Path, output: Path | None = None) -> None:
        self._file = file
        names = (PurePath(file.name.removesuffix(_SUFFIX)), output or PurePath())
        escaped = any(each.suffix.lower() in _MARKUP for each in names)
        self._environment = _Environment(file, escaped=escaped)
        try:
            self._template = self._environment.get_template(file.name)
        except Exception as error:
            raise self._problem(error) from error

    def render(self, report: Report, out: TextIO) -> None:
        """Write what the template makes of the report."""
        for piece in self._pieces(report):  # noqa: FURB122 -- some streams join all lines first
            out.write(piece)

    def _pieces(self, report: Report) -> Iterator[str]:
        try:
            stream = self._template.stream(_context(report))
            stream.enable_buffering(_PIECES)
            yield from stream
        except TemplateNotFound as error:  # an OSError, too
            raise self._problem(error) from error
        except (Problem, OSError):
            raise  # of the report
        except Exception as error:
            raise self._problem(error) from error

    def _problem(self, error: Exception) -> ConfigurationError:
        if isinstance(error, ConfigurationError):
            return error
        where = _place(error.__traceback__, self._environment.read) or str(self._file)
        what = str(error)
        if isinstance(error, TemplateSyntaxError):
            where, what = f"{error.filename or self._file}:{error.lineno}", error.message or ""
        elif isinstance(error, TemplateNotFound):
            what = f"there is no template {error.name!r}"
        return ConfigurationError(
            f"the template can't be used: {what or type(error).__name__}",
            where=where,
            remedy="Correct the template; docs/formats.md lists what it can use.",
        )


class _CodeGenerator(CodeGenerator):
    """Jinja's, which would escape a literal before the environment has said how to show it."""

    def _output_child_to_const(self, node: Expr, frame: Frame, finalize: Any) -> str:  # noqa: ANN401 -- as Jinja has it
        if not isinstance(node, TemplateData):
            raise Impossible
        return super()._output_child_to_const(node, frame, finalize)

    def visit_Concat(self, node: Concat, frame: Frame) -> None:  # noqa: N802 -- Jinja's name
        self.write("environment.joined((")
        for each in node.nodes:
            self.visit(each, frame)
            self.write(", ")
        self.write("))")


class _Environment(ImmutableSandboxedEnvironment):
    """Jinja's sandbox, with what would still hang it or differ from run to run taken out.

    Its autoescape is always on: so the text that a macro or a block made is told from values and
    isn't shown twice. Where nothing is to be escaped, `finalize` says that of each value.
    """

    code_generator_class = _CodeGenerator
    intercepted_binops = frozenset({"*", "**"})

    def __init__(self, file: Path, *, escaped: bool) -> None:
        shown = _shown_in_markup if escaped else _shown_in_text
        super().__init__(
            autoescape=True,
            undefined=StrictUndefined,
            finalize=shown,
            loader=FunctionLoader(self._source),
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )
        for name in _NOT_REPEATABLE:
            self.globals.pop(name, None)
            self.filters.pop(name, None)
        self.filters |= {"bytes": wording.size, "utc": wording.utc}
        self.filters |= {
            name: _showing_first(self.filters[name], "\n\t" if escaped else "")
            for name in _ESCAPING
        }
        self.filters |= {name: _narrow(name, self.filters[name]) for name in ("center", "format")}
        self._shown = shown
        self._file = file
        self.read: set[str] = set()
        """The files of the templates that were read."""

    def joined(self, parts: tuple[Any, ...]) -> str:
        """Return what `~` makes; beside markup, and what a macro made, values are shown first."""
        if any(isinstance(each, Markup) for each in parts):
            return Markup("").join(map(self._shown, parts))
        return "".join(map(str, parts))

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:  # noqa: ANN401 -- as Jinja has it
        """Calculate, unless the result would be so large that nothing could interrupt that."""
        sized = next((each for each in (left, right) if isinstance(each, str | list | tuple)), None)
        if isinstance(left, int) and isinstance(right, int):
            bits = left.bit_length()
            bits = bits * max(right, 0) if operator == "**" else bits + right.bit_length()
            if bits > _MOST_BITS:
                raise SecurityError(f"the result of {operator} would be too large")
        elif sized is not None and len(sized) * _times(left, right) > _MOST_REPEATED:
            raise SecurityError(f"the result of {operator} would be too large")
        return super().call_binop(context, operator, left, right)

    def call(self, context: Context, obj: Any, /, *args: Any, **options: Any) -> Any:  # noqa: ANN401 -- as Jinja has it
        """Call, unless a method of text would pad it to a size that nothing could interrupt."""
        inner = getattr(obj, "__wrapped__", obj)  # Jinja's own around `format`
        if isinstance(text := getattr(inner, "__self__", None), str):
            _refuse_wide(inner.__name__, text, (*args, *options.values()))
        return super().call(context, obj, *args, **options)

    def _source(self, name: str) -> tuple[str, str, None] | None:
        """Read the template itself, or one beside it whose name ends in `.j2`."""
        path = self._file
        if name != path.name:
            folder = path.parent.resolve()
            path = path.parent / name
            real = path.resolve()
            if not (real.suffix == _SUFFIX and real.is_relative_to(folder) and real.is_file()):
                return None
        try:
            text = path.read_text("utf-8")
        except OSError as error:
            raise ConfigurationError(
                f"the template can't be read: {error.strerror}",
                where=str(path),
                remedy="Name a Jinja template after `template:`.",
            ) from error
        except UnicodeDecodeError as error:
            raise ConfigurationError(
                "the template isn't UTF-8 text", where=str(path), remedy="Save it as UTF-8."
            ) from error
        self.read.add(str(path))
        return text, str(path), None


def _narrow(name: str, way: Callable[..., Any]) -> Callable[..., Any]:
    """Return a filter that refuses to pad a text to a size that nothing could interrupt."""

    @wraps(way)
    def narrow(text: Any, *given: Any, **options: Any) -> Any:  # noqa: ANN401 -- as Jinja calls it
        _refuse_wide(name, str(text), (*given, *options.values()))
        return way(text, *given, **options)

    return narrow


def _refuse_wide(way: str, text: str, given: Iterable[object]) -> None:
    """Raise `SecurityError` for a width beyond all use: of a format, the text may name it."""
    formats = way.startswith("format")
    named = formats and _WIDTH.search(text)
    widths = given if not formats or _GIVEN_WIDTH.search(text) else ()
    if named or any(isinstance(each, int) and each > _MOST_REPEATED for each in widths):
        raise SecurityError(f"the result of {way} would be too large")


def _times(left: object, right: object) -> int:
    return next((each for each in (left, right) if isinstance(each, int)), 0)


def _place(trace: TracebackType | None, files: set[str]) -> str:
    """Return the innermost FILE:LINE in one of the templates; empty if there is none."""
    found = ""
    while trace is not None:
        name = trace.tb_frame.f_code.co_filename
        if name in files:
            found = f"{name}:{trace.tb_lineno}"
        trace = trace.tb_next
    return found


def _shown_in_markup(thing: Any) -> Any:  # noqa: ANN401 -- whatever a template prints
    return _shown(thing, keep="\n\t")


def _shown_in_text(thing: Any) -> Any:  # noqa: ANN401 -- whatever a template prints
    return Markup(_shown(thing, keep=""))  # noqa: S704 -- nothing is escaped in plain text


def _showing_first(way: Callable[..., Any], keep: str) -> Callable[..., Any]:
    """Return the filter; texts that it gets, in lists and dictionaries too, are shown before."""

    @wraps(way)  # and whether it asks for the environment
    def shown_first(*given: Any, **options: Any) -> Any:  # noqa: ANN401 -- as Jinja calls it
        return way(*(_text_shown(each, keep) for each in given), **options)

    return shown_first


def _text_shown(thing: Any, keep: str) -> Any:  # noqa: ANN401 -- whatever a template filters
    if isinstance(thing, dict):
        return {key: _text_shown(value, keep) for key, value in thing.items()}
    if isinstance(thing, list | tuple | Iterator):
        return [_text_shown(each, keep) for each in thing]
    return _shown(thing, keep=keep) if isinstance(thing, str) else thing


def _shown(thing: Any, *, keep: str) -> Any:  # noqa: ANN401 -- whatever a template prints
    """Make control characters visible; refuse what would print as `<object at 0x…>`."""
    if isinstance(thing, Markup):
        return thing
    if isinstance(thing, str):
        return wording.visible(thing, keep=keep)
    if thing is None or isinstance(thing, int | float):
        return thing
    if isinstance(thing, Undefined):
        return str(thing)  # raises what is wrong with it
    if isinstance(thing, dict | list | tuple):
        for each in thing.values() if isinstance(thing, dict) else thing:
            _shown(each, keep=keep)
        return wording.visible(str(thing), keep=keep)
    raise TypeError(
        f"a {type(thing).__name__} can't be printed: walk it with `for`, or add `|list`"
    )


class _Tables:
    """The report's tables, read again each time that they are walked."""

    def __init__(self, report: Report) -> None:
        self._report = report

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return map(cast("Any", _plain), self._report.tables())

    def __len__(self) -> int:
        return self._report.summary.total.tables

    def __getitem__(self, _: object) -> None:
        raise ValueError("walk `tables` with `for`, or take `tables|first` or `(tables|list)[0]`")

    def __repr__(self) -> str:
        return "tables"


def _context(report: Report) -> Mapping[str, Any]:
    names = set(ReportDocument.__struct_fields__) - {"schema_version", "tables"}
    parts = {name: _plain(getattr(report, name)) for name in names}
    return {"schema_version": SCHEMA_VERSION, "tables": _Tables(report), **parts}


def _plain(thing: Any) -> Any:  # noqa: ANN401 -- any part of a report
    """Return a part of the report as its JSON has it, with the fields that JSON leaves out."""
    if isinstance(thing, Struct):
        names = zip(thing.__struct_encode_fields__, thing.__struct_fields__, strict=True)
        return {name: _plain(getattr(thing, field)) for name, field in names}
    if isinstance(thing, dict):
        return {str(key): _plain(value) for key, value in thing.items()}
    if isinstance(thing, list | tuple):
        return [_plain(each) for each in thing]
    if thing is UNSET:
        return None
    return thing.value if isinstance(thing, Enum) else thing
