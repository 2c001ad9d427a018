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
from lakewarden.renderers.words import proof, wording
from lakewarden.report.amounts import bytes_of
from lakewarden.report.summary import owner_group
from lakewarden.report.table_status import enforcement_of, severity_of

COLUMNS: Final = (
    *("clock", "full_name", "catalog_name", "schema_name", "name", "table_type"),
    *("data_source_format", "owner", "bytes", "policy_id", "title", "severity", "enforcement"),
    *("override", "outcome", "would_be", "why", "expected", "actual", "key", "fix", "fix_sql"),
    *("waiver_owner", "waiver_approved_by", "waiver_ticket", "waiver_expires"),
    "place",
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
        for row in _rows(report):
            writer.writerow([cell(row.get(column)) for column in COLUMNS])


def cell(value: str | int | None) -> str:
    """Return a value as it stands in its cell, before quoting; None is an empty cell."""
    if value is None or isinstance(value, int):
        return "" if value is None else str(value)
    shown = wording.visible(value, keep="\n\t")
    return f"'{shown}" if _FORMULA.match(shown) else shown


_NO_WAIVER: Final = Exemption(kind="", reason="")
_Row = dict[str, str | int | None]


def _rows(report: Report) -> Iterator[_Row]:
    clock = report.run.clock
    for row in _unread(report.completeness):
        yield {"clock": clock, "outcome": NOT_EVALUATED, **row}
    index = {policy.policy_id: policy for policy in report.policies}
    for table in report.tables():
        own = {"clock": clock, **_table(table)}
        for policy_id, decision in table.decisions.items():
            yield own | _decision(table, index[policy_id], decision)


def _unread(completeness: Completeness) -> Iterator[_Row]:
    for each in completeness.failures:
        whole = "" if each.covers == "table" else f"All of this {each.covers}: "
        yield {
            "full_name": each.what,
            "why": f"{whole}{each.reason}",
            "fix": each.remedy,
            "place": each.where,
        }
    for reason in completeness.reasons:
        yield {"why": reason}


def _table(table: TableReport) -> _Row:
    return {
        "full_name": table.full_name,
        "catalog_name": table.catalog_name,
        "schema_name": table.schema_name,
        "name": table.name,
        "table_type": table.table_type,
        "data_source_format": table.data_source_format,
        "owner": owner_group(table.owner),
        "bytes": bytes_of(table),
        "place": table.definition.place if table.definition else None,
    }


def _decision(table: TableReport, policy: Policy, decision: Decision) -> _Row:
    violations = decision.violations
    waiver = next((each for each in decision.exemptions if each.expires), _NO_WAIVER)
    return {
        "policy_id": policy.policy_id,
        "title": policy.title,
        "severity": str(severity_of(policy, decision)),
        "enforcement": str(enforcement_of(policy, decision)),
        "override": decision.override,
        "outcome": str(decision.outcome),
        "would_be": str(decision.would_be) if decision.would_be else None,
        "why": proof.why(decision),
        "expected": _joined(_text(each.expected) for each in violations),
        "actual": _joined(_text(each.actual) for each in violations),
        "key": _joined(each.key for each in violations),
        "fix": _joined(proof.remedies(table, policy, decision)),
        "fix_sql": _joined(
            f"{sql};" for each in violations if each.fixes for sql in each.fixes[0].sql
        ),
        "waiver_owner": waiver.owner,
        "waiver_approved_by": waiver.approved_by,
        "waiver_ticket": waiver.ticket,
        "waiver_expires": waiver.expires,
    }


def _text(thing: Any) -> str | None:  # noqa: ANN401 -- whatever a policy says
    return None if thing is None else wording.value(thing)


def _joined(texts: Iterable[str | None]) -> str:
    return "\n".join(text for text in texts if text)
