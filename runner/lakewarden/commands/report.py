"""`lakewarden report`: another format of a report that exists."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from msgspec import json

from lakewarden.commands.output import check_output, file_of, text_output
from lakewarden.commands.table_search import find_table
from lakewarden.commands.terminal import is_quiet, notes
from lakewarden.model.errors import ConfigurationError
from lakewarden.options.reports import FORMATS, formats, parse_format
from lakewarden.renderers import SUFFIXES, Format, format_of, template_of
from lakewarden.renderers.outputs import ReportOutputs
from lakewarden.renderers.safe_console import report_stream, result
from lakewarden.report.layout import table as encoded
from lakewarden.report.output_paths import Input
from lakewarden.report.recount import open_report
from lakewarden_collector.counted import counted


class SplitBy(StrEnum):
    """What a report can be split by."""

    OWNER = "owner"


def report(
    file: Annotated[
        Path, typer.Argument(metavar="REPORT", help="A JSON report that `evaluate` wrote.")
    ],
    *,
    chosen: Annotated[
        str | None,
        typer.Option(
            "--format",
            metavar="FORMAT",
            parser=parse_format,
            help=f"One of {FORMATS}, or template:FILE. By default, the suffix of --output; console "
            "for standard output.",
        ),
    ] = None,
    split: Annotated[
        SplitBy | None,
        typer.Option(
            metavar="owner",
            help="Write an HTML page and a Markdown text for each owner into the folder --output, "
            "and owners.csv, which lists them.",
        ),
    ] = None,
    output: Annotated[
        str,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            show_default=False,
            help="Where to write it; by default to standard output. With --split, a folder.",
        ),
    ] = "-",
    of_table: Annotated[
        str | None,
        typer.Option(
            "--table",
            metavar="NAME",
            show_default=False,
            help="Say everything about this one table: facts, every decision, exemptions, fixes. "
            "As text, or with --format json as its object in the report.",
        ),
    ] = None,
) -> None:
    """Render a JSON report in another format, without evaluating again.

    lakewarden report report.json -o report.html
    lakewarden report report.json --table prod.sales.orders
    lakewarden report report.json --format template:mine.j2 -o out.txt
    lakewarden report report.json --split owner -o owners/
    """
    if split is not None:
        if of_table is not None:
            raise ConfigurationError(
                "doesn't go with --table", where="--split", remedy="Leave one of the two out."
            )
        _split(file, output, chosen)
        return
    summary = Format.LINE if is_quiet() and of_table is None else Format.CONSOLE
    report_format = chosen or _format_of(output, summary)
    if of_table is not None and report_format not in (Format.CONSOLE, Format.JSON):
        raise ConfigurationError(
            f"one table can't be written as {report_format}",
            where="--table",
            remedy="Write it as console or json.",
        )
    template = template_of(report_format)
    sources = [Input(what="the template", path=template)] if template else []
    check_output(output, file, *sources)
    if of_table is not None:
        _write_table(file, of_table, report_format, output)
        return
    written = file_of(output)
    with ReportOutputs() as outputs:
        outputs.open(report_format, written or report_stream(report_format))
        outputs.write(open_report(file))
    if written:
        result(written.absolute())


def _split(file: Path, output: str, chosen: str | None) -> None:
    if chosen:
        raise ConfigurationError(
            "--split has formats of its own", where="--format", remedy="Leave --format out."
        )
    if output == "-":
        raise ConfigurationError(
            "--split writes several files",
            where="--output",
            remedy="Name a folder for them: -o owners/",
        )
    from lakewarden.renderers.owners.split import LIST, split_by_owner  # noqa: PLC0415 -- it imports a template engine

    done = split_by_owner(open_report(file), Path(output), file)
    result((Path(output) / LIST).absolute())
    notes().print(f"A page and a text for each of {counted(done.owners, 'owner')}")
    if done.removed:
        notes().print(
            f"Removed {counted(len(done.removed), 'file')} of an earlier split, about owners who "
            f"have no tables any more: {', '.join(done.removed)}"
        )


def _write_table(file: Path, name: str, report_format: str, output: str) -> None:
    """Write what the report says about one table."""
    from lakewarden.renderers.console.one_table import show_table  # noqa: PLC0415 -- starts rich

    finished = open_report(file)
    table = find_table(finished, name)
    with text_output(output, report_format) as out:
        if report_format == Format.JSON:
            out.write(f"{json.format(encoded(table), indent=2).decode()}\n")
        else:
            show_table(finished, table, out)


def _format_of(output: str, summary: Format) -> str:
    """Return the format that the output's name stands for; `summary` for standard output."""
    report_format = summary if output == "-" else format_of(output)
    if report_format is None:
        raise ConfigurationError(
            f"the name {output!r} doesn't end in a report's format",
            where="--output",
            remedy=f"Add --format, or let the name end in {', '.join(SUFFIXES)}. {formats()}.",
        )
    return report_format
