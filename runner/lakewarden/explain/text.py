"""An explanation as text: first why each decision is what it is, then what it rests on."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final

from msgspec import structs
from rich.text import Text

from lakewarden.evaluation.effective_rules import EffectiveValue, Giver
from lakewarden.explain.candidates import Patch, Setting
from lakewarden.explain.explanation import (
    ChangedValue,
    ExplainedChange,
    ExplainedDecision,
    ExplainedFlip,
    ExplainedTable,
    Explanation,
    Since,
)
from lakewarden.explain.value_lines import show_value, show_waiver, shown_config, shown_place
from lakewarden.model.decision import Decision, Enforcement, Outcome, Violation
from lakewarden.renderers.console.about_table import about_pairs, show_exemption, show_facts
from lakewarden.renderers.console.fixing import OUTCOME_STYLES
from lakewarden.renderers.console.layout import Sheet
from lakewarden.renderers.words import wording
from lakewarden.renderers.words.diff import CAUSES
from lakewarden.renderers.words.proof import missing_evidence
from lakewarden.renderers.words.wording import OUTCOMES, utc, visible
from lakewarden_collector.counted import counted

SHOWN_FLIPS: Final = 3
"""How many changes of the table are shown; of settings it's one fewer."""
_BRIEF: Final = (Outcome.PASS, Outcome.NOT_APPLICABLE)
"""Outcomes that get one line each where nobody named their policy."""

_LARGE: Final = 1024
_ID: Final = 12
_LINE: Final = 2
_DETAIL: Final = 4
_MORE: Final = 6


def show_explanation(sheet: Sheet, found: Explanation, *, whole: bool) -> None:
    """Write an explanation; `whole` has everything about every decision."""
    if found.decided.config:
        found = _below(found, f"{found.decided.config}/")
    counts = {
        outcome: [each for each in found.decisions if each.decision.outcome is outcome]
        for outcome in OUTCOME_STYLES
    }
    summary = ", ".join(f"{len(some):,} {OUTCOMES[each]}" for each, some in counts.items() if some)
    sheet.line(Text.assemble((visible(found.full_name), "bold"), f": {summary or 'no decision'}"))
    run = f" (run {found.decided.run_id})" if found.decided.run_id else ""
    sheet.line(
        f"Decided {utc(found.decided.clock)} by {found.decided.engine.name} "
        f"{found.decided.engine.version}, from {found.decided.origin}{run}."
    )
    if found.decided.config:
        sheet.line(f"Settings and waivers: {shown_config(found.decided.config)}.")
    for note in found.notes:
        sheet.line(note, style="yellow")
    for outcome, some in counts.items():
        if some and (whole or outcome not in _BRIEF):
            for each in some:
                _decision(sheet, each, whole=whole)
    if not whole:
        brief = [each for outcome in _BRIEF for each in counts[outcome]]
        _brief(sheet, brief, others=len(brief) < len(found.decisions))
    _table(sheet, found.table, found)
    _waivers(sheet, found)


def _decision(sheet: Sheet, found: ExplainedDecision, *, whole: bool) -> None:
    outcome = found.decision.outcome
    until = f" until {found.advisory_until}" if found.advisory_until else ""
    strictly = Enforcement.ADVISORY if found.advisory_until else found.enforcement
    sheet.heading(
        f"{found.policy_id}: {OUTCOMES[outcome]} ({found.severity}, {strictly}{until})",
        style=OUTCOME_STYLES[outcome],
    )
    if found.title != found.policy_id:
        sheet.line(visible(found.title), indent=_LINE, style="dim")
    _proof(sheet, found.decision)
    if found.step.number and whole:
        step = found.step
        sheet.line(f"Decided by step {step.number}, {step.set}: {step.why}.", indent=_LINE)
    if found.not_exempt:
        sheet.line("Not exempt; the policy would exempt:", indent=_LINE)
        for each in found.not_exempt:
            sheet.line(visible(each), indent=_DETAIL, hang=_LINE)
    if found.since:
        _since(sheet, found.since)
    _flips(sheet, found)
    _settings(sheet, found, whole=whole)


