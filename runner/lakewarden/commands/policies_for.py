"""`lakewarden policies for`: what the settings make of one table, and which line says so."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Annotated, Final

import msgspec
import typer
from rich.cells import cell_len

from lakewarden.commands.inputs import with_local_policies
from lakewarden.commands.output import Format
from lakewarden.engines.bundle.stage import read_policies
from lakewarden.evaluation.effective_rules import (
    CoveringWaiver,
    DefaultPlaces,
    EffectivePolicy,
    EffectiveRules,
    EffectiveValue,
    GivenValue,
    Giver,
    TableRules,
)
from lakewarden.kit.policy_docs import annotated
from lakewarden.model.clock import utc_now
from lakewarden.model.decision import Enforcement
from lakewarden.model.errors import ConfigurationError
from lakewarden.model.policy import Policy
from lakewarden.model.waiver import WaiverState
from lakewarden.options import ClockOptions
from lakewarden.options.policies import PolicyOptions
from lakewarden.policy_set import PolicySet, choose_config, load_rules
from lakewarden.renderers.console.layout import Sheet, write_sheet
from lakewarden.renderers.safe_console import report_stream
from lakewarden.renderers.words.waivers import KINDS, WORDS
from lakewarden.renderers.words.wording import utc, visible
from lakewarden.resources import shipped_config
from lakewarden.settings.settings import SCHEMA_FILE
from lakewarden_collector.counted import counted
from lakewarden_collector.names import full_name

_INDENT: Final = 2
_DETAIL: Final = 6
_STYLES: Final = {
    WaiverState.PENDING: "",
    WaiverState.ACTIVE: "green",
    WaiverState.EXPIRING: "green",
    WaiverState.EXPIRED: "yellow",
}


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
    name = _name(table)
    options = with_local_policies(policies)
    modules = read_policies(options.roots)
    rules = load_rules(
        [annotated(module) for module in modules],
        policy_dirs=options.roots,
        patterns=options.policies,
        config_dir=options.config,
        local_config=options.local_config,
        clock=clock.now,
    )
    sources = {module.path: options.named(str(module.source)) for module in modules}
    found = _rules_of(name, clock.now or utc_now(), rules, options, sources)
    stream = report_stream("console" if output is Format.TEXT else "json")
    if output is Format.JSON:
        stream.write(f"{msgspec.json.format(msgspec.json.encode(found), indent=2).decode()}\n")
        return
    config = choose_config(options.config, None, sorted(rules.schemas), local=options.local_config)
    write_sheet(stream, partial(_fill, found=found, config=config))


def _name(text: str) -> str:
    """Return the name as documents have it; raises `ConfigurationError` for what can't be one."""
    if "*" in text:
        raise ConfigurationError(
            f"{text} is a pattern",
            where="policies for",
            remedy="Name one table, such as prod.sales.orders.",
        )
    try:
        return full_name(text)
    except ValueError as error:
        raise ConfigurationError(
            f"{text} isn't a full name", where="policies for", remedy=str(error)
        ) from error


def _rules_of(
    name: str, clock: str, rules: PolicySet, options: PolicyOptions, sources: Mapping[str, str]
) -> EffectiveRules:
    places = DefaultPlaces(
        policies={each.policy_id: sources[each.path] for each in rules.declared},
        schemas={
            domain: options.named(str(path))
            for root in options.roots
            for domain in rules.schemas
            if (path := Path(root, "lakewarden", "tables", domain, SCHEMA_FILE)).is_file()
        },
    )
    about = TableRules(rules.declared, rules.settings, rules.variants, rules.schemas, places)
    return about.of(
        name,
        clock,
        names=_settings_read(rules, rules.declared if options.policies else None),
        waivers=tuple(zip(rules.waivers, rules.waiver_places, rules.waiver_limits, strict=True)),
    )


def _settings_read(rules: PolicySet, policies: Sequence[Policy] | None) -> dict[str, set[str]]:
    """Return by domain the settings that policies read; None for all settings of all domains."""
    known = {domain: {*schema["properties"]} for domain, schema in rules.schemas.items()}
    if policies is None:
        return {domain: names for domain, names in known.items() if names}
    read: dict[str, set[str]] = {}
    for policy in policies:
        domain = policy.policy_id.partition(".")[0]
        names = known[domain] if policy.settings is None else known[domain] & {*policy.settings}
        read[domain] = read.get(domain, set()) | names
    return {domain: names for domain, names in read.items() if names}


