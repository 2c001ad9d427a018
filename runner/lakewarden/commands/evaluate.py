"""`lakewarden evaluate`: the main job."""

from __future__ import annotations

import math
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Final, TextIO

import typer
from msgspec import structs

from lakewarden.commands.inputs import inputs, with_local_policies
from lakewarden.commands.terminal import TerminalProgress, is_quiet
from lakewarden.engines.choice import EngineOptions
from lakewarden.model.errors import HistoryError
from lakewarden.options import ClockOptions, Options
from lakewarden.options.policies import PolicyOptions
from lakewarden.options.reports import (
    GateOptions,
    ReportOptions,
    ReportTarget,
    history_folder,
    refuse_two_on_stdout,
)
from lakewarden.options.tables import TableOptions
from lakewarden.options.workspace import WorkspaceOptions
from lakewarden.packs.signature import signature_path
from lakewarden.renderers import Format, template_of
from lakewarden.renderers.safe_console import report_stream
from lakewarden.renderers.words.wording import visible
from lakewarden.report.gate import final_exit_code
from lakewarden.report.output_paths import Input, Output, check_outputs
from lakewarden.run import evaluate as run_evaluate

EPILOG = (
    "Exit codes: 0 no mandatory failure; 1 a mandatory policy failed, or an advisory one by "
    "--fail-on; 2 usage or configuration error; 3 incomplete (a mandatory policy "
    "unknown, any error, tables that could not be read, nothing to evaluate); 4 the collector or "
    "the engine failed; 130 interrupted; 143 terminated."
)


def evaluate(
    *,
    tables: TableOptions,
    policies: PolicyOptions,
    reports: ReportOptions,
    gate: GateOptions,
    clock: ClockOptions,
    workspace: WorkspaceOptions,
    engine: EngineOptions,
) -> None:
    """Evaluate every policy for every table, and report.

    Prints a summary; write the full reports with --report, for example:

        lakewarden evaluate --source delta:/data/lake --report report.html
    """
    targets = [_opened(target) for target in reports.reports]
    refuse_two_on_stdout(targets)
    options = Options(
        tables=tables,
        policies=with_local_policies(policies),
        reports=replace(reports, reports=(_summary(targets), *targets)),
        gate=gate,
        clock=clock,
        workspace=workspace,
        engine=replace(engine, token=os.environ.get("OPA_TOKEN")),
    )
    origin = options.origin
    templates = filter(None, (template_of(target.format) for target in targets))
    check_outputs(
        _outputs(targets, reports, origin.journal),
        [Input(what="the template", path=each) for each in templates]
        + inputs(
            origin,
            policies=options.policies,
            files={
                "the previous report": reports.previous,
                "the baseline": reports.baseline,
                "what --baseline-from names": _accepted_file(reports.baseline_from),
                "the inventory": workspace.reuse,
                "the key of signatures": reports.sign_key,
                "the file with the token": engine.token_file,
                "the certificate": engine.tls_cert,
                "the authority's certificate": engine.tls_ca,
                "the key": engine.tls_key,
            },
        ),
    )
    try:
        judged = run_evaluate(options, TerminalProgress())
    except HistoryError:
        _say_where(targets)  # a history that fails costs no report
        raise
    _say_where(targets)
    raise typer.Exit(final_exit_code(judged))


def _outputs(
    targets: list[ReportTarget], reports: ReportOptions, journal: Path | None
) -> list[Output]:
    """Return everything that the run writes."""
    found = [
        Output(
            option="--report",
            what="the report",
            path=1 if target.path is None else target.path,
        )
        for target in targets
    ]
    if all(target.path is not None for target in targets):
        found.append(Output(option="standard output", what="the summary", path=1))
    option = "--save-inventory"
    if saved := reports.save_inventory:
        found.append(Output(option=option, what="the saved inventory", path=saved))
    if reports.promises:
        found.append(
            Output(option="--promises", what="the file of promises", path=reports.promises)
        )
    if reports.pack:
        found.append(Output(option="--pack", what="the evidence pack", path=reports.pack))
        if reports.sign_key:
            path = signature_path(reports.pack)
            found.append(Output(option="--pack", what="the pack's signature", path=path))
    if reports.history and (folder := history_folder(reports.history)):
        found.append(Output(option="--history", what="the history", path=folder, is_table=True))
    if journal:
        found.append(Output(option=option, what="the collection's journal", path=journal))
    return found


def _accepted_file(text: str | None) -> Path | None:
    """Return the file that `--baseline-from` names, None for a git reference."""
    if text is None:
        return None
    named = (text, text.removeprefix("report:"), text.removeprefix("inventory:"))
    return next((path for path in map(Path, filter(None, named)) if path.is_file()), None)


def _opened(target: ReportTarget) -> ReportTarget:
    """Return the target with standard output, where it has no path."""
    if target.path is not None:
        return target
    return structs.replace(target, stream=report_stream(target.format))


def _summary(targets: list[ReportTarget]) -> ReportTarget:
    """Return the summary's target; where only the conclusion is wanted, that is one line."""
    summary = Format.LINE if is_quiet() else Format.CONSOLE
    return ReportTarget(format=summary, stream=_terminal(targets))


def _terminal(targets: list[ReportTarget]) -> TextIO:
    """Return standard output, or standard error where a report has taken that."""
    return sys.stderr if any(target.path is None for target in targets) else sys.stdout


def _say_where(targets: list[ReportTarget]) -> None:
    """Print each written file with its size, its path alone on a line, where the summary went.

    With `-q` nothing is printed: only the conclusion is wanted.
    """
    if is_quiet():
        return
    out = _terminal(targets)
    for target in targets:
        if target.path is not None:
            large = f" ({_megabytes(target.path)})" if target.path.is_file() else ""
            path = visible(str(target.path.absolute()))
            out.write(f"{target.format} report{large}:\n{path}\n")


_MEGABYTE: Final = 1_000_000


def _megabytes(path: Path) -> str:
    """Return a file's size as mail programs count it, in thousands: `1.2 MB`, `84 kB`."""
    size = path.stat().st_size
    return f"{size / _MEGABYTE:,.1f} MB" if size >= _MEGABYTE else f"{math.ceil(size / 1_000)} kB"
