"""`lakewarden evaluate`: the main job."""

from __future__ import annotations

import os
import sys
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Final

import typer

from lakewarden.commands import choices, workspace
from lakewarden.commands.terminal import TerminalProgress, reporting_errors
from lakewarden.engines.choice import EngineOptions
from lakewarden.model.clock import parse_clock
from lakewarden.model.errors import ConfigurationError
from lakewarden.renderers import FORMATS, SUFFIXES, format_of
from lakewarden.renderers.safe_console import report_stream
from lakewarden.renderers.words.wording import visible
from lakewarden.report.atomic_file import stream_number
from lakewarden.report.gate import final_exit_code, parse_permission
from lakewarden.report.output_paths import Output, check_outputs
from lakewarden.run import Options, ReportTarget
from lakewarden.run import evaluate as run_evaluate

EPILOG = """Exit codes: 0 no mandatory failure; 1 a mandatory policy failed; 2 usage or
configuration error; 3 incomplete (a mandatory policy unknown, any error, tables that could not
be read, nothing to evaluate); 4 the collector or the engine failed; 130 interrupted;
143 terminated."""

_GATE = "Gate"
_STDOUT = 1

_NOT_FORMATS: Final = frozenset(
    {suffix.removeprefix(".") for suffix in SUFFIXES}
    | {"csv", "pdf", "sarif", "text", "txt", "xml", "yaml"}
)
"""Words before `=` that are meant as a format and not as the beginning of a path."""


def evaluate(
    *,
    source: choices.Source = None,
    inventory: choices.Inventory = None,
    save_inventory: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            rich_help_panel=choices.TABLES,
            help="Also keep what was collected, to evaluate it again or to --reuse its sizes.",
        ),
    ] = None,
    table: choices.Tables = None,
    policy: choices.PolicyIds = None,
    report: Annotated[
        list[str] | None,
        typer.Option(
            metavar="[FORMAT=]PATH",
            help=f"Write a report ({', '.join(FORMATS)}). A name such as report.html, .json or .md "
            "tells the format; json=- goes to standard output. May be repeated.",
        ),
    ] = None,
    previous: Annotated[
        Path | None,
        typer.Option(
            metavar="REPORT",
            help="Also say what has changed since this JSON report of an earlier run: tables that "
            "are new, gone, fixed or broken, and decisions that came out otherwise.",
        ),
    ] = None,
    config: choices.Config = None,
    now: choices.Now = None,
    no_gate: Annotated[
        bool,
        typer.Option("--no-gate", rich_help_panel=_GATE, help="Turn exit codes 1 and 3 into 0."),
    ] = False,
    allow: Annotated[
        list[str] | None,
        typer.Option(
            metavar="OUTCOME[:POLICY]",
            rich_help_panel=_GATE,
            help="Do not gate on this outcome (fail, unknown or error) of the policies that match, "
            "or of all. May be repeated.",
        ),
    ] = None,
    min_coverage: workspace.MinCoverage = None,
    profile: workspace.Profile = None,
    warehouse_id: workspace.WarehouseId = None,
    include: workspace.Include = None,
    exclude: workspace.Exclude = None,
    evidence: workspace.EvidenceChoice = workspace.EvidenceMode.ON_DEMAND,
    max_statements: workspace.MaxStatements = None,
    reuse: workspace.Reuse = None,
    max_age: workspace.MaxAge = workspace.MAX_AGE,
    resume: workspace.Resume = False,
    policies: choices.Policies = None,
    engine: choices.Kind = None,
    opa_url: choices.OpaUrl = None,
    opa_token_file: choices.OpaTokenFile = None,
    opa_ca_cert: choices.OpaCaCert = None,
    opa_cert: choices.OpaCert = None,
    opa_key: choices.OpaKey = None,
    trust_server_policies: choices.Trust = False,
) -> None:
    """Decide every policy about every table, and report.

    Prints a summary; write the full reports with --report, for example:

        lakewarden evaluate --source delta:/data/lake --report report.html
    """
    with reporting_errors():
        targets = _targets(report or [])
        asked = workspace.Asked(
            profile=profile,
            warehouse_id=warehouse_id,
            include=include,
            exclude=exclude,
            tables=table,
            evidence=evidence,
            max_statements=max_statements,
            reuse=reuse,
            max_age=max_age,
            resume=resume,
        )
        options = Options(
            origin=asked.of(choices.origin(source, inventory), save_inventory),
            inventory=save_inventory,
            min_coverage=workspace.share(min_coverage),
            engine=EngineOptions(
                kind=engine.value if engine else None,
                policy_dirs=choices.policy_dirs(policies),
                url=opa_url or None,
                token=choices.token(opa_token_file, os.environ.get("OPA_TOKEN")),
                tls_ca=opa_ca_cert,
                tls_cert=opa_cert,
                tls_key=opa_key,
                trust_server_policies=trust_server_policies,
            ),
            config_dir=choices.config_dir(config),
            reports=(_console(targets), *targets),
            previous=previous,
            tables=tuple(table or ()),
            policies=tuple(policy or ()),
            clock=parse_clock(now) if now else None,
            gate_disabled=no_gate,
            permissions=tuple(parse_permission(text) for text in allow or ()),
        )
        workspace_options = options.origin.workspace
        check_outputs(
            _outputs(
                targets, save_inventory, workspace_options.journal if workspace_options else None
            ),
            choices.inputs(
                options.origin,
                config=config,
                policy_dirs=options.engine.policy_dirs,
                files={
                    "the earlier report": previous,
                    "the inventory": reuse,
                    "the file with the token": opa_token_file,
                    "the certificate": opa_cert,
                    "the authority's certificate": opa_ca_cert,
                    "the key": opa_key,
                },
            ),
        )
        gate = run_evaluate(options, TerminalProgress())
        _say_where(targets)
    raise typer.Exit(final_exit_code(gate))


