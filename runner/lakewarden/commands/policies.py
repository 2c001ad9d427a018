"""`lakewarden policies`: what is checked, and why."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer
from msgspec import Struct
from rich.markdown import Markdown
from rich.table import Table

from lakewarden.commands import (
    policies_diff,
    policies_for,
    policies_kit,
    policies_lock,
    policies_try,
)
from lakewarden.commands.command import Group, add
from lakewarden.commands.inputs import with_local_policies
from lakewarden.commands.output import Format, write_json
from lakewarden.commands.project_file import current
from lakewarden.commands.terminal import TerminalProgress
from lakewarden.engines.choice import EngineKindOptions, open_engine
from lakewarden.evaluation.policy_index import select
from lakewarden.generate.editor_schemas import generate
from lakewarden.generate.policy_page import effective, policy_page
from lakewarden.generate.project import POLICIES, SCHEMAS
from lakewarden.kit.policy_docs import Described, describe
from lakewarden.model.errors import ConfigurationError
from lakewarden.options.policies import (
    EffectivePolicyOptions,
    PolicySourceOptions,
    complete_policies,
)
from lakewarden.policy_set import PolicySet, load_rules
from lakewarden.policy_sources.source import has_policies
from lakewarden.renderers.safe_console import SafeConsole, console, result
from lakewarden.renderers.words.enforcement import enforcement
from lakewarden.renderers.words.wording import visible
from lakewarden.report.atomic_file import PendingFile
from lakewarden.settings import rego_schemas
from lakewarden.settings.settings import load_schemas

app = typer.Typer(cls=Group, no_args_is_help=True, help="List and explain the policies.")


class _Loaded(Struct, frozen=True, kw_only=True):
    rules: PolicySet
    described: dict[str, Described]
    """Policy id to the policy as its annotation has it."""


def list_policies(
    policies: EffectivePolicyOptions,
    *,
    list_format: Annotated[
        Format,
        typer.Option("--format", help="json: all that is known of each policy, for programs."),
    ] = Format.TEXT,
    engine: EngineKindOptions,
) -> None:
    """List every policy with its severity and the enforcement in force, those about waivers last.

    A policy that settings make mandatory from a later day on is `advisory until` that day. Piped, a
    policy is a line: id, severity, enforcement and title, with tabs between them.

        lakewarden policies list --format json
    """
    rules = _load(with_local_policies(policies), engine).rules
    found = (*rules.selected, *rules.judging)
    if list_format is Format.JSON:
        write_json(found)
        return
    out = console()
    if not out.is_terminal:
        for policy in found:
            result(policy.policy_id, policy.severity, enforcement(policy), policy.title)
        return
    table = Table(box=None, pad_edge=False)
    table.add_column("policy", no_wrap=True)
    for heading in ("severity", "enforcement", "title"):
        table.add_column(heading)
    for policy in found:
        table.add_row(policy.policy_id, policy.severity, enforcement(policy), visible(policy.title))
    out.print(table)


def show(
    policy_id: Annotated[
        str,
        typer.Argument(
            metavar="ID",
            autocompletion=complete_policies,
            help="Such as the list prints; a pattern shows several.",
        ),
    ],
    policies: EffectivePolicyOptions,
    engine: EngineKindOptions,
) -> None:
    """Explain one policy: what it expects and why, with the settings in force.

    Prints Markdown where standard output isn't a terminal.

        lakewarden policies show naming.short_columns
    """
    policies = with_local_policies(policies)
    loaded = _load(policies, engine)
    schemas = load_schemas(policies.roots)
    out = SafeConsole()
    known = (*loaded.rules.selected, *loaded.rules.judging)
    chosen = select(known, [policy_id], where="policies show")
    for number, policy in enumerate(chosen):
        described = loaded.described[policy.policy_id]
        page = policy_page(
            described,
            schemas.get(described.domain, {}),
            effective=effective(described, policy, loaded.rules),
        )
        if out.is_terminal:
            out.print(Markdown(page, hyperlinks=False))
        else:
            sys.stdout.write("\n" + page if number else page)


def write_schemas(
    policies: PolicySourceOptions,
    *,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="DIR",
            help="Where to write those of the YAML files, and no others. Without it they go to "
            "config/schemas, and those of what policies read to policies/schemas.",
        ),
    ] = None,
) -> None:
    """Write JSON Schemas for editors and `opa check --schema`.

    An editor with a YAML language server completes and checks a settings file or waivers.yaml
    whose first line names its schema, relative to the file:

        # yaml-language-server: $schema=schemas/waivers.schema.json

        lakewarden policies schemas
    """
    roots = with_local_policies(policies).roots
    folder = current().folder
    texts = generate(roots, output or folder / SCHEMAS)
    if output is None and has_policies(own := folder / POLICIES):
        beside = [root for root in roots if root.resolve() != own.resolve()]
        texts |= rego_schemas.generate(own, beside)
    for path, text in texts.items():
        _make_folder(path.parent)
        with PendingFile(path) as file:
            file.write(text.encode())
        result(path)


def _make_folder(path: Path) -> None:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigurationError(
            f"no folder can be made here: {error.strerror}", where=str(path)
        ) from error


def _load(policies: EffectivePolicyOptions, engine: EngineKindOptions) -> _Loaded:
    progress = TerminalProgress()
    chosen, notices = open_engine(engine, policies.roots, progress.note)
    for notice in notices:
        progress.note(notice)
    with chosen:
        modules = chosen.modules()
    return _Loaded(
        rules=load_rules(
            modules,
            policy_dirs=policies.roots,
            config_dir=policies.config,
            local_config=policies.local_config,
        ),
        described={each.policy.policy_id: each for each in describe(modules)},
    )


add(app, list_policies, "list")
add(app, show)
add(app, policies_for.show_for, "for")
add(app, write_schemas, "schemas")
add(app, policies_lock.lock, epilog=policies_lock.EPILOG)
add(app, policies_kit.check, "test")
add(app, policies_kit.new)
add(app, policies_try.try_policy, "try")
add(app, policies_diff.diff, "diff")
