"""`lakewarden policies for`: what the settings make of one table, and which line says so."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.cells import cell_len

from lakewarden.commands.inputs import table_name, with_local_policies
from lakewarden.commands.output import Format, write_json
from lakewarden.engines.bundle.annotations import annotated
from lakewarden.engines.bundle.stage import read_policies
from lakewarden.evaluation.effective_rules import (
    EffectivePolicy,
    EffectiveRules,
    Giver,
)
from lakewarden.explain.rules import effective_rules
from lakewarden.explain.value_lines import show_value, show_waiver, shown_config
from lakewarden.model.clock import utc_now
from lakewarden.model.decision import Enforcement
from lakewarden.options import ClockOptions
from lakewarden.options.policies import PolicyOptions
from lakewarden.policy_set import choose_config
from lakewarden.renderers.console.layout import Sheet, write_sheet
from lakewarden.renderers.safe_console import report_stream
from lakewarden.renderers.words.wording import utc, visible
from lakewarden_collector.counted import counted

_INDENT: Final = 2
_DETAIL: Final = 6


def show_for(
    table: Annotated[
        str,
        typer.Argument(
            metavar="FULL_NAME",
            help="catalog.schema.table, whatever the case. No source is asked for the table, so it "
            "need not exist yet.",
        ),
    ],
    policies: PolicyOptions,
    clock: ClockOptions,
    *,
    output: Annotated[
        Format, typer.Option("--format", help="text for reading, json for programs.")
    ] = Format.TEXT,
) -> None:
    """Show which policies and settings apply to one table, and which line says so.

    Each value comes with its place: the default, the settings file, or an override, with its
    pattern and what it replaces. Of several overrides that match, the last one counts. Waivers that
    name the table follow, each active or expired by the clock. No engine runs and no table is read.

        lakewarden policies for prod.finance.ledger --policy 'naming.*'
    """
    name = table_name(table, "policies for")
    options = with_local_policies(policies)
    modules = read_policies(options.roots)
    rules = options.load_rules([annotated(module) for module in modules], clock=clock.now)
    sources = {module.path: str(module.source) for module in modules}
    found = effective_rules(
        name,
        clock.now or utc_now(),
        rules,
        options,
        sources,
        whole=not options.policies,
    )
    if output is Format.JSON:
        write_json(found)
        return
    config = choose_config(options.config, None, sorted(rules.schemas), local=options.local_config)
    write_sheet(report_stream("console"), partial(_fill, found=found, config=config))


def _fill(sheet: Sheet, found: EffectiveRules, config: Path) -> None:
    off = sum(each.enforcement.value == Enforcement.OFF for each in found.policies)
    applying = counted(len(found.policies) - off, "policy")
    verb = "applies" if len(found.policies) - off == 1 else "apply"
    also = f", {off:,} {'is' if off == 1 else 'are'} off" if off else ""
    sheet.line(f"{found.full_name}: {applying} {verb}{also}", style="bold")
    sheet.line(f"Settings and waivers: {shown_config(str(config))}. Clock: {utc(found.now)}.")
    sheet.heading("Policies")
    _policies(sheet, found.policies)
    for domain, settings in found.settings.items():
        sheet.heading(f"Settings of {domain}")
        for name, value in settings.items():
            show_value(sheet, f"{name}: ", value, indent=_INDENT)
    sheet.heading("Waivers that name it")
    for waiver in found.waivers:
        show_waiver(sheet, waiver)
    if not found.waivers:
        sheet.line("None.", indent=_INDENT)


def _policies(sheet: Sheet, policies: Sequence[EffectivePolicy]) -> None:
    widths = [
        max((cell_len(visible(each)) for each in column), default=0)
        for column in zip(*map(_columns, policies), strict=True)
    ]
    for policy in policies:
        cells = zip(_columns(policy), widths, strict=True)
        line = "  ".join(text + " " * (wide - cell_len(visible(text))) for text, wide in cells)
        off = policy.enforcement.value == Enforcement.OFF
        sheet.line(line.rstrip(), style="dim" if off else "", indent=_INDENT, hang=_DETAIL)
        for label, value in (
            ("enforcement", policy.enforcement),
            ("effective_on", policy.effective_on),
            ("severity", policy.severity),
        ):
            if value is not None and value.by is not Giver.DEFAULT:
                show_value(sheet, f"{label}: ", value, indent=_DETAIL, plain=True)


def _columns(policy: EffectivePolicy) -> tuple[str, str, str]:
    until = policy.advisory_until
    enforcement = f"advisory until {until}" if until else policy.enforcement.value
    return policy.policy_id, enforcement, policy.severity.value
