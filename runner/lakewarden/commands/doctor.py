"""`lakewarden doctor`: what is configured, what is missing, and how to get it."""

from __future__ import annotations

import importlib.util
import os
import platform
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from importlib.metadata import version
from itertools import chain
from typing import Any, Final

import typer
from rich.text import Text

from lakewarden.commands.expand import option_name, options_of
from lakewarden.commands.inputs import local_policies, opened_policies
from lakewarden.commands.project_file import FILE, current
from lakewarden.commands.terminal import TerminalProgress
from lakewarden.engines.choice import EngineOptions, open_engine
from lakewarden.engines.install.binary import find_opa
from lakewarden.model.clock import days_until
from lakewarden.model.errors import EXIT_BROKEN
from lakewarden.open_origin import OpenOrigin
from lakewarden.options import Options
from lakewarden.options.policies import PolicyOptions
from lakewarden.options.reports import GateOptions, ReportOptions, ReportTarget
from lakewarden.options.tables import TableOptions
from lakewarden.options.workspace import WorkspaceOptions
from lakewarden.origin import Origin, open_origin
from lakewarden.policy_set import choose_config, load_rules
from lakewarden.progress import Silent
from lakewarden.renderers.safe_console import console
from lakewarden.renderers.words.wording import visible
from lakewarden.settings.settings import domains, load_schemas
from lakewarden.version import __version__
from lakewarden_collector.counted import counted
from lakewarden_collector.errors import Problem
from lakewarden_collector.inventory import Failure
from lakewarden_collector.sources.interface import Check

_DEFAULT: Final = "default"
_COLOURS: Final = {"ok": "green", "note": "yellow", "missing": "bold red"}


def doctor(
    *,
    tables: TableOptions,
    policies: PolicyOptions,
    reports: ReportOptions,
    gate: GateOptions,
    workspace: WorkspaceOptions,
    engine: EngineOptions,
) -> None:
    """Check the engine, the policies, the settings and the source; exit 4 if something is missing.

    Takes the options of `evaluate`, and prints each one's value and where it comes from: the
    command line, a variable, the project file, or the default. Installs nothing and writes no
    report; creates the demo if that is the source. For a Databricks workspace, tries each grant and
    system table, prints the statement that grants what is missing, and starts a stopped warehouse.

        lakewarden doctor --source databricks --profile prod
    """
    engine = replace(engine, token=os.environ.get("OPA_TOKEN"))
    policies, unopened = _opened(policies)
    options = Options(
        tables=tables,
        policies=policies,
        reports=reports,
        gate=gate,
        workspace=workspace,
        engine=engine,
    )
    origin = options.origin if tables.source or tables.inventory else None
    out = console()
    missing = False
    checks = (
        _machine(),
        _engines(),
        _project(),
        unopened,
        _rules(policies, engine),
        _source(origin),
        _history(reports.history),
    )
    for finding in chain.from_iterable(checks):
        missing |= finding.state == "missing"
        mark = Text(f"{finding.state:8}", style=_COLOURS[finding.state])
        out.print(Text.assemble(mark, visible(finding.what)))
        if finding.remedy:
            out.print(f"        {finding.remedy}")
    out.print("Options, their values, and where these come from:")
    for name, value, place in _values(options):
        out.print(f"  {name:24}{value:32}{place}")
    raise typer.Exit(EXIT_BROKEN if missing else 0)


def _opened(policies: PolicyOptions) -> tuple[PolicyOptions, list[Check]]:
    """Return the policies with their sources open; else with folders alone, and what is missing."""
    policies = local_policies(policies)
    try:
        return opened_policies(policies), []
    except Problem as problem:
        return policies, [Check("missing", str(problem), problem.remedy)]


def _project() -> Iterator[Check]:
    project = current().project
    if project:
        yield Check("ok", f"project file: {project.path}")
    else:
        yield Check("ok", f"no project file: no {FILE} here or in a folder above")


def _values(options: Options) -> Iterator[tuple[str, str, str]]:
    """Yield the name of each option, its value as text, and where that comes from."""
    policies = options.policies
    origins = dict(current().origins)
    if policies.policy_sources and origins["policy_sources"] == _DEFAULT:
        origins["policy_sources"] = "found"
    if policies.config is None:
        found = choose_config(None, None, sorted(domains(policies.roots)), policies.local_config)
        origins["config"] = "found" if found == policies.local_config else _DEFAULT
        policies = replace(policies, config=found)
    groups: tuple[Any, ...] = (
        *(options.tables, policies, options.reports),
        *(options.gate, options.workspace, options.engine),
    )
    for group in groups:
        for each, note, _ in options_of(type(group)):
            value = _text(getattr(group, each.name))
            yield option_name(each.name, note), value, origins.get(each.name, _DEFAULT)


