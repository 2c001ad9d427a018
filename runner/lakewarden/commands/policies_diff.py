"""`lakewarden policies diff`: what differs between two versions of policies, with an example."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from lakewarden.commands.inputs import tried_policies
from lakewarden.commands.output import Format, write_json
from lakewarden.commands.project_file import current
from lakewarden.commands.terminal import TerminalProgress
from lakewarden.dependents import Basis
from lakewarden.engines.choice import EngineKindOptions, start_engine
from lakewarden.kit.policies_diff import (
    DOCUMENTS,
    PoliciesDiff,
    PolicyDifference,
    PolicyVersion,
    policies_diff,
)
from lakewarden.model.clock import utc_now
from lakewarden.model.decision import Decision
from lakewarden.options import ClockOptions
from lakewarden.options.policies import PolicyOptions, PolicyPatternOptions, existing_config
from lakewarden.policy_set import LOCAL_CONFIG, load_rules
from lakewarden.policy_sources.source import PolicySource, parse_policy_source
from lakewarden.renderers.console.layout import Sheet, write_sheet
from lakewarden.renderers.safe_console import report_stream
from lakewarden.renderers.words.wording import OUTCOMES, shortened, value, visible
from lakewarden.report.violations import message_of
from lakewarden.resources import shipped_policies
from lakewarden_collector.counted import counted

_ROUTER: Final = Path("lakewarden", "main")
_LONGEST: Final = 300


def diff(
    old: Annotated[
        PolicySource,
        typer.Argument(
            metavar="OLD",
            parser=parse_policy_source,
            help="The present policies: a folder, a bundle or a git reference, as --policy-source "
            "takes them.",
        ),
    ],
    new: Annotated[
        PolicySource,
        typer.Argument(
            metavar="NEW", parser=parse_policy_source, help="The changed policies, likewise."
        ),
    ],
    policies: PolicyPatternOptions,
    *,
    config: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            parser=existing_config,
            help="Folder with <domain>_config.yaml, whose thresholds are tried. Without it: "
            "./config, else the defaults.",
        ),
    ] = None,
    documents: Annotated[
        int,
        typer.Option(
            metavar="NUMBER",
            min=1,
            max=1_000_000,
            help="How many table documents are decided for each policy that may differ.",
        ),
    ] = DOCUMENTS,
    output: Annotated[
        Format, typer.Option("--format", help="text for reading, json for programs.")
    ] = Format.TEXT,
    clock: ClockOptions,
    engine: EngineKindOptions,
) -> None:
    """Show what differs between two versions of policies, and a table they disagree about.

    lakewarden policies diff git:main:policies policies

    Documents at the edges of the schema and the settings are decided by both versions: sizes one
    below, at and above a threshold, evidence that lacks for each reason, other types, other words.
    For each policy on which they disagree, the smallest such document is shown. A folder without a
    router is decided beside Lakewarden's own policies.
    """
    progress = TerminalProgress()
    now = clock.now or utc_now()
    with ExitStack() as stack:
        sides = []
        for source in (old, new):
            (folder,) = tried_policies(PolicyOptions(), [source]).own_roots
            roots = [folder] if (folder / _ROUTER).is_dir() else [shipped_policies(), folder]
            started, _ = start_engine(engine, roots, progress)
            stack.push(started)
            modules = started.modules()
            rules = load_rules(
                modules,
                policy_dirs=roots,
                patterns=policies.policies,
                config_dir=config,
                local_config=current().folder / LOCAL_CONFIG,
                clock=now,
            )
            sides.append(PolicyVersion(engine=started, basis=Basis(modules=modules, rules=rules)))
        found = policies_diff(sides[0], sides[1], now, documents, progress)
    if output is Format.JSON:
        write_json(found)
        return
    write_sheet(report_stream("console"), partial(_fill, found=found))


def _fill(sheet: Sheet, found: PoliciesDiff) -> None:
    sheet.line(_headline(found), style="bold")
    for label, names in (
        ("new", found.added),
        ("gone", found.removed),
        ("library or router differs", found.libraries),
    ):
        for name in names:
            sheet.line(f"{label}: {name}", indent=2)
    for name, values in found.settings.items():
        sheet.line(sheet.own(f"setting {name}: {_changed(values)}"), indent=2)
    for each in found.policies:
        _policy(sheet, each)


def _headline(found: PoliciesDiff) -> str:
    disagreeing = sum(each.disagreement is not None for each in found.policies)
    if not (found.policies or found.added or found.removed or found.libraries or found.settings):
        return "The policies don't differ."
    decided = sum(each.reached for each in found.policies)
    if not decided:
        return "Only words, enforcement, severity or whole policies differ: nothing to decide."
    of = f"{disagreeing:,} of {counted(decided, 'policy')}" if disagreeing else "no policy"
    return f"The two versions disagree about {of} whose code or settings differ."


def _policy(sheet: Sheet, each: PolicyDifference) -> None:
    sheet.heading(each.policy_id)
    for line in _differences(each):
        sheet.line(sheet.own(visible(line)), indent=2, hang=2)
    found = each.disagreement
    if found is None:
        if each.reached:
            tried = counted(each.documents, "document")
            sheet.line(f"outcomes: none differs in {tried}", indent=2)
        return
    for label, decision in (("old", found.before), ("new", found.after)):
        sheet.line(f"{label}: {_decision(decision)}", indent=2, hang=2)
    if len(each.pairs) > 1:
        sheet.line(sheet.own(f"all: {_pairs(each)}"), indent=2, hang=2)
    sheet.line("the smallest document that was found:", indent=2)
    sheet.whole(json.dumps(_shown(found.document), ensure_ascii=False), indent=4)


def _differences(each: PolicyDifference) -> Iterator[str]:
    if each.code:
        yield "its code differs"
    elif each.reached:
        yield "code or settings that it reads differ"
    for name, values in each.metadata.items():
        short = isinstance(values[0], str) and len(f"{values[0]}{values[1]}") <= _LONGEST // 2
        yield f"{name}: {_changed(values)}" if short else f"{name} differs"
    if each.reworded:
        yield f"same outcome in other words or values: {counted(each.reworded, 'document')}"


def _changed(values: tuple[Any, Any]) -> str:
    return " → ".join("none" if each is None else value(each) for each in values)


def _decision(decision: Decision) -> str:
    why = shortened(message_of(decision), _LONGEST)
    return f"{OUTCOMES[decision.outcome]}{f', {why}' if why else ''}"


def _pairs(each: PolicyDifference) -> str:
    return ", ".join(
        f"{OUTCOMES[pair.before]} → {OUTCOMES[pair.after]} {pair.documents:,} times"
        for pair in each.pairs
    )


def _shown(document: dict[str, Any]) -> dict[str, Any]:
    """Return a document without parts that are empty objects, which stand for absent ones."""
    return {name: part for name, part in document.items() if part != {} or name == "properties"}
