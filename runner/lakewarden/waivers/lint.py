"""What is wrong with a file of waivers, as far as it can be told without a run."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import Final

from msgspec import Struct

from lakewarden.engines.interface import Engine
from lakewarden.model.decision import Enforcement, Outcome
from lakewarden.model.errors import ConfigurationError
from lakewarden.policy_set import PolicySet
from lakewarden.settings.waivers import (
    Waiver,
    disagree,
    index_waivers,
    is_expired,
    listed,
    read_waiver,
)
from lakewarden.settings.yaml_file import parse_yaml, read_utf8
from lakewarden.waivers.waiver_file import Located, TooLong, called
from lakewarden_collector.patterns import Pattern, fold

_UNDECIDED: Final = (Outcome.ERROR, Outcome.UNKNOWN)
_NAMES: Final = ("a.b.c", "xx.yy.zz")
"""Names without a character in common: a pattern that matches both matches any."""


class Fault(StrEnum):
    """What kind of thing is wrong."""

    INVALID = "invalid"
    """A run would end with it."""
    EXPIRED = "expired"
    TOO_LONG = "too-long"
    DUPLICATE = "duplicate"
    CONFLICTING = "conflicting"
    COVERS_ALL = "covers-all"
    POLICY = "policy"
    """It breaks a mandatory policy about waivers, or one ended in an error."""
    ADVISORY = "advisory"
    """It breaks a policy about waivers that is advisory, and isn't counted."""


class Finding(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that is wrong with one waiver."""

    fault: Fault
    where: str
    """File and line."""
    what: str
    remedy: str = ""


def lint(
    path: Path, policy_ids: Collection[str], clock: str, too_long: TooLong = lambda _: ""
) -> tuple[Finding, ...]:
    """Return what is wrong, in the order of the file; one that isn't there has nothing wrong.

    `too_long` says what the settings don't allow of a waiver's life.

    Raises `ConfigurationError` for a file that isn't a list of waivers at all.
    """
    if not path.is_file():
        return ()
    file = parse_yaml(path, read_utf8(path))
    findings, waivers = list[Finding](), list[Located]()
    for index, entry in enumerate(listed(file)):
        try:
            waiver = read_waiver(file, index, entry, policy_ids)
        except ConfigurationError as error:
            findings.append(
                Finding(
                    fault=Fault.INVALID,
                    where=error.where or str(path),
                    what=error.what,
                    remedy=error.remedy or "",
                )
            )
        else:
            where = file.where(("waivers", index))
            waivers.append(
                Located(waiver=waiver, where=where, index=index, too_long=too_long(waiver))
            )
    findings += _about(waivers, clock)
    return in_order(findings)


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return findings in the order of the file."""
    return tuple(sorted(findings, key=lambda each: _line(each.where)))


def _about(waivers: list[Located], clock: str) -> Iterator[Finding]:
    first: dict[tuple[str, str], Located] = {}
    yield from _conflicts([each for each in waivers if not is_expired(each.waiver.expires, clock)])
    for each in waivers:
        waiver = each.waiver
        if is_expired(waiver.expires, clock):
            yield Finding(
                fault=Fault.EXPIRED,
                where=each.where,
                what=f"{called(waiver)} expired on {waiver.expires}",
                remedy="Renew it by `lakewarden waivers renew`, or remove what has expired by "
                "`lakewarden waivers prune`.",
            )
            continue
        known = first.setdefault((waiver.policy, fold(each.target)), each)
        if known is not each:
            yield Finding(
                fault=Fault.DUPLICATE,
                where=each.where,
                what=f"{called(waiver)} is waived twice; the first time at {known.where}",
                remedy="Keep one of the two.",
            )
        if each.too_long:
            yield Finding(
                fault=Fault.TOO_LONG,
                where=each.where,
                what=f"{called(waiver)} isn't applied: {each.too_long.rstrip('.')}",
                remedy="Give it a start, and an end within the limit.",
            )
        if covers_all(waiver):
            yield Finding(
                fault=Fault.COVERS_ALL,
                where=each.where,
                what=f"{called(waiver)} covers every table",
                remedy="Name the tables that are meant, or switch the policy off in its settings.",
            )


def _conflicts(lasting: list[Located]) -> Iterator[Finding]:
    """Yield waivers that a pattern covers whose own waiver is of another owner or kind."""
    index = index_waivers([each.waiver for each in lasting])
    for each in lasting:
        for other in (lasting[place] for place in index.covering(each.target)):
            if fold(other.target) != fold(each.target) and disagree(each.waiver, other.waiver):
                yield Finding(
                    fault=Fault.CONFLICTING,
                    where=each.where,
                    what=f"{called(each.waiver)} is waived by the pattern {other.target}, too, "
                    f"for another owner or as another kind, at {other.where}",
                    remedy="Keep one approval for a table and policy.",
                )


def judge(rules: PolicySet, engine: Engine, clock: str) -> Iterator[Finding]:
    """Yield what the policies about waivers find in those that haven't expired.

    Raises `EngineError` where the engine is gone.
    """
    places = {
        id(waiver): place for waiver, place in zip(rules.waivers, rules.waiver_places, strict=True)
    }
    index = {each.policy_id: each for each in rules.about_waivers}
    for waiver, decisions in rules.waiver_judge(clock).decisions(engine, rules.waivers):
        for policy_id, decision in decisions.items():
            policy = index[policy_id]
            advisory = policy.enforcement is Enforcement.ADVISORY
            if decision.outcome is Outcome.FAIL:
                messages = [each.message for each in decision.violations]
            elif decision.outcome in _UNDECIDED:
                messages, advisory = [*decision.reasons], False
            else:
                continue
            for message in messages:
                yield Finding(
                    fault=Fault.ADVISORY if advisory else Fault.POLICY,
                    where=places[id(waiver)],
                    what=f"{policy_id}: {message.rstrip('.')}",
                    remedy=policy.remediation,
                )


def covers_all(waiver: Waiver) -> bool:
    """Return whether a waiver's pattern leaves no table out."""
    return isinstance(waiver.pattern, str) and all(map(Pattern(waiver.pattern).matches, _NAMES))


def _line(where: str) -> int:
    line = where.rpartition(":")[2]
    return int(line) if line.isdigit() else 0
