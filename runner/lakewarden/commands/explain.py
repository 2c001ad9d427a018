"""`lakewarden explain`: why one table is decided as it is, and what would change that."""

from __future__ import annotations

import os
from dataclasses import dataclass
from dataclasses import replace as changed
from functools import partial
from typing import TYPE_CHECKING, Annotated, Final

import msgspec
import typer

from lakewarden.commands.inputs import with_local_policies
from lakewarden.commands.output import Format
from lakewarden.commands.terminal import TerminalProgress
from lakewarden.engines.choice import EngineOptions
from lakewarden.options import ClockOptions, Options
from lakewarden.options.policies import PolicyOptions
from lakewarden.options.tables import SourceOptions, TableOptions
from lakewarden.options.workspace import WorkspaceOptions
from lakewarden.renderers.safe_console import report_stream

if TYPE_CHECKING:
    from lakewarden.explain.explanation import Explanation

EPILOG: Final = (
    "Exit codes: 0 whatever the outcomes are; 2 for a table or a policy that isn't there, or "
    "another usage error; 4 where the source or the engine failed."
)


@dataclass(frozen=True, kw_only=True)
class OneTableOptions(SourceOptions):
    """Where the one table is read from."""

    inventory: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="Read the table from an inventory that `lakewarden collect` wrote; - for "
            "standard input.",
        ),
    ] = None

    def of(self, name: str) -> TableOptions:
        """Return the options of a run that is about this table alone."""
        return TableOptions(
            source=self.source,
            default_schema=self.default_schema,
            beside=self.beside,
            inventory=self.inventory,
            tables=(name,),
        )


def explain(
    table: Annotated[
        str,
        typer.Argument(metavar="FULL_NAME", help="catalog.schema.table, whatever the case."),
    ],
    tables: OneTableOptions,
    policies: PolicyOptions,
    *,
    workspace: WorkspaceOptions,
    clock: ClockOptions,
    engine: EngineOptions,
    output: Annotated[
        Format, typer.Option("--format", help="text for reading, json for programs.")
    ] = Format.TEXT,
) -> None:
    """Explain why a table fails, passes or is exempt, and what would change that.

    Each decision comes with its proof, what would have exempted the table, the settings that the
    policy reads and the line that gives each, and the smallest changes that would flip it: of the
    table, and of settings. Each of them is decided by the engine before it is named. The facts,
    the size's origin and the waivers follow.

        lakewarden explain prod.finance.payments --source demo
        lakewarden explain prod.finance.payments --inventory inventory.ndjson --policy 'naming.*'
    """
    from lakewarden.explain.from_document import DocumentCase, explain_document, table_name  # noqa: PLC0415 -- every command would wait for it

    name = table_name(table)
    options = Options(
        tables=tables.of(name),
        policies=with_local_policies(policies),
        workspace=workspace,
        clock=clock,
        engine=changed(engine, token=os.environ.get("OPA_TOKEN")),
    )
    case = DocumentCase(
        table=name,
        origin=options.origin,
        policies=options.policies,
        engine=options.engine,
        clock=clock.now,
    )
    found = explain_document(case, TerminalProgress()).explanation
    _write(found, output, whole=bool(policies.policies))


def _write(found: Explanation, output: Format, *, whole: bool) -> None:
    from lakewarden.explain.text import show_explanation  # noqa: PLC0415 -- starts rich
    from lakewarden.renderers.console.layout import write_sheet  # noqa: PLC0415 -- as above

    if output is Format.JSON:
        text = msgspec.json.format(msgspec.json.encode(found), indent=2).decode()
        report_stream("json").write(f"{text}\n")
        return
    write_sheet(report_stream("console"), partial(show_explanation, found=found, whole=whole))