def _proof(sheet: Sheet, decision: Decision) -> None:
    for violation in decision.violations:
        _violation(sheet, violation)
    for reason in decision.reasons:
        sheet.line(visible(reason), indent=_LINE)
    for missing in decision.missing:
        sheet.line(visible(f"Not known: {missing_evidence(missing)}"), indent=_LINE)
    for exemption in decision.exemptions:
        show_exemption(sheet, exemption, indent=_LINE)
    if decision.would_be:
        sheet.line(f"Without the exemption: {OUTCOMES[decision.would_be]}", indent=_LINE)


def _violation(sheet: Sheet, violation: Violation) -> None:
    if violation.message or violation.key:
        sheet.line(visible(violation.message or f"about {violation.key}"), indent=_LINE)
    for label, thing in (("expected", violation.expected), ("actual", violation.actual)):
        if thing is not None:
            sheet.line(f"{label}: {visible(wording.value(thing))}", indent=_DETAIL)


def _since(sheet: Sheet, since: Since) -> None:
    run = f"the run of {utc(since.clock)} ({since.run_id[:_ID]})" if since.run_id else "this run"
    if since.previous_outcome is None:
        sheet.line(f"So since {run}, the first that the history has, or earlier.", indent=_LINE)
    else:
        before = OUTCOMES[Outcome(since.previous_outcome)]
        sheet.line(
            f"So since {run}. In the run before, of {utc(since.previous_clock or '')}: {before}.",
            indent=_LINE,
        )
        sheet.line(_causes(since), indent=_LINE)
    for each in since.changed:
        sheet.line(visible(_changed(each)), indent=_DETAIL, hang=_LINE)
    if since.first_failed_at:
        again = f" It came back {counted(since.reopened, 'time')}." if since.reopened else ""
        first = utc(since.first_failed_at)
        sheet.line(f"It failed first in the run of {first}.{again}", indent=_LINE)


def _causes(since: Since) -> str:
    names = [CAUSES[each] for each in since.causes]
    how = ", as deciding again shows" if since.decided_again else ""
    if not names:
        return "What changed it isn't known: no input of the two runs differs."
    if len(names) == 1:
        return f"Changed by {names[0]}{how}."
    verb = "Changed by" if since.decided_again else "Changed by one or more of"
    return f"{verb} {', '.join(names)}{how}."


def _changed(change: ChangedValue) -> str:
    before, after = (
        "absent" if each is None else wording.value(each) for each in (change.before, change.after)
    )
    return f"{change.name}: {before} -> {after}"


def _flips(sheet: Sheet, found: ExplainedDecision) -> None:
    of_settings = [each for each in found.flips if any(map(_is_setting, each.changes))]
    of_table = [each for each in found.flips if each not in of_settings]
    shown = [*of_table[:SHOWN_FLIPS], *of_settings[: SHOWN_FLIPS - 1]]
    if shown:
        sheet.line("What would change it, the smallest first:", indent=_LINE)
    for each in shown:
        sheet.line(visible(_flip(each)), indent=_DETAIL, hang=_LINE)
    if more := len(found.flips) - len(shown):
        sheet.line(f"and {more:,} more, in --format json", indent=_DETAIL, style="dim")
    if found.flips_searched and not found.flips:
        sheet.line("Nothing that was tried, alone or in pairs, would change it.", indent=_LINE)


def _is_setting(change: ExplainedChange) -> bool:
    return isinstance(change.what, Setting)


def _flip(flip: ExplainedFlip) -> str:
    return f"{' and '.join(map(_change, flip.changes))} -> {OUTCOMES[Outcome(flip.outcome)]}"


def _change(change: ExplainedChange) -> str:
    what = change.what
    if isinstance(what, Patch):
        return what.title
    where = shown_place(change.where) if change.where else ""
    now = f"now {_plain(what.now)}{f', {where}' if where else ''}"
    return f"set {what.setting} to {_plain(what.value)}{_size(what)} ({now})"


