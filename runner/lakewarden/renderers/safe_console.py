"""The one place through which text reaches a terminal, a pipe or a log.

Names, comments, reasons and keys come from tables, inventories and servers. They must not move a
cursor, hide or turn text around, forge a line of ours, or give a command to the CI system that
reads the log. So nothing else in Lakewarden prints: a convention test holds that.
"""

from __future__ import annotations

import io
import logging
import os
import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import IO, Any, BinaryIO, Final, TextIO, cast

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.text import Text

from lakewarden.renderers import JSON_FORMATS, Format
from lakewarden.renderers.words.wording import HIDDEN, LINE_COMMAND, LOG_COMMAND, visible
from lakewarden_collector.errors import OutputError

STANDARD_OUTPUT: Final = "standard output"
"""Where a problem is that broke it."""

_COLOUR: Final = re.compile(r"(\x1b\[[0-9;]*m)")
_LONGEST_COMMAND: Final = len("##teamcity[")
_DECIDED: Final = "x"
"""The beginning of a line that isn't a command, whatever follows."""


class SafeConsole(Console):
    """A rich console that shows control characters as text, links nothing and marks nothing up.

    A string is one line. What has several lines on purpose comes as `Text` or a table.
    """

    def __init__(self, file: IO[str] | None = None, **options: Any) -> None:  # noqa: ANN401 -- rich's own
        super().__init__(file=file, markup=False, highlight=False, emoji=False, **options)

    def print(self, *objects: Any, **options: Any) -> None:  # noqa: ANN401 -- rich's own
        """Print; strings have no line ends of their own."""
        shown = [visible(each) if isinstance(each, str) else each for each in objects]
        super().print(*shown, **options)

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterable[Segment]:
        """Render; every segment but rich's own cursor movements is plain text."""
        for segment in super().render(renderable, options):
            if segment.control:
                yield segment
                continue
            style = segment.style
            if style is not None and style.link:
                style = style.update_link(None)
            yield Segment(visible(segment.text, keep="\n"), style)


def console(*, error: bool = False, **options: Any) -> SafeConsole:  # noqa: ANN401 -- rich's own
    """Return a console on standard output, or on standard error; it never wraps."""
    stream = sys.stderr if error else sys.stdout
    inner = stream.unguarded() if isinstance(stream, GuardedStream) else stream
    return SafeConsole(cast("IO[str]", inner), soft_wrap=True, **options)


def one_line(text: Text) -> Text:
    """Return styled text without line ends; where it has one, its styles are lost."""
    plain = visible(text.plain)
    return text if plain == text.plain else Text(plain, style=text.style)


def result(*fields: object) -> None:
    """Print one line to standard output, its fields separated by tabs."""
    sys.stdout.write("\t".join(visible(str(field)) for field in fields) + "\n")


def report_stream(kind: str) -> TextIO:
    """Return standard output for a report; all formats but the console's are UTF-8 everywhere.

    Our renderers make their texts visible themselves, and JSON stays the same data. Templates and
    plug-ins may forget to, so theirs are guarded.
    """
    stream = sys.stdout
    inner = stream.unguarded() if isinstance(stream, GuardedStream) else stream
    if kind == "console":
        return inner
    if isinstance(inner, _Terminal):
        inner.flush()
        inner = inner.stream
    if isinstance(inner, io.TextIOWrapper):
        inner.reconfigure(encoding="utf-8")
    if kind not in tuple(Format):
        return cast("TextIO", GuardedStream(inner))
    return cast("TextIO", _JsonText(inner) if kind in JSON_FORMATS else _PlainText(inner))


def result_bytes() -> BinaryIO:
    """Return standard output for JSON that comes as bytes."""
    sys.stdout.flush()
    return cast("BinaryIO", _JsonBytes(sys.stdout.buffer))


class GuardedStream(io.TextIOBase):
    """Standard output or standard error, on which control characters are shown as text.

    What prints past us (Python's tracebacks, warnings, usage errors, logs) comes through here.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._terminal = _Terminal(stream)
        self._colours = stream.isatty()

    def write(self, text: str, /) -> int:
        """Write text, shown as what it is; on a terminal, colours are let through."""
        parts = _COLOUR.split(text) if self._colours else [text]
        self._terminal.write(
            "".join(
                part if number % 2 else visible(part, keep="\n\t")
                for number, part in enumerate(parts)
            )
        )
        return len(text)

    def unguarded(self) -> TextIO:
        """Return the stream for consoles, which take care of their text themselves."""
        return cast("TextIO", self._terminal)

    def flush(self) -> None:
        """Flush the stream itself."""
        self._stream.flush()

    def isatty(self) -> bool:
        """Whether the stream is a terminal."""
        return self._stream.isatty()

    def fileno(self) -> int:
        """Return the stream's number."""
        return self._stream.fileno()

    def writable(self) -> bool:
        """Say that it can be written to."""
        return True

    @property
    def buffer(self) -> BinaryIO:
        """The stream below, for bytes."""
        return self._stream.buffer

    @property
    def encoding(self) -> str:  # type: ignore[override]  # the base has an attribute
        """The stream's own."""
        return self._stream.encoding

    @property
    def errors(self) -> str | None:  # type: ignore[override]  # the base has an attribute
        """The stream's own."""
        return self._stream.errors


