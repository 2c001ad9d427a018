"""`lakewarden explain`: why one table is decided as it is, and what would change that."""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace as changed
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from lakewarden.commands.inputs import table_name, with_local_policies
from lakewarden.commands.output import Format, write_json
from lakewarden.commands.project_file import current
from lakewarden.commands.terminal import TerminalProgress
from lakewarden.engines.choice import EngineOptions
from lakewarden.model.errors import ConfigurationError
from lakewarden.options import ClockOptions, Options
from lakewarden.options.policies import PolicyOptions
from lakewarden.options.reports import parse_history
from lakewarden.options.tables import SourceOptions, TableOptions
from lakewarden.options.workspace import WorkspaceOptions
from lakewarden.renderers.safe_console import report_stream
from lakewarden.renderers.words.wording import visible

if TYPE_CHECKING:
    from lakewarden.explain.explanation import Explanation
    from lakewarden.explain.from_document import ExplainedRun

_EARLIER: Final = "Earlier decisions"
_TYPED: Final = "command line"

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


@dataclass(frozen=True, kw_only=True)
class PastOptions:
    """Decisions that have been made already."""

    report_file: Annotated[
        Path | None,
        typer.Option(
            "--report",
            metavar="REPORT",
            rich_help_panel=_EARLIER,
            help="Explain what this JSON report says of the table. It has no documents and no "
            "settings, so nothing is decided again.",
        ),
    ] = None
    pack_file: Annotated[
        Path | None,
        typer.Option(
            "--pack",
            metavar="PACK",
            rich_help_panel=_EARLIER,
            help="Explain a table of this evidence pack, by the policies and settings in it.",
        ),
    ] = None
    at: Annotated[
        str | None,
        typer.Option(
            "--at",
            metavar="DAY|TIME",
            rich_help_panel=_EARLIER,
            help="Explain the last run of the history until then: in full where the history keeps "
            "its pack, else how its decisions came out.",
        ),
    ] = None
    history: Annotated[
        str | None,
        typer.Option(
            metavar="DIR|URI",
            parser=parse_history,
            rich_help_panel=_EARLIER,
            help="Say since when each decision is as it is, and what changed it, by this history; "
            "by default the project file's.",
        ),
    ] = None


def explain(
    table: Annotated[
        str,
        typer.Argument(metavar="FULL_NAME", help="catalog.schema.table, whatever the case."),
    ],
    tables: OneTableOptions,
    policies: PolicyOptions,
    *,
    past: PastOptions,
    workspace: WorkspaceOptions,
    clock: ClockOptions,
    engine: EngineOptions,
    output: Annotated[
        Format, typer.Option("--format", help="text for reading, json for programs.")
    ] = Format.TEXT,
    traced: Annotated[
        bool,
        typer.Option(
            "--trace",
            help="Print OPA's own trace of the one policy that --policy names, instead: the lines "
            "of its rules, each set after the other. With -v, the lines of the library as well.",
        ),
    ] = False,
) -> None:
    """Explain why a table fails, passes or is exempt, and what would change that.

    Each decision comes with its proof, what would have exempted the table, the settings that the
    policy reads and the line that gives each, and the smallest changes that would flip it: of the
    table, and of settings. Each of them is decided by the engine before it is named. With a
    history, also since when, and what changed it. The facts, the size's origin and the waivers
    follow.

        lakewarden explain prod.finance.payments --source demo
        lakewarden explain prod.finance.payments --inventory inventory.ndjson --policy 'naming.*'
        lakewarden explain prod.finance.payments --at 2026-03-03 --history history
    """
    _refuse_two(past, tables)
    name, named = table_name(table, "FULL_NAME"), policies.policies
    engine = changed(engine, token=os.environ.get("OPA_TOKEN"))
    if past.report_file is not None:
        _refuse_trace("--report", traced=traced)
        found = _of_report(past.report_file, name, named)
    elif past.pack_file is not None:
        from lakewarden.explain.past import explain_pack  # noqa: PLC0415 -- as above

        _refuse_trace("--pack", traced=traced)
        done = explain_pack(past.pack_file, name, named, engine, TerminalProgress())
        found = _with_history(done, past.history, engine)
    elif past.at is not None:
        _refuse_trace("--at", traced=traced)
        found = _at(past, name, named, engine)
    else:
        options = Options(
            tables=tables.of(name),
            policies=with_local_policies(policies),
            workspace=workspace,
            clock=clock,
            engine=engine,
        )
        done = _now(options, name)
        if traced:
            _trace(done)
            return
        found = _with_history(done, past.history, engine)
    _write(found, output, whole=bool(named))


