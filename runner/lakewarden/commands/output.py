"""What commands write: the `--output` of what is made of a report, and text or JSON."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated, TextIO

import msgspec
import typer

from lakewarden.model.errors import ConfigurationError
from lakewarden.renderers import format_of
from lakewarden.renderers.safe_console import report_stream, result
from lakewarden.report.atomic_file import PendingFile, is_stdout
from lakewarden.report.output_paths import Input, Output, check_outputs


class Format(StrEnum):
    """How a command writes what it found."""

    TEXT = "text"
    JSON = "json"


class SummaryFormat(StrEnum):
    """How a comparison is written."""

    CONSOLE = "console"
    MARKDOWN = "markdown"
    JSON = "json"


SummaryOutput = Annotated[
    str,
    typer.Option(
        "--output",
        "-o",
        metavar="FILE",
        show_default=False,
        help="Where to write it; by default to standard output. The suffix tells the format: .md "
        "or .json, else text.",
    ),
]
"""Where a comparison is written."""

ChosenFormat = Annotated[
    SummaryFormat | None,
    typer.Option(
        "--format",
        metavar="console|markdown|json",
        show_default=False,
        help="console for people, markdown for a pull request (at most 12 KB), json for programs: "
        "every violation that changes.",
    ),
]
"""How it is written, whatever the suffix is."""


def summary_format(output: str, what: str) -> SummaryFormat:
    """Return the format that a file's name stands for; raises `ConfigurationError` for another."""
    named = None if is_stdout(output) else format_of(output)
    if named is None:
        return SummaryFormat.CONSOLE
    if str(named) not in {each.value for each in SummaryFormat}:
        raise ConfigurationError(
            f"{what} can't be written as {named}",
            where="--output",
            remedy="End the name in .md or .json, or choose by --format.",
        )
    return SummaryFormat(named)


def check_output(output: str, *reports: Path) -> None:
    """Raise `ConfigurationError` where writing the output would destroy a report."""
    place: Path | int = 1 if output == "-" else Path(output)
    check_outputs(
        [Output(option="--output", what="the output", path=place)],
        [Input(what="the report", path=each) for each in reports],
    )


def file_of(output: str) -> Path | None:
    """Return the file that an output names; None for standard output."""
    return None if is_stdout(output) else Path(output)


def write_json(found: object) -> None:
    """Write what a command found as JSON to standard output, for people to read, too."""
    text = msgspec.json.format(msgspec.json.encode(found), indent=2).decode()
    report_stream("json").write(f"{text}\n")


@contextmanager
def text_output(output: str, kind: str) -> Iterator[TextIO]:
    """Open an output for text of a format; a file's path is printed once the file is whole."""
    file = file_of(output)
    if file is None:
        yield report_stream(kind)
        return
    with PendingFile(file) as pending:
        yield pending.text()
    result(file.absolute())