def _outputs(
    targets: list[ReportTarget], save_inventory: Path | None, journal: Path | None
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
    if save_inventory:
        found.append(Output(option=option, what="the saved inventory", path=save_inventory))
    if journal:
        found.append(Output(option=option, what="the collection's journal", path=journal))
    return found


def _targets(texts: list[str]) -> list[ReportTarget]:
    """Read all --report options."""
    targets = [_target(text) for text in texts]
    if sum(target.path is None for target in targets) > 1:
        raise ConfigurationError(
            "two reports are to go to standard output",
            where="--report",
            remedy="Give each report a file of its own.",
        )
    return targets


def _target(text: str) -> ReportTarget:
    """Read FORMAT=PATH, or a PATH whose suffix tells the format."""
    kind, found, path = text.partition("=")
    kind = kind.lower()
    if found and kind in FORMATS:
        if not path:
            raise _no_target(f"{text!r} names no file behind its format")
    elif found and (not kind or kind in _NOT_FORMATS or _looks_like_a_format(kind)):
        raise _no_target(f"unknown report format {kind!r}")
    else:
        kind, path = format_of(text) or "", text
        if not kind:
            raise _no_target(f"the name {text!r} does not tell a report's format")
    if path == "-" or stream_number(Path(path)) == _STDOUT:
        return ReportTarget(format=kind, stream=report_stream(kind))
    return ReportTarget(format=kind, path=Path(path))


def _looks_like_a_format(word: str) -> bool:
    return word.isalpha() and bool(get_close_matches(word, FORMATS))


def _no_target(what: str) -> ConfigurationError:
    return ConfigurationError(
        what,
        where="--report",
        remedy=f"Write FORMAT=PATH, such as html=report.html, or a path that ends in "
        f"{', '.join(SUFFIXES)}. The formats are {', '.join(FORMATS)}.",
    )


def _console(targets: list[ReportTarget]) -> ReportTarget:
    """Return the summary's target: standard output, unless a report has taken that."""
    taken = any(target.path is None for target in targets)
    return ReportTarget(format="console", stream=sys.stderr if taken else sys.stdout)


def _say_where(targets: list[ReportTarget]) -> None:
    """Print each written file, its path alone on a line, where the summary went."""
    out = _console(targets).stream
    for target in targets:
        if target.path is not None:
            out.write(f"{target.format} report:\n{visible(str(target.path.absolute()))}\n")
