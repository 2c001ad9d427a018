"""`lakewarden policies`: what is checked, and why."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer
from msgspec import Struct
from rich.markdown import Markdown
from rich.table import Table

from lakewarden.commands import choices, policies_kit
from lakewarden.commands.terminal import TerminalProgress, reporting_errors
from lakewarden.engines.choice import EngineOptions, open_engine
from lakewarden.evaluation.policy_index import select
from lakewarden.generate.editor_schemas import generate
from lakewarden.generate.policy_page import effective, policy_page
from lakewarden.kit.policy_docs import Described, describe
from lakewarden.model.errors import ConfigurationError
from lakewarden.policy_set import PolicySet, load_rules
from lakewarden.renderers.safe_console import SafeConsole, console, result
from lakewarden.renderers.words.wording import visible
from lakewarden.report.atomic_file import PendingFile
from lakewarden.settings.settings import load_schemas

app = typer.Typer(no_args_is_help=True, help="List and explain the policies.")

Config = Annotated[
    Path | None,
    typer.Option(
        metavar="DIR", help="Folder with <domain>_config.yaml: the settings and the enforcement."
    ),
]


class _Loaded(Struct, frozen=True, kw_only=True):
    rules: PolicySet
    described: dict[str, Described]
    """Policy id to the policy as its annotation has it."""


@app.command("list")
def list_policies(
    *,
    policies: choices.Policies = None,
    config: Config = None,
    engine: choices.Kind = None,
) -> None:
    """List every policy with its severity and the enforcement in force."""
    with reporting_errors():
        found = _load(choices.policy_dirs(policies), config, engine).rules.selected
        out = console()
        if not out.is_terminal:
            for policy in found:
                result(policy.policy_id, policy.severity, policy.enforcement, policy.title)
            return
        table = Table(box=None, pad_edge=False)
        table.add_column("policy", no_wrap=True)
        for heading in ("severity", "enforcement", "title"):
            table.add_column(heading)
        for policy in found:
            table.add_row(
                policy.policy_id, policy.severity, policy.enforcement, visible(policy.title)
            )
        out.print(table)


@app.command("show")
def show(
    policy_id: Annotated[
        str, typer.Argument(metavar="ID", help="Such as the list prints; a pattern shows several.")
    ],
    *,
    policies: choices.Policies = None,
    config: Config = None,
    engine: choices.Kind = None,
) -> None:
    """Explain one policy: what it expects and why, with the settings in force.

    Prints Markdown where standard output isn't a terminal.
    """
    with reporting_errors():
        roots = choices.policy_dirs(policies)
        loaded = _load(roots, config, engine)
        schemas = load_schemas(roots)
        out = SafeConsole()
        for number, policy in enumerate(select(loaded.rules.selected, [policy_id])):
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


@app.command("schemas")
def write_schemas(
    *,
    output: Annotated[
        Path,
        typer.Option(metavar="DIR", help="Where to write them, such as config/schemas."),
    ],
    policies: choices.Policies = None,
) -> None:
    """Write JSON Schemas of the settings files and waivers.yaml, for editors.

    An editor with a YAML language server completes and checks a file whose first line names its
    schema, relative to the file:

        # yaml-language-server: $schema=schemas/waivers.schema.json
    """
    with reporting_errors():
        schemas = generate(choices.policy_dirs(policies), output)
        _make_folder(output)
        for path, text in schemas.items():
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


def _load(
    roots: tuple[Path, ...], config: Path | None, engine: choices.EngineKind | None
) -> _Loaded:
    progress = TerminalProgress()
    options = EngineOptions(kind=engine.value if engine else None, policy_dirs=roots)
    chosen, notices = open_engine(options, progress.note)
    for notice in notices:
        progress.note(notice)
    with chosen:
        modules = chosen.modules()
    return _Loaded(
        rules=load_rules(modules, policy_dirs=roots, config_dir=config),
        described={each.policy.policy_id: each for each in describe(modules)},
    )


app.command("test")(policies_kit.check)
app.command("new")(policies_kit.new)
