"""`lakewarden policies`: what is checked, and why."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from lakewarden.commands import choices
from lakewarden.commands.terminal import TerminalProgress, reporting_errors
from lakewarden.engines.choice import EngineOptions, open_engine
from lakewarden.evaluation.catalogue import select
from lakewarden.model.policy import Policy
from lakewarden.rules import load_rules

app = typer.Typer(no_args_is_help=True, help="List and explain the policies.")

Config = Annotated[
    Path | None,
    typer.Option(
        metavar="DIR", help="Folder with <domain>_config.yaml, which sets the enforcement."
    ),
]


@app.command("list")
def list_policies(
    *,
    policies: choices.Policies = None,
    config: Config = None,
    engine: choices.Kind = None,
) -> None:
    """List every policy with its severity and the enforcement in force."""
    with reporting_errors():
        found = _load(policies, config, engine)
        out = Console(soft_wrap=True)
        if not out.is_terminal:
            for policy in found:
                fields = (policy.policy_id, policy.severity, policy.enforcement, policy.title)
                print(*fields, sep="\t")  # noqa: T201 -- a result to pipe
            return
        table = Table(box=None, pad_edge=False)
        table.add_column("policy", no_wrap=True)
        for heading in ("severity", "enforcement", "title"):
            table.add_column(heading)
        for policy in found:
            table.add_row(
                policy.policy_id, policy.severity, policy.enforcement, escape(policy.title)
            )
        out.print(table)


@app.command("show")
def show(
    policy_id: Annotated[str, typer.Argument(metavar="ID", help="Such as the list prints.")],
    *,
    policies: choices.Policies = None,
    config: Config = None,
    engine: choices.Kind = None,
) -> None:
    """Explain one policy: what it expects, how hard it bites, what to do about a failure."""
    with reporting_errors():
        (policy, *_) = select(_load(policies, config, engine), [policy_id])
        out = Console(soft_wrap=True, markup=False, highlight=False)
        out.print(f"{policy.policy_id}: {policy.title}", style="bold")
        out.print(f"severity {policy.severity}, enforcement {policy.enforcement}, {policy.path}")
        out.print(f"\n{policy.description}\n\nRemediation: {policy.remediation}")


def _load(
    added: list[Path] | None, config: Path | None, engine: choices.EngineKind | None
) -> tuple[Policy, ...]:
    progress = TerminalProgress()
    directories = choices.policy_dirs(added)
    options = EngineOptions(kind=engine.value if engine else None, policy_dirs=directories)
    chosen, notices = open_engine(options, progress.note)
    for notice in notices:
        progress.note(notice)
    with chosen:
        rules = load_rules(chosen.modules(), policy_dirs=directories, config_dir=config)
    return rules.policies
