"""`lakewarden doctor`: what is configured, what is missing, and how to get it."""

from __future__ import annotations

import importlib.util
import os
import platform
from collections.abc import Iterator
from importlib.metadata import version
from typing import Annotated, Literal

import typer
from msgspec import Struct
from rich.console import Console
from rich.text import Text

from lakewarden.commands import choices
from lakewarden.commands.terminal import TerminalProgress, reporting_errors
from lakewarden.engines.choice import EngineOptions, open_engine
from lakewarden.engines.opa_binary import find_opa
from lakewarden.model.errors import EXIT_BROKEN
from lakewarden.model.settings import load_schemas
from lakewarden.origin import open_origin, parse_origin
from lakewarden.progress import Silent
from lakewarden.rules import choose_config, load_rules
from lakewarden.version import __version__
from lakewarden_collector.errors import Problem
from lakewarden_collector.inventory import Failure

_COLOURS = {"ok": "green", "note": "yellow", "missing": "bold red"}


class Finding(Struct, frozen=True):
    """One line: whether it is well, what was looked at, and what to do if it is not."""

    state: Literal["ok", "note", "missing"]
    what: str
    remedy: str = ""


def doctor(
    *,
    source: Annotated[
        str | None, typer.Option(metavar="KIND[:LOCATION]", help="Also look whether it opens.")
    ] = None,
    policies: choices.Policies = None,
    opa_url: choices.OpaUrl = None,
    opa_token_file: choices.OpaTokenFile = None,
) -> None:
    """Check the engine, the policies, the settings and the source; exit 4 if something is missing.

    Nothing is installed. A demo that is named as the source is made if it is not there yet.
    """
    with reporting_errors():
        options = EngineOptions(
            policy_dirs=choices.policy_dirs(policies),
            url=opa_url or None,
            token=choices.token(opa_token_file, os.environ.get("OPA_TOKEN")),
            offline=True,
        )
        findings = [*_machine(), *_engines(), *_rules(options), *_source(source)]
        out = Console(soft_wrap=True, highlight=False, markup=False)
        for finding in findings:
            mark = Text(f"{finding.state:8}", style=_COLOURS[finding.state])
            out.print(Text.assemble(mark, finding.what))
            if finding.remedy:
                out.print(f"        {finding.remedy}")
    missing = any(finding.state == "missing" for finding in findings)
    raise typer.Exit(EXIT_BROKEN if missing else 0)


def _machine() -> Iterator[Finding]:
    yield Finding(
        "ok",
        f"lakewarden {__version__}, Python {platform.python_version()}, "
        f"{platform.system()} {platform.machine()}",
    )
    for package in ("deltalake", "databricks-sdk", "opa-python-client"):
        yield Finding("ok", f"{package} {version(package)}")


def _engines() -> Iterator[Finding]:
    try:
        found = find_opa()
    except Problem as problem:
        yield Finding("missing", f"OPA: {problem}", problem.remedy)
        return
    if found:
        yield Finding("ok", f"OPA {found.version} ({found.origin}): {found.path}")
    else:
        yield Finding("note", "OPA: not here yet", "lakewarden opa install")
    if importlib.util.find_spec("regorus"):
        yield Finding("ok", f"embedded engine: Regorus {version('gordon-to-regorus')}")
    else:
        yield Finding("note", "embedded engine: absent", "pip install 'lakewarden[embedded]'")


def _rules(options: EngineOptions) -> Iterator[Finding]:
    try:
        engine, _ = open_engine(options, TerminalProgress().note)
        with engine:
            where = f" at {options.url}" if options.url else ""
            yield Finding("ok", f"engine starts: {engine.info.name} {engine.info.version}{where}")
            rules = load_rules(engine.modules(), policy_dirs=options.policy_dirs)
    except Problem as problem:
        yield Finding("missing", str(problem), problem.remedy)
        return
    schemas = load_schemas(options.policy_dirs)
    config = choose_config(None, None, sorted(schemas))
    places = ", ".join(str(directory) for directory in options.policy_dirs)
    yield Finding("ok", f"{len(rules.policies)} policies: {places}")
    yield Finding("ok", f"settings of {', '.join(sorted(schemas))}: {config}")
    yield Finding("ok", f"{len(rules.waivers)} waivers")


def _source(text: str | None) -> Iterator[Finding]:
    if text is None:
        yield Finding("note", "no source named", "--source demo, or --source delta:LOCATION")
        return
    try:
        with open_origin(parse_origin(text), Silent()) as opened:
            first = next(iter(opened.items), None)
    except Problem as problem:
        yield Finding("missing", f"source {text}: {problem}", problem.remedy)
        return
    if isinstance(first, Failure):
        what = f"source {text}: opens; the first thing in it, {first.what}: {first.reason}"
        yield Finding("note", what, first.remedy)
    elif first is None:
        yield Finding("note", f"source {text}: {opened.scope} opens, but has no tables")
    else:
        yield Finding("ok", f"source {text}: {opened.scope} opens, and has tables")
