"""`lakewarden collect`: an inventory from a source, to be evaluated later or elsewhere."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any, cast

import typer

from lakewarden.commands.terminal import TerminalProgress, reporting_errors, stderr
from lakewarden.model.errors import EXIT_INCOMPLETE
from lakewarden.model.pending_file import PendingFile
from lakewarden.origin import SOURCES_HELP, parse_origin
from lakewarden.origin import collect as run_collect


def collect(
    *,
    source: Annotated[
        str,
        typer.Option(
            metavar="KIND[:LOCATION]",
            help=SOURCES_HELP,
        ),
    ],
    output: Annotated[
        str,
        typer.Option(
            "--output", "-o", metavar="FILE", help="The inventory; - for standard output."
        ),
    ] = "-",
) -> None:
    """Collect an inventory: one table document a line, with failures and counts.

    Exits 3 where something could not be read, which the inventory names, or nothing was there.

        lakewarden collect --source delta:/data/lake -o inventory.ndjson
    """
    with reporting_errors():
        origin = parse_origin(source)
        if output == "-":
            documents, failures = run_collect(origin, sys.stdout.buffer, TerminalProgress())
        else:
            with PendingFile(Path(output)) as file:
                documents, failures = run_collect(origin, cast("Any", file), TerminalProgress())
        stderr().print(f"{documents:,} tables collected, {failures:,} could not be read")
    raise typer.Exit(EXIT_INCOMPLETE if failures or not documents else 0)
