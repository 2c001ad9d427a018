"""`lakewarden fix`: the SQL that fixes what a report found, for a person to review and run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lakewarden.commands.output import check_output, text_output
from lakewarden.commands.terminal import notes
from lakewarden.options.policies import complete_policies
from lakewarden.report.recount import open_report
from lakewarden_collector.counted import counted

EPILOG = (
    "Each pattern compares whole names, without case; * stands for any characters. A pattern that "
    "matches nothing in the report ends with exit code 2 and names what is near."
)


def fix(
    *,
    file: Annotated[
        Path,
        typer.Option("--report", metavar="REPORT", help="A JSON report that `evaluate` wrote."),
    ],
    output: Annotated[
        str,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            show_default=False,
            help="Where to write the SQL; by default to standard output.",
        ),
    ] = "-",
    of_owner: Annotated[
        list[str] | None,
        typer.Option(
            "--owner", metavar="PATTERN", help="Only tables of this owner. May be repeated."
        ),
    ] = None,
    of_policy: Annotated[
        list[str] | None,
        typer.Option(
            "--policy",
            metavar="PATTERN",
            autocompletion=complete_policies,
            help="Only what breaks policies whose id matches, such as 'clustering.*'. May be "
            "repeated.",
        ),
    ] = None,
    of_table: Annotated[
        list[str] | None,
        typer.Option(
            "--table",
            metavar="PATTERN",
            help="Only tables whose full name matches, such as 'prod.*'. May be repeated.",
        ),
    ] = None,
) -> None:
    """Write the SQL that fixes what a report found, for you to review and run.

    lakewarden fix --report report.json -o fixes.sql --owner sales-analytics

    The worst comes first. The best way to fix each violation stands as a statement; other ways,
    how to undo it, what it needs and what it does to the data stand in comments. What you have
    to choose stands in angle brackets, and doesn't parse until you have replaced it. Exempt
    tables are left out. Lakewarden never runs any of it.
    """
    from lakewarden.fixes.selection import Filters  # noqa: PLC0415 -- it reads SQL, which takes time to import
    from lakewarden.fixes.sql_file import write_fixes  # noqa: PLC0415 -- as above

    check_output(output, file)
    finished = open_report(file)
    filters = Filters(
        owners=tuple(of_owner or ()), policies=tuple(of_policy or ()), tables=tuple(of_table or ())
    )
    with text_output(output, "sql") as out:
        written = write_fixes(finished, filters, out)
    if not written.violations:
        notes().print(written.nothing)
        return
    notes().print(
        f"{counted(written.violations, 'violation')} of {counted(written.tables, 'table')}: "
        f"{counted(written.statements, 'statement')}, {written.blank:,} with something to fill in"
    )
