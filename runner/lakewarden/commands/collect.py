"""`lakewarden collect`: an inventory from a source, to be evaluated later or elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, Any, cast

import typer

from lakewarden.commands import choices, workspace
from lakewarden.commands.terminal import TerminalProgress, reporting_errors, stderr
from lakewarden.engines.choice import EngineOptions
from lakewarden.model.errors import EXIT_INCOMPLETE
from lakewarden.open_origin import OpenOrigin
from lakewarden.origin import (
    SOURCES_HELP,
    Origin,
    advised_by_policies,
    open_origin,
    parse_origin,
)
from lakewarden.origin import collect as run_collect
from lakewarden.progress import Progress
from lakewarden.renderers.safe_console import result, result_bytes
from lakewarden.report.atomic_file import PendingFile
from lakewarden.report.output_paths import Output, check_outputs
from lakewarden_collector.counted import counted
from lakewarden_collector.inventory import End


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
    profile: workspace.Profile = None,
    warehouse_id: workspace.WarehouseId = None,
    include: workspace.Include = None,
    exclude: workspace.Exclude = None,
    evidence: workspace.EvidenceChoice = workspace.EvidenceMode.ON_DEMAND,
    max_statements: workspace.MaxStatements = None,
    reuse: workspace.Reuse = None,
    max_age: workspace.MaxAge = workspace.MAX_AGE,
    resume: workspace.Resume = False,
    plan: Annotated[
        bool,
        typer.Option(
            "--plan",
            rich_help_panel=workspace.PANEL,
            help="List, say what collecting the evidence would cost, and send no statement.",
        ),
    ] = False,
    policy: choices.PolicyIds = None,
    config: choices.Config = None,
    policies: choices.Policies = None,
    engine: choices.Kind = None,
) -> None:
    """Collect an inventory: one table document a line, with failures and counts.

    From Databricks, the policies are asked which evidence they lack, and only that is fetched.
    Exits 3 where something could not be read, which the inventory names, or nothing was there.

        lakewarden collect --source delta:/data/lake -o inventory.ndjson

        lakewarden collect --source databricks --profile prod -o inventory.ndjson
    """
    with reporting_errors(), ExitStack() as stack:
        asked = workspace.Asked(
            profile=profile,
            warehouse_id=warehouse_id,
            include=include,
            exclude=exclude,
            evidence=evidence,
            max_statements=max_statements,
            reuse=reuse,
            max_age=max_age,
            resume=resume,
        )
        roots = choices.policy_dirs(policies)
        file = None if output == "-" or plan else Path(output)
        origin = asked.of(parse_origin(source), file)
        journal = origin.workspace.journal if origin.workspace else None
        written = {"the inventory": file or (None if plan else 1), "the journal": journal}
        check_outputs(
            [
                Output(option="--output", what=what, path=path)
                for what, path in written.items()
                if path is not None
            ],
            choices.inputs(
                origin, config=config, policy_dirs=roots, files={"the earlier inventory": reuse}
            ),
        )
        progress = TerminalProgress()
        prepare = advised_by_policies(
            EngineOptions(kind=engine.value if engine else None, policy_dirs=roots),
            patterns=tuple(policy or ()),
            config_dir=choices.config_dir(config),
            progress=progress,
            stack=stack,
        )
        if plan:
            _plan(origin, prepare, progress)
            raise typer.Exit
        out = result_bytes()
        if file is not None:
            out = cast("Any", stack.enter_context(PendingFile(file)))
        end = run_collect(origin, out, progress, prepare)
        _say(end)
    raise typer.Exit(EXIT_INCOMPLETE if end.failures or not end.documents else 0)


def _plan(origin: Origin, prepare: Callable[[OpenOrigin], None], progress: Progress) -> None:
    """Print what collecting would cost."""
    with open_origin(origin, progress) as opened:
        prepare(opened)
        with progress.stage(f"Listing {opened.scope}"):
            lines = opened.plan()
    for line in lines:
        result(line)


def _say(end: End) -> None:
    """Print what was collected and what it cost."""
    out = stderr()
    left_out = f", {end.left_out_tables:,} left out" if end.left_out else ""
    out.print(
        f"{counted(end.documents, 'table')} collected, {end.failures:,} could not be read{left_out}"
    )
    if end.spent:
        out.print("asked: " + ", ".join(f"{kind} {n:,}" for kind, n in end.spent.items()))
