"""`lakewarden report`: another format of a report that exists."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lakewarden.model.errors import ConfigurationError
from lakewarden.options.reports import parse_format
from lakewarden.renderers import SUFFIXES, Format, format_of, renderer
from lakewarden.renderers.safe_console import report_stream, result
from lakewarden.report.atomic_file import PendingFile, stream_number
from lakewarden.report.output_paths import Input, Output, check_outputs
from lakewarden.report.recount import open_report


def report(
    file: Annotated[
        Path, typer.Argument(metavar="REPORT", help="A JSON report that `evaluate` wrote.")
    ],
    *,
    chosen: Annotated[
        Format | None,
        typer.Option(
            "--format",
            metavar="FORMAT",
            parser=parse_format,
            help=f"One of {', '.join(Format)}. By default, the suffix of --output; "
            "console for standard output.",
        ),
    ] = None,
    output: Annotated[
        str,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            show_default=False,
            help="Where to write it; by default to standard output.",
        ),
    ] = "-",
) -> None:
    """Render a JSON report in another format, without evaluating again.

    lakewarden report report.json -o report.html
    """
    report_format = chosen or _format_of(output)
    place: Path | int = 1 if output == "-" else Path(output)
    check_outputs(
        [Output(option="--output", what="the output", path=place)],
        [Input(what="the report", path=file)],
    )
    finished = open_report(file)
    if output == "-" or stream_number(Path(output)) == 1:
        renderer(report_format).render(finished, report_stream(report_format))
        return
    with PendingFile(Path(output)) as pending:
        renderer(report_format).render(finished, pending.text())
    result(Path(output).absolute())


def _format_of(output: str) -> Format:
    """Return the format that the output's name stands for."""
    report_format = Format.CONSOLE if output == "-" else format_of(output)
    if report_format is None:
        raise ConfigurationError(
            f"the name {output!r} doesn't end in a report's format",
            where="--output",
            remedy=f"Add --format ({', '.join(Format)}), or let the name end in "
            f"{', '.join(SUFFIXES)}.",
        )
    return report_format
