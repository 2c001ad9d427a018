"""`lakewarden report`: other formats of a report that exists."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TextIO

import typer
from msgspec import json

from lakewarden.commands.table_search import find_table
from lakewarden.commands.terminal import is_quiet, notes
from lakewarden.model.errors import ConfigurationError
from lakewarden.options.reports import (
    FORMATS,
    ReportTarget,
    parse_format,
    parse_target,
    refuse_two_on_stdout,
    target_of,
)
from lakewarden.renderers import Format, template_of
from lakewarden.renderers.outputs import ReportOutputs
from lakewarden.renderers.safe_console import report_stream, result
from lakewarden.report.atomic_file import is_stdout
from lakewarden.report.layout import table as encoded
from lakewarden.report.output_paths import Input, Output, check_outputs
from lakewarden.report.recount import open_report
from lakewarden_collector.counted import counted

if TYPE_CHECKING:
    from lakewarden.model.report import Report, TableReport


class SplitBy(StrEnum):
    """What a report can be split by."""

    OWNER = "owner"


def report(
    file: Annotated[
        Path, typer.Argument(metavar="REPORT", help="A JSON report that `evaluate` wrote.")
    ],
    *,
    outputs: Annotated[  # not `reports`: what the project file has is written by `evaluate`
        list[str] | None,
        typer.Option(
            "--report",
            "--output",
            "-o",
            metavar="[FORMAT=]PATH",
            help=f"Write a report ({FORMATS}, or template:FILE for your own), as `evaluate` does. "
            "The suffix sets the format: report.html, .csv, .md. json=- goes to standard output; "
            "without this option, the console's summary does. May be repeated. With --split, a "
            "folder.",
        ),
    ] = None,
    chosen: Annotated[
        str | None,
        typer.Option(
            "--format",
            metavar="FORMAT",
            parser=parse_format,
            help="The format of the one report, also for standard output: --format json.",
        ),
    ] = None,
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
    split: Annotated[
        SplitBy | None,
        typer.Option(
            metavar="owner",
            help="Write an HTML page and a Markdown text for each owner into the folder -o, "
            "and owners.csv, which lists them.",
        ),
    ] = None,
) -> None:
    """Render a JSON report in other formats, without evaluating again.

    lakewarden report report.json -o report.html -o junit=tests.xml
    lakewarden report report.json --table prod.sales.orders
    lakewarden report report.json -o template:mine.j2=out.txt
    lakewarden report report.json --split owner -o owners/
    """
    if split is not None:
        if of_table is not None:
            raise ConfigurationError(
                "doesn't go with --table", where="--split", remedy="Leave one of the two out."
            )
        _split(file, outputs or [], chosen)
        return
    summary = Format.LINE if is_quiet() and of_table is None else Format.CONSOLE
    targets = _targets(outputs or ["-"], chosen, summary)
    _check(targets, file)
    with ReportOutputs(file) as opened:
        for target in targets:
            place = target.path or report_stream(target.format)
            if of_table is None:
                opened.open(target.format, place)
            else:
                opened.add(_OneTable(target.format, of_table), place)
        opened.write(open_report(file))
    on_stdout = any(target.path is None for target in targets)
    for written in filter(None, (target.path for target in targets)):
        (notes().print if on_stdout else result)(str(written.absolute()))


class _OneTable:
    """Writes what a report says about one table, as text or as its object in the JSON.

    Raises `ConfigurationError` for another format, and for a name that isn't that of one table.
    """

    def __init__(self, report_format: str, name: str) -> None:
        if report_format not in (Format.CONSOLE, Format.JSON):
            raise ConfigurationError(
                f"one table can't be written as {report_format}",
                where="--table",
                remedy="Write it as console or json.",
            )
        self.format = report_format
        self._name = name

    def render(self, report: Report, out: TextIO) -> None:
        """Write everything about the table."""
        from lakewarden.renderers.console.one_table import show_table  # noqa: PLC0415 -- starts rich

        table: TableReport = find_table(report, self._name)
        if self.format == Format.JSON:
            out.write(f"{json.format(encoded(table), indent=2).decode()}\n")
        else:
            show_table(report, table, out)


def _targets(places: list[str], chosen: str | None, summary: Format) -> list[ReportTarget]:
    """Return what to write; a format that is chosen apart from a path is that of the only one."""
    if chosen and len(places) > 1:
        raise ConfigurationError(
            "is about one report, and there are several",
            where="--format",
            remedy="Name each format before its path: -o html=report.html -o csv=report.csv.",
        )
    if chosen:
        return [target_of(places[0], chosen)]
    return [
        ReportTarget(format=summary) if is_stdout(place) else parse_target(place)
        for place in places
    ]


def _check(targets: list[ReportTarget], file: Path) -> None:
    """Raise `ConfigurationError` where outputs would destroy what is read, or each other."""
    refuse_two_on_stdout(targets)
    templates = filter(None, (template_of(target.format) for target in targets))
    check_outputs(
        [Output(option="--report", what="the output", path=target.path or 1) for target in targets],
        [
            Input(what="the report", path=file),
            *(Input(what="the template", path=each) for each in templates),
        ],
    )


def _split(file: Path, outputs: list[str], chosen: str | None) -> None:
    if chosen:
        raise ConfigurationError(
            "--split has formats of its own", where="--format", remedy="Leave --format out."
        )
    if not outputs or is_stdout(outputs[0]):
        raise ConfigurationError(
            "--split writes several files",
            where="--output",
            remedy="Name a folder for them: -o owners/",
        )
    if not outputs[0]:
        raise ConfigurationError(
            "no folder is named", where="--output", remedy="Name a folder for them: -o owners/"
        )
    if len(outputs) > 1:
        raise ConfigurationError(
            "--split writes into one folder",
            where="--output",
            remedy="Name one folder, and write other formats by a call of its own.",
        )
    from lakewarden.renderers.owners.split import LIST, split_by_owner  # noqa: PLC0415 -- it imports a template engine

    folder = Path(outputs[0])
    done = split_by_owner(open_report(file), folder, file)
    result((folder / LIST).absolute())
    notes().print(f"A page and a text for each of {counted(done.owners, 'owner')}")
    if done.removed:
        notes().print(
            f"Removed {counted(len(done.removed), 'file')} of an earlier split, about owners who "
            f"have no tables any more: {', '.join(done.removed)}"
        )
