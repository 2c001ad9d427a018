"""`lakewarden policies try`: one policy about one document, with every proof."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.text import Text

from lakewarden.commands.inputs import with_local_policies
from lakewarden.commands.output import Format, write_json
from lakewarden.commands.terminal import TerminalProgress
from lakewarden.engines.install.install import install_opa
from lakewarden.kit.chosen_document import choose_document, read_bytes
from lakewarden.kit.try_document import TriedPolicy, try_document
from lakewarden.model.clock import utc_now
from lakewarden.model.decision import Outcome
from lakewarden.model.errors import EXIT_INCOMPLETE
from lakewarden.options import ClockOptions
from lakewarden.options.policies import EffectivePolicyOptions, complete_policies
from lakewarden.renderers.safe_console import console
from lakewarden.renderers.words.enforcement import enforcement
from lakewarden.renderers.words.wording import OUTCOMES, value

_STYLES: Final = {
    Outcome.PASS: "green",
    Outcome.FAIL: "red",
    Outcome.ERROR: "bold red",
    Outcome.UNKNOWN: "yellow",
}
_MARGIN: Final = 16
_SHOWN: Final = ("message", "kind", "reason")
"""Keys of a proof that need no name to be understood."""


def try_policy(
    policies: EffectivePolicyOptions,
    clock: ClockOptions,
    policy_id: Annotated[
        str,
        typer.Argument(
            metavar="NAME",
            autocompletion=complete_policies,
            help="The policy's id, such as naming.short_columns.",
        ),
    ],
    document: Annotated[
        Path,
        typer.Argument(
            metavar="DOCUMENT.json",
            help="A file with a table document, or with many; - for standard input.",
        ),
    ],
    *,
    table: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Which table, where the file has several documents."),
    ] = None,
    output: Annotated[
        Format, typer.Option("--format", help="text for reading, json for programs.")
    ] = Format.TEXT,
) -> None:
    """Decide one table document by one policy, and show every proof that leads to the outcome.

    The document is JSON on any number of lines, or one of an inventory. Settings, waivers and the
    router are those of a run. Exits with 3 if the policy is in error, else with 0.

        lakewarden policies try naming.short_columns inventory.ndjson --table main.sales.orders
    """
    named = str(document) == "-"
    text = sys.stdin.buffer.read() if named else read_bytes(document)
    name = "standard input" if named else str(document)
    chosen = choose_document(text, name, table, clock.now)
    effective = with_local_policies(policies)
    tried = try_document(
        install_opa(TerminalProgress().note).path,
        effective.roots,
        policy_id,
        chosen,
        config_dir=effective.config,
        clock=clock.now or utc_now(),
    )
    if output is Format.JSON:
        write_json(_plain(tried))
    else:
        _print(tried)
    if tried.decision.outcome is Outcome.ERROR:
        raise typer.Exit(EXIT_INCOMPLETE)


def _plain(tried: TriedPolicy) -> dict[str, Any]:
    policy, decision = tried.policy, tried.decision
    return {
        "policy_id": policy.policy_id,
        "full_name": tried.full_name,
        "severity": decision.severity or policy.severity,
        "enforcement": decision.enforcement or policy.enforcement,
        "switched_off": tried.switched_off,
        "decision": decision,
        "step": tried.step,
        "proofs": tried.proofs,
        "errors": tried.errors,
        "waived": tried.waived,
        "settings": tried.settings,
        "facts": tried.facts,
    }


def _print(tried: TriedPolicy) -> None:
    out = console()
    policy, decision = tried.policy, tried.decision
    outcome = (OUTCOMES[decision.outcome], _STYLES.get(decision.outcome, "bold"))
    out.print(Text.assemble(f"{policy.policy_id} about {tried.full_name}: ", outcome))
    for label, text in _summary(tried):
        out.print(_line(label, text))
    out.print("")
    for name, members in tried.proofs.items():
        for number, line in enumerate(_members(members)):
            out.print(_line("" if number else name, line))
    for name, text in tried.errors.items():
        for number, line in enumerate(text.splitlines()):
            out.print(_line("" if number else name, f"{'' if number else 'error: '}{line}"))
    read = policy.settings
    settings = {key: each for key, each in tried.settings.items() if read is None or key in read}
    for label, values in (("settings", settings), ("facts", tried.facts)):
        if values:
            out.print("")
        for number, (key, each) in enumerate(values.items()):
            out.print(_line("" if number else label, f"{key}: {value(each)}"))


def _summary(tried: TriedPolicy) -> Iterator[tuple[str, str]]:
    policy, decision, step = tried.policy, tried.decision, tried.step
    decided = f"{step.number}, {step.set}: {step.why}" if step.number else step.why
    yield "decided by step", decided
    if decision.would_be is not None:
        yield "would be", f"{OUTCOMES[decision.would_be]}, without the exemption"
    for exemption in decision.exemptions if tried.waived else ():
        if exemption.kind == "waiver":
            until = f" until {exemption.expires}" if exemption.expires else ""
            by = f", approved by {exemption.approved_by}" if exemption.approved_by else ""
            yield "waiver", f"{exemption.reason} (active{until}{by})"
    if tried.waived and not any(each.kind == "waiver" for each in decision.exemptions):
        yield "waiver", "one covers this table and isn't needed for this outcome"
    for missing in decision.missing:
        why = f": {missing.reason}" if missing.reason else ""
        yield "missing", f"{missing.kind}, {missing.status}{why}"
    for reason in decision.reasons if decision.outcome is Outcome.ERROR else ():
        yield "error", reason
    severity = decision.severity or policy.severity
    by = f", by the override for {decision.override}" if decision.override else ""
    yield "severity", f"{severity}, {enforcement(policy, decision)}{by}"
    if tried.switched_off:
        yield "turned off", "the settings say so, and a run doesn't decide it"


def _members(members: Any) -> Iterator[str]:  # noqa: ANN401 -- whatever a policy says
    if not isinstance(members, list):
        yield f"{value(members)} (not a set)"
        return
    if not members:
        yield "nothing"
    for member in members:
        yield from _member(member)


def _member(member: Any) -> Iterator[str]:  # noqa: ANN401 -- whatever a policy says
    if not isinstance(member, dict):
        yield value(member)
        return
    yield ": ".join(value(member[key]) for key in ("kind", "reason", "message") if key in member)
    for key, each in sorted(member.items(), key=lambda pair: pair[0] != "expected"):
        if key == "fixes" and isinstance(each, list):
            yield from _fixes(each)
        elif key not in _SHOWN:
            yield f"  {key}: {value(each)}"


def _fixes(fixes: list[Any]) -> Iterator[str]:
    for fix in fixes:
        if not isinstance(fix, dict):
            yield f"  fix: {value(fix)}"
            continue
        yield f"  fix: {value(fix.get('title', ''))}"
        statements = fix.get("sql", [])
        for statement in statements if isinstance(statements, list) else [statements]:
            yield f"    {value(statement)};"
        if fix.get("note"):
            yield f"    {value(fix['note'])}"


def _line(label: str, text: str) -> Text:
    return Text.assemble((f"  {label:<{_MARGIN}}", "dim"), text)