def _fill(sheet: Sheet, found: EffectiveRules, config: Path) -> None:
    off = sum(each.enforcement.value == Enforcement.OFF for each in found.policies)
    applying = counted(len(found.policies) - off, "policy")
    verb = "applies" if len(found.policies) - off == 1 else "apply"
    also = f", {off:,} {'is' if off == 1 else 'are'} off" if off else ""
    sheet.line(f"{found.full_name}: {applying} {verb}{also}", style="bold")
    shipped = config == shipped_config()
    place = "the defaults that ship with Lakewarden" if shipped else str(config)
    sheet.line(f"Settings and waivers: {place}. Clock: {utc(found.now)}.")
    sheet.heading("Policies")
    _policies(sheet, found.policies)
    for domain, settings in found.settings.items():
        sheet.heading(f"Settings of {domain}")
        for name, value in settings.items():
            _value(sheet, f"{name}: ", value, indent=_INDENT)
    sheet.heading("Waivers that name it")
    for waiver in found.waivers:
        _waiver(sheet, waiver)
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
                _value(sheet, f"{label}: ", value, indent=_DETAIL, plain=True)


def _columns(policy: EffectivePolicy) -> tuple[str, str, str]:
    until = policy.advisory_until
    enforcement = f"advisory until {until}" if until else policy.enforcement.value
    return policy.policy_id, enforcement, policy.severity.value


def _value(
    sheet: Sheet, label: str, value: EffectiveValue, *, indent: int, plain: bool = False
) -> None:
    """Write a value with its place, and below it what it replaces.

    A policy's values are `plain` words; settings are written as YAML and JSON both have them.
    """
    sheet.line(f"{label}{_given(value, plain=plain)}", indent=indent, hang=_INDENT)
    for each in _worth_naming(value):
        text = f"replaces {_given(each, plain=plain)}"
        sheet.line(text, style="dim", indent=indent + _INDENT, hang=_INDENT)


def _worth_naming(value: EffectiveValue) -> Iterator[GivenValue]:
    """Yield the overrides that a value replaces, and of the rest what differs from the next."""
    after: GivenValue = value
    for each in value.replaced:
        if each.by is Giver.OVERRIDE or each.value != after.value:
            yield each
        after = each


def _given(given: GivenValue, *, plain: bool) -> str:
    if given.by is Giver.DEFAULT:
        place = "the policy's own" if plain else "default"
    elif given.by is Giver.FILE:
        place = _shown(given.where)
    else:
        place = f"{_shown(given.where)}, override for {', '.join(given.matched)}"
    words = given.value if plain else json.dumps(given.value, ensure_ascii=False)
    return f"{words} ({place})"


def _shown(where: str) -> str:
    """Return a place; of a file that ships with Lakewarden, only the name counts for a reader."""
    path = Path(where)
    return f"shipped {path.name}" if path.parent == shipped_config() else where


def _waiver(sheet: Sheet, waiver: CoveringWaiver) -> None:
    until = {
        WaiverState.EXPIRED: f", valid until {waiver.expires}",
        WaiverState.PENDING: f", valid from {waiver.starts} until {waiver.expires}",
    }.get(waiver.state, f" until {waiver.expires}")
    state = f"{WORDS[waiver.state]}{until}"
    style = "yellow" if waiver.too_long else _STYLES[waiver.state]
    sheet.line(f"{waiver.policy}: {state}", style=style, indent=_INDENT)
    named = f"table {waiver.table}" if waiver.table else f"pattern {waiver.pattern}"
    kind = KINDS[waiver.kind]
    ticket = f", ticket {waiver.ticket}" if waiver.ticket else ""
    for text in (
        f"{_shown(waiver.where)}, {named}",
        f"{kind}, owner {waiver.owner}, approved by {waiver.approved_by}{ticket}",
        waiver.reason,
        *([f"It isn't applied. {waiver.too_long}"] if waiver.too_long else []),
    ):
        sheet.line(text, indent=_DETAIL, hang=_INDENT)