def _refuse_two(past: PastOptions, tables: OneTableOptions) -> None:
    """Raise `ConfigurationError` where it isn't clear what is to be read."""
    typed = current().origins
    sources = {
        "--report": past.report_file,
        "--pack": past.pack_file,
        "--at": past.at,
        "--inventory": tables.inventory if typed.get("inventory") == _TYPED else None,
        "--source": tables.source if typed.get("source") == _TYPED else None,
    }
    named = [name for name, value in sources.items() if value is not None]
    if len(named) > 1:
        raise ConfigurationError(
            f"doesn't go with {named[0]}",
            where=named[1],
            remedy="Name one place that the table is read from.",
        )
    if past.at is not None and past.history is None:
        raise ConfigurationError(
            "needs a history",
            where="--at",
            remedy="Name it with --history, or set history in lakewarden.toml. A single pack is "
            "explained with --pack.",
        )


def _refuse_trace(where: str, *, traced: bool) -> None:
    """Raise `ConfigurationError` for a trace of decisions that were made before."""
    if traced:
        raise ConfigurationError(
            "is of a decision that is made now",
            where="--trace",
            remedy=f"Leave {where} out, and name an inventory or a source.",
        )


def _trace(done: ExplainedRun) -> None:
    from lakewarden.engines.install.install import install_opa  # noqa: PLC0415 -- as above
    from lakewarden.explain.trace import trace  # noqa: PLC0415 -- as above

    opa = install_opa(TerminalProgress().note).path
    out = report_stream("console")
    for line in trace(opa, done, whole=logging.getLogger("lakewarden").isEnabledFor(logging.INFO)):
        out.write(f"{visible(line)}\n")


def _now(options: Options, name: str) -> ExplainedRun:
    from lakewarden.explain.from_document import DocumentCase, explain_document  # noqa: PLC0415 -- as above

    case = DocumentCase(
        table=name,
        origin=options.origin,
        policies=options.policies,
        engine=options.engine,
        clock=options.clock.now,
    )
    return explain_document(case, TerminalProgress())


def _of_report(path: Path, name: str, patterns: Sequence[str]) -> Explanation:
    from lakewarden.commands.table_search import find_table  # noqa: PLC0415 -- as above
    from lakewarden.explain.past import explain_report  # noqa: PLC0415 -- as above
    from lakewarden.report.recount import open_report  # noqa: PLC0415 -- as above

    report = open_report(path)
    try:
        found = find_table(report, name)
    except ConfigurationError as error:
        error.where = "FULL_NAME"
        raise
    return explain_report(report, found, path, patterns)


def _at(
    past: PastOptions, name: str, patterns: Sequence[str], engine: EngineOptions
) -> Explanation:
    from lakewarden.explain.past import PastTables  # noqa: PLC0415 -- as above

    assert past.at is not None and past.history is not None  # noqa: S101, PT018 -- checked before
    known = PastTables(past.history)
    found, run = known.explain(past.at, name, patterns, engine, TerminalProgress())
    return known.with_since(found, (run.run, run), engine, TerminalProgress())


def _with_history(done: ExplainedRun, history: str | None, engine: EngineOptions) -> Explanation:
    """Say since when each decision is as it is, where there is a history."""
    if history is None:
        return done.explanation
    from lakewarden.explain.past import PastTables  # noqa: PLC0415 -- as above

    known = PastTables(history)
    return known.with_since(done.explanation, (done.run, None), engine, TerminalProgress())


def _write(found: Explanation, output: Format, *, whole: bool) -> None:
    from lakewarden.explain.text import show_explanation  # noqa: PLC0415 -- starts rich
    from lakewarden.renderers.console.layout import write_sheet  # noqa: PLC0415 -- as above

    if output is Format.JSON:
        write_json(found)
        return
    write_sheet(report_stream("console"), partial(show_explanation, found=found, whole=whole))
