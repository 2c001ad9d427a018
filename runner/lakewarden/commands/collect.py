"""`lakewarden collect`: an inventory from a source, to be evaluated later or elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, Any, cast

import typer

from lakewarden.commands.inputs import inputs, with_local_policies
from lakewarden.commands.terminal import TerminalProgress, stderr
from lakewarden.engines.choice import EngineKindOptions, start_engine
from lakewarden.evaluation.adviser import by_decisions
from lakewarden.model.clock import utc_now
from lakewarden.model.errors import EXIT_INCOMPLETE
from lakewarden.open_origin import OpenOrigin
from lakewarden.options.policies import PolicyOptions
from lakewarden.options.tables import SourceOptions
from lakewarden.options.workspace import WorkspaceOptions
from lakewarden.origin import Origin, open_origin
from lakewarden.origin import collect as run_collect
from lakewarden.policy_set import load_rules
from lakewarden.progress import Progress
from lakewarden.renderers.safe_console import result, result_bytes
from lakewarden.report.atomic_file import PendingFile
from lakewarden.report.output_paths import Output, check_outputs
from lakewarden_collector.counted import counted
from lakewarden_collector.inventory import End
from lakewarden_collector.sources.interface import Adviser


def collect(
    source: SourceOptions,
    *,
    output: Annotated[
        str,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            show_default=False,
            help="Where to write the inventory; by default to standard output.",
        ),
    ] = "-",
    plan: Annotated[
        bool,
        typer.Option("--plan", help="List, say what collecting would cost, and send no statement."),
    ] = False,
    policies: PolicyOptions,
    workspace: WorkspaceOptions,
    engine: EngineKindOptions,
) -> None:
    """Collect an inventory: one table document per line, with failures and counts.

    From Databricks, only the evidence that the policies need is fetched. Exits with 3 if something
    couldn't be read, which the inventory names, or if there was nothing to collect.

        lakewarden collect --source delta:/data/lake -o inventory.ndjson

        lakewarden collect --source databricks --profile prod -o inventory.ndjson
    """
    with ExitStack() as stack:
        policies = with_local_policies(policies)
        file = None if output == "-" or plan else Path(output)
        origin = workspace.applied_to(source.origin(), file)
        written = {"the inventory": file or (None if plan else 1), "the journal": origin.journal}
        check_outputs(
            [
                Output(option="--output", what=what, path=path)
                for what, path in written.items()
                if path is not None
            ],
            inputs(
                origin,
                policies=policies,
                files={"the previous inventory": workspace.reuse},
            ),
        )
        progress = TerminalProgress()
        prepare = _advised_by(policies, engine, progress, stack)
        if plan:
            _plan(origin, prepare, progress)
            raise typer.Exit
        out = result_bytes()
        if file is not None:
            out = cast("Any", stack.enter_context(PendingFile(file)))
        end = run_collect(origin, out, progress, prepare)
        _say(end)
    raise typer.Exit(EXIT_INCOMPLETE if end.failures or not end.documents else 0)


def _advised_by(
    policies: PolicyOptions, engine_kind: EngineKindOptions, progress: Progress, stack: ExitStack
) -> Callable[[OpenOrigin], None]:
    """Return what has an origin ask the policies which evidence to collect.

    The engine is started if the origin asks at all, and runs until the stack is left.
    """

    def prepare(opened: OpenOrigin) -> None:
        def adviser() -> Adviser:
            engine, _ = start_engine(engine_kind, policies.roots, progress)
            stack.push(engine)
            rules = load_rules(
                engine.modules(),
                policy_dirs=policies.roots,
                patterns=policies.policies,
                config_dir=policies.config,
                belonging=opened.config_dir,
                local_config=policies.local_config,
            )
            return by_decisions(engine, rules.question(utc_now()))

        opened.advise(adviser)

    return prepare


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