def _text(value: object) -> str:
    if value is None or value == () or value is False:
        return "-"
    if isinstance(value, tuple):
        return ", ".join(map(_text, value))
    if isinstance(value, ReportTarget):
        return f"{value.format}={'-' if value.path is None else value.path}"
    if isinstance(value, timedelta):
        return f"{value / timedelta(hours=1):g}h"
    return "yes" if value is True else str(value)


def _machine() -> Iterator[Check]:
    yield Check(
        "ok",
        f"lakewarden {__version__}, Python {platform.python_version()}, "
        f"{platform.system()} {platform.machine()}",
    )
    for package in ("deltalake", "databricks-sdk", "opa-python-client"):
        yield Check("ok", f"{package} {version(package)}")


def _engines() -> Iterator[Check]:
    try:
        found = find_opa()
    except Problem as problem:
        yield Check("missing", f"OPA: {problem}", problem.remedy)
        return
    if found:
        yield Check("ok", f"OPA {found.version} ({found.origin}): {found.path}")
    else:
        yield Check("note", "OPA: not here yet", "lakewarden opa install")
    if importlib.util.find_spec("regorus"):
        yield Check("ok", f"embedded engine: Regorus {version('gordon-to-regorus')}")
    else:
        yield Check("note", "embedded engine: absent", "pip install 'lakewarden[embedded]'")


def _rules(policies: PolicyOptions, options: EngineOptions) -> Iterator[Check]:
    try:
        engine, _ = open_engine(options, policies.roots, TerminalProgress().note, offline=True)
        with engine:
            where = f" at {options.url}" if options.url else ""
            yield Check("ok", f"engine starts: {engine.info.name} {engine.info.version}{where}")
            rules = load_rules(
                engine.modules(),
                policy_dirs=policies.roots,
                config_dir=policies.config,
                local_config=policies.local_config,
            )
    except Problem as problem:
        yield Check("missing", policies.named(str(problem)), problem.remedy)
        return
    yield from _lock(policies)
    schemas = load_schemas(policies.roots)
    config = choose_config(policies.config, None, sorted(schemas), policies.local_config)
    places = ", ".join(policies.named(str(directory)) for directory in policies.roots)
    yield Check("ok", f"{len(rules.policies)} policies: {places}")
    yield Check("ok", f"settings of {', '.join(sorted(schemas))}: {config}")
    for policy_id, tables, day in rules.upcoming:
        about = f" for {tables}" if tables else ""
        left = counted(days_until(day, rules.settings.clock), "day")
        yield Check(
            "ok", f"{policy_id} is advisory{about} until {day}, then mandatory: {left} left"
        )
    for notice in rules.settings.idle_days(rules.selected):
        yield Check("note", notice)
    yield Check("ok", f"{len(rules.waivers)} waivers")


def _lock(policies: PolicyOptions) -> Iterator[Check]:
    from lakewarden.policy_sources.lock_file import (  # noqa: PLC0415 -- every command would wait
        LOCK_FILE,
        is_locked,
    )

    number = sum(is_locked(each, policies.folder) for each in policies.policy_sources)
    if number:
        which = counted(number, "policy source")
        if (policies.folder / LOCK_FILE).is_file():
            yield Check("ok", f"{which} as {policies.folder / LOCK_FILE} has it")
        else:
            yield Check("note", f"{which} without a lock file", "lakewarden policies lock")


def _source(origin: Origin | None) -> Iterator[Check]:
    if origin is None:
        hint = "--source demo, --source delta:LOCATION or --source databricks"
        yield Check("note", "no source named", hint)
        return
    try:
        with open_origin(origin, Silent()) as opened:
            checks = opened.check()
            yield from _opening(origin, opened) if checks is None else checks
    except Problem as problem:
        yield Check("missing", f"source {origin}: {problem}", problem.remedy)


def _history(location: str | None) -> Iterator[Check]:
    if location is None:
        return
    from lakewarden.history.keeper import shown  # noqa: PLC0415 -- takes most of a second

    try:
        yield Check("ok", f"history {location}: {shown(location)}")
    except Problem as problem:
        yield Check("missing", str(problem), problem.remedy)


def _opening(origin: Origin, opened: OpenOrigin) -> Iterator[Check]:
    first = next(iter(opened.items), None)
    if isinstance(first, Failure):
        what = f"source {origin}: opens; the first thing in it, {first.what}: {first.reason}"
        yield Check("note", what, first.remedy)
    elif first is None:
        yield Check("note", f"source {origin}: {opened.scope} opens, but has no tables")
    else:
        yield Check("ok", f"source {origin}: {opened.scope} opens, and has tables")
