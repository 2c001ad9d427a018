"""Why decisions are unknown, in words: what evidence is missing, how, and what to do."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from lakewarden.model.promises import Promise, Promises
from lakewarden.renderers.words import wording
from lakewarden.renderers.words.table_scan import Survey
from lakewarden_collector.counted import counted


class LackingEvidence(Struct, frozen=True, kw_only=True):
    """One kind of evidence that is missing in one way; texts of others are as they came."""

    line: str
    reason: str
    """The one reason there is, or empty."""
    reasons: tuple[str, ...]
    """Several reasons with their numbers of tables, a line each."""
    remedy: str
    definitions: tuple[tuple[str, str], ...]
    """Some planned tables that lack it: name, and the place of the definition."""


def lacking_evidence(found: Survey) -> Iterator[LackingEvidence]:
    """Yield what is missing, that of the most tables first."""
    for (kind, status), lack in found.lacks.items():
        reasons, rest = lack.reasons(), lack.rest()
        alone = len(reasons) == 1 and not rest
        lines = [
            f"{counted(tables, 'table')}: {reason or wording.NO_REASON}"
            for reason, tables in reasons
        ]
        if rest:
            lines.append(f"… and {counted(rest, 'table')} for other reasons")
        yield LackingEvidence(
            line=f"{counted(lack.tables, 'table')}: {wording.lack(kind, status)}",
            reason=reasons[0][0] if alone else "",
            reasons=() if alone else tuple(lines),
            remedy=wording.EVIDENCE_REMEDIES.get(status, ""),
            definitions=tuple(lack.definitions),
        )


def promises_kept(promises: Promises) -> str:
    """Count the promises: `12 promised, 9 settled, 1 broken, 2 open`."""
    return (
        f"{promises.promised:,} promised, {promises.settled:,} settled, "
        f"{promises.broken:,} broken, {promises.open:,} open"
    )


def promised(promise: Promise) -> str:
    """Say what was promised, by what and when: `the owner, promised … by commit …; declared: …`."""
    evidence = ", ".join(map(wording.evidence, promise.evidence))
    by = f" by commit {promise.commit}" if promise.commit else ""
    place = promise.definition.place
    declared = f"; declared: {place}" if place else ""
    return f"{evidence}, promised {wording.utc(promise.promised_at)}{by}{declared}"