class _Terminal(io.TextIOBase):
    """The stream below: lets escape sequences through, but no line begins with a log command."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self._head = ""
        """What this line begins with, as far as a command could still follow."""
        self._tail = ""
        """The end of what was written, for commands that come in pieces."""

    def write(self, text: str, /) -> int:
        if not text:
            return 0
        safe = text
        line = self._head + text.partition("\n")[0]
        divided = any(
            found.start() < len(self._tail) < found.end()
            for found in LOG_COMMAND.finditer(self._tail + text)
        )
        if divided or (self._head.strip() and LINE_COMMAND.match(line)):
            safe = f"\\x{ord(text[0]):02x}{text[1:]}"
        elif self._head.strip():
            safe = LINE_COMMAND.sub(r"\1\\x3a", f"_{text}")[1:]
        else:
            safe = LINE_COMMAND.sub(r"\1\\x3a", text)
        with _naming_the_stream():
            self.stream.write(safe)
        head = text.rpartition("\n")[2] if "\n" in text else line
        self._head = head if head.strip() in ("", ":") else _DECIDED
        self._tail = (self._tail + text)[-_LONGEST_COMMAND:]
        return len(text)

    def flush(self) -> None:
        with _naming_the_stream():
            self.stream.flush()

    def isatty(self) -> bool:
        return self.stream.isatty()

    def fileno(self) -> int:
        return self.stream.fileno()

    def writable(self) -> bool:
        return True

    @property
    def encoding(self) -> str:  # type: ignore[override]  # the base has an attribute
        return self.stream.encoding


@contextmanager
def _naming_the_stream() -> Iterator[None]:
    """Say of an error which output broke; a reader that has gone isn't an error of it."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OutputError(
            f"can't be written: {error.strerror or error}",
            where=STANDARD_OUTPUT,
            remedy="Make room, or send it elsewhere.",
        ) from error


class _PlainText:
    """Text on its way to standard output, as it is."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        with _naming_the_stream():
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        self._stream.flush()


class _JsonText(_PlainText):
    """JSON on its way to standard output: what is hidden becomes an escape, and the same data."""

    def write(self, text: str) -> int:
        super().write(_json(text))
        return len(text)


class _JsonBytes:
    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def write(self, data: bytes) -> int:
        ordinary = data.isascii() and b"##" not in data and b"\x7f" not in data
        with _naming_the_stream():
            self._stream.write(data if ordinary else _json(data.decode()).encode())
        return len(data)

    def flush(self) -> None:
        self._stream.flush()


def _json(text: str) -> str:
    """Escape what is hidden, which in JSON stands in strings only, and commands to a log."""
    safe = LOG_COMMAND.sub(r"\\u0023\1", text)
    return HIDDEN.sub(_escape, safe) if not safe.isascii() or "\x7f" in safe else safe


def _escape(found: re.Match[str]) -> str:
    units = found[0].encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))


def log_handler() -> logging.Handler:
    """Return what writes logs to standard error, each message on one line."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_LogLine(logging.BASIC_FORMAT))
    return handler


class _LogLine(logging.Formatter):
    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 -- the base's name
        return visible(super().formatMessage(record))


def nowhere(stream: TextIO) -> None:
    """Lead a stream that broke to nowhere, so that nothing more is said of it."""
    with suppress(OSError, ValueError):
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, stream.fileno())
        os.close(null)


def guard_streams() -> None:
    """Put guards before standard output and error; one that is closed leads to nowhere.

    Otherwise the next file that is opened would take its number, and get what is printed.
    """
    for number, name in ((0, "stdin"), (1, "stdout"), (2, "stderr")):
        try:
            os.fstat(number)
        except OSError:
            with suppress(OSError):
                nowhere = os.open(os.devnull, os.O_RDWR)
                if nowhere != number:
                    os.dup2(nowhere, number)
                    os.close(nowhere)
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "r+" if number else "r", encoding="utf-8"))  # noqa: SIM115, PTH123 -- for the whole process
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if not isinstance(stream, GuardedStream):
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="backslashreplace")
            setattr(sys, name, GuardedStream(stream))
