"""The report's decisions as CSV, a row each, for spreadsheets and whatever reads tables.

Quoted as RFC 4180 has it, UTF-8 without a byte order mark. A spreadsheet takes a cell that begins
like a formula for one, and some formulas start programs: such a cell gets an apostrophe before it.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from typing import Any, Final, TextIO

from lakewarden.model.decision import Decision, Exemption
from lakewarden.model.policy import Policy
from lakewarden.model.report import Completeness, Report, TableReport
from lakewarden.model.waiver import WaiverKind
from lakewarden.renderers.words import proof, wording
from lakewarden.renderers.words.completeness import NOTHING
from lakewarden.renderers.words.table_scan import place_of
from lakewarden.report.amounts import bytes_of
from lakewarden.report.summary import owner_group
from lakewarden.report.table_status import enforcement_of, severity_of

COLUMNS: Final = (
    *("clock", "full_name", "catalog_name", "schema_name", "name", "table_type"),
    *("data_source_format", "owner", "bytes", "policy_id", "title", "severity", "enforcement"),
    *("override", "outcome", "would_be", "why", "expected", "actual", "key", "fix", "fix_sql"),
    *("waiver_owner", "waiver_approved_by", "waiver_ticket", "waiver_starts", "waiver_expires"),
    "waiver_kind",
    *("baseline_since", "place"),
)
NOT_EVALUATED: Final = "not_evaluated"
"""The outcome of what couldn't be read: the report's decisions say nothing about it."""

_FORMULA: Final = re.compile(r"""[\t\n\r]|[\s"'`\\]*[=+\-@\uff1d\uff0b\uff0d\uff20]""")
"""How a cell begins that a spreadsheet may calculate, be it after blanks or quotes."""


class CsvRenderer:
    """Writes what couldn't be read, then every decision of every table, in the report's order."""

    format = "csv"

    def render(self, report: Report, out: TextIO) -> None:
        """Write the rows, a table's at a time."""
        writer = csv.writer(out, quoting=csv.QUOTE_ALL)
        writer.writerow(COLUMNS)
        clock = cell(report.run.clock)
        for row in _unread(report.completeness):
            values = {"clock": clock, "outcome": NOT_EVALUATED, **row}
            writer.writerow([values.get(column, "") for column in COLUMNS])
        index = {policy.policy_id: policy for policy in report.policies}
        words = {each: [cell(each), cell(policy.title)] for each, policy in index.items()}
        for table in report.tables():
            own = [clock, *_table(table)]
            place = cell(place_of(table))
            for policy_id, decision in table.decisions.items():
                proven = _decision(table, index[policy_id], decision)
                writer.writerow([*own, *words[policy_id], *proven, place])


def cell(value: str | int | None) -> str:
    """Return a value as it stands in its cell, before quoting; None is an empty cell."""
    if not isinstance(value, str):
        return "" if value is None else str(value)
    if not value:
        return value
    shown = wording.visible(value, keep="\n\t")
    return f"'{shown}" if _FORMULA.match(shown) else shown


_NO_WAIVER: Final = Exemption(kind="", reason="")


def _unread(completeness: Completeness) -> Iterator[dict[str, str]]:
    """Yield the cells of what is missing, by column."""
    for each in completeness.failures:
        whole = "" if each.covers == "table" else f"All of this {each.covers}: "
        yield {
            "full_name": cell(each.what),
            "why": cell(f"{whole}{each.reason}"),
            "fix": cell(each.remedy),
            "place": cell(each.where),
        }
    for reason in completeness.reasons:
        yield {"why": cell(reason)}
    if completeness.complete and not completeness.tables_evaluated:
        yield {"why": f"There was {NOTHING}."}


def _table(table: TableReport) -> Iterator[str]:
    """Yield the cells from `full_name` to `bytes`."""
    names = (table.full_name, table.catalog_name, table.schema_name, table.name)
    kinds = (table.table_type, table.data_source_format)
    return map(cell, (*names, *kinds, owner_group(table.owner), bytes_of(table)))


def _decision(table: TableReport, policy: Policy, decision: Decision) -> Iterator[str]:
    """Yield the cells from `severity` to `baseline_since`."""
    yield str(severity_of(policy, decision))
    yield str(enforcement_of(policy, decision))
    yield cell(decision.override)
    yield str(decision.outcome)
    yield str(decision.would_be or "")
    yield cell(proof.why(decision))
    violations = decision.violations
    yield _lined([each.expected for each in violations])
    yield _lined([each.actual for each in violations])
    yield _lined([each.key for each in violations])
    yield _joined(proof.remedies(table, policy, decision))
    best = (each.fixes[0] for each in proof.sql_fixes(table, decision))
    yield _joined(f"{statement};" for fix in best for statement in fix.sql)
    waiver = next((each for each in decision.exemptions if each.expires), _NO_WAIVER)
    yield from map(cell, (waiver.owner, waiver.approved_by, waiver.ticket, waiver.starts))
    yield cell(waiver.expires)
    yield str(waiver.waiver_kind or WaiverKind.ACCEPTED) if waiver.expires else ""
    known = {each.key: each.since for each in decision.baseline}
    yield cell("\n".join(known.get(each.key, "") for each in violations) if known else "")


def _lined(things: list[Any]) -> str:
    """Return a line for each violation; empty where none of them has such a thing."""
    stated = any(each is not None for each in things)
    return cell("\n".join(map(wording.value, things))) if stated else ""


def _joined(texts: Iterable[str]) -> str:
    return cell("\n".join(text for text in texts if text))