def _size(change: Setting) -> str:
    """Say of a number of bytes how much it is, where that is easier to read."""
    value = change.value
    if not change.setting.endswith("_bytes") or not isinstance(value, int) or value < _LARGE:
        return ""
    return f", {wording.size(value)}"


def _plain(value: Any) -> str:  # noqa: ANN401 -- a setting of any type
    return json.dumps(value, ensure_ascii=False)


def _settings(sheet: Sheet, found: ExplainedDecision, *, whole: bool) -> None:
    shown = {name: each for name, each in found.settings.items() if whole or _is_changed(each)}
    for label, given in (
        ("enforcement", found.enforcement_given),
        ("severity", found.severity_given),
    ):
        if given:
            show_value(sheet, f"{label}: ", given, indent=_LINE, plain=True)
    if shown:
        sheet.line("Settings that it reads:", indent=_LINE)
    for name, each in shown.items():
        show_value(sheet, f"{name}: ", each, indent=_DETAIL)
    if (rest := len(found.settings) - len(shown)) and not whole:
        others = counted(rest, "other setting" if shown else "setting")
        has = "has its default" if rest == 1 else "have their defaults"
        sheet.line(f"{others} that it reads {has}.", indent=_LINE, style="dim")


def _is_changed(value: EffectiveValue) -> bool:
    """Whether a setting differs from its default, or an override gives it."""
    default = value.replaced[-1] if value.replaced else value
    return value.by is Giver.OVERRIDE or value.value != default.value


def _brief(sheet: Sheet, decisions: Sequence[ExplainedDecision], *, others: bool) -> None:
    if not decisions:
        return
    sheet.heading("The other policies" if others else "Policies")
    for found in decisions:
        why = " ".join(found.decision.reasons)
        outcome = OUTCOMES[found.decision.outcome]
        sheet.line(visible(f"{found.policy_id}: {outcome}. {why}"), indent=_LINE, hang=_LINE)


def _table(sheet: Sheet, table: ExplainedTable, found: Explanation) -> None:
    sheet.heading("The table")
    sheet.pairs(about_pairs(table))
    for each in table.evidence:
        reason = f": {each.reason}" if each.reason else ""
        sheet.line(visible(f"{wording.lack(each.evidence, each.status)}{reason}"), indent=_LINE)
    show_facts(sheet, table, found.fact_labels)


def _waivers(sheet: Sheet, found: Explanation) -> None:
    if not (found.waivers or found.near_waivers):
        return
    sheet.heading("Waivers")
    for waiver in found.waivers:
        show_waiver(sheet, waiver)
    for near in found.near_waivers:
        waiver = near.waiver
        sheet.line(visible(f"{shown_place(waiver.where)}: doesn't apply, {near.why}"), indent=_LINE)
        sheet.line(visible(waiver.reason), indent=_MORE, hang=_LINE)


def _below(found: Explanation, folder: str) -> Explanation:
    """Return the explanation with the places in a folder named as they are within it."""

    def short(where: str) -> str:
        return where.removeprefix(folder)

    def value(given: EffectiveValue) -> EffectiveValue:
        replaced = tuple(structs.replace(e, where=short(e.where)) for e in given.replaced)
        return structs.replace(given, where=short(given.where), replaced=replaced)

    def flip(each: ExplainedFlip) -> ExplainedFlip:
        changes = [structs.replace(c, where=short(c.where or "") or None) for c in each.changes]
        return structs.replace(each, changes=tuple(changes))

    return structs.replace(
        found,
        decisions=tuple(
            structs.replace(
                each,
                settings={name: value(of) for name, of in each.settings.items()},
                enforcement_given=each.enforcement_given and value(each.enforcement_given),
                severity_given=each.severity_given and value(each.severity_given),
                flips=tuple(map(flip, each.flips)),
            )
            for each in found.decisions
        ),
        waivers=tuple(structs.replace(each, where=short(each.where)) for each in found.waivers),
        near_waivers=tuple(
            structs.replace(
                near, waiver=structs.replace(near.waiver, where=short(near.waiver.where))
            )
            for near in found.near_waivers
        ),
    )
