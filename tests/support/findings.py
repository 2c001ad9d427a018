"""A built report with a finding of every kind, and how the tools of CI systems read them."""

from __future__ import annotations

import io
from typing import Final

from msgspec import Struct, structs

from lakewarden.model.decision import (
    Decision,
    Enforcement,
    Exemption,
    Missing,
    Outcome,
    Severity,
    Violation,
)
from lakewarden.model.report import TableReport
from lakewarden.renderers import renderer
from lakewarden_collector.document import Definition
from tests.support import fixable, reports
from tests.support.fixable import KEY_LIMIT, SINGLE, STRATEGY

WAIVER: Final = Exemption(
    kind="waiver",
    reason="The vendor's loader rewrites it every night.",
    owner="web",
    approved_by="Head of Data",
    ticket="DATA-7",
    expires="2027-03-31",
)


def every_kind() -> reports.Sample:
    """Return a report with a finding of each kind; of two tables nothing is known."""
    returns = "main.sales.returns"
    loose = f"{returns} holds 5.0 GiB and has no clustering strategy."
    two = (
        Violation(message="The key day isn't a column.", key="day", expected=[], actual="day"),
        Violation(message="The key eu{0} isn't a column.", key="eu{0}"),
    )
    denied = Missing(kind="size", status="denied", reason="403: no SELECT on the table")
    failed = fixable.failing("It has no clustering strategy.")
    rows = [
        fixable.table("main.sales.fine", {}),
        fixable.table(
            returns,
            {
                STRATEGY: fixable.failing(
                    loose,
                    fixable.cluster(returns, "AUTO", "Let Databricks choose the keys"),
                    fixable.cluster(returns),
                ),
                SINGLE: fixable.failing(f"{returns} has two strategies."),
            },
            size=5 * 2**30,
        ),
        structs.replace(
            fixable.table(
                "main.sales.late",
                {KEY_LIMIT: Decision(outcome=Outcome.FAIL, violations=two)},
                owner="",
            ),
            size={},
            definition=Definition(
                tool="terraform",
                address='databricks_sql_table.late["eu"]',
                file="./modules/sales, eu/main.tf",
                line=12,
                action="create",
            ),
        ),
        fixable.table(
            "main.web.clicks",
            {
                STRATEGY: Decision(
                    outcome=Outcome.EXEMPT,
                    exemptions=(WAIVER,),
                    violations=failed.violations,
                    would_be=Outcome.FAIL,
                )
            },
            owner=None,
        ),
        fixable.table(
            "main.web.unsure",
            {
                STRATEGY: Decision(outcome=Outcome.UNKNOWN, missing=(denied,)),
                KEY_LIMIT: Decision(outcome=Outcome.UNKNOWN, missing=(denied,)),
                SINGLE: Decision(outcome=Outcome.UNKNOWN, missing=(denied,)),
            },
        ),
        fixable.table(
            "main.web.broken",
            {SINGLE: Decision(outcome=Outcome.ERROR, reasons=("It proves pass and deny.",))},
        ),
    ]
    sample = reports.sample(0, failures=2)
    return with_rows(sample, rows)


def with_rows(sample: reports.Sample, rows: list[TableReport]) -> reports.Sample:
    """Return the report with other tables."""
    reports.count(sample, rows)
    return sample


def complete(rows: list[TableReport]) -> reports.Sample:
    """Return a report of a run that read all there is."""
    sample = reports.sample(0, failures=0)
    sample.run = reports.run(notices=())
    sample.waivers = ()
    return with_rows(sample, rows)


def many(number: int, message: str = "It has none.") -> reports.Sample:
    """Return a report of as many failing tables, the largest last."""
    failed = fixable.failing(message)
    return complete(
        [
            fixable.table(f"main.sales.t{each:06}", {STRATEGY: failed}, size=each + 1)
            for each in range(number)
        ]
    )


def overridden(decision: Decision, severity: Severity, enforcement: Enforcement) -> Decision:
    """Return a decision for which an override changed severity and enforcement."""
    return structs.replace(decision, severity=severity, enforcement=enforcement)


def written(sample: reports.Sample, kind: str) -> str:
    """Return the report in a format."""
    out = io.StringIO()
    renderer(kind).render(sample, out)
    return out.getvalue()


class Command(Struct, frozen=True):
    """A workflow command, as GitHub's runner reads it."""

    name: str
    properties: dict[str, str]
    message: str


def commands(log: str) -> list[Command]:
    """Read a log as GitHub's runner does: both forms of commands, line by line.

    A line is a command if it begins with `::`, blanks aside, or has `##[` anywhere.
    """
    found = []
    for line in log.splitlines():
        text = line.lstrip()
        if text.startswith("::") and "::" in text[2:]:
            head, _, data = text[2:].partition("::")
            name, _, stated = head.partition(" ")
            pairs = [each.split("=", 1) for each in stated.strip().split(",") if each]
            properties = {key: _unescaped(value, *"\r\n:,%") for key, value in pairs}
            found.append(Command(name, properties, _unescaped(data, *"\r\n%")))
        elif "##[" in text:
            found.append(Command(text.partition("##[")[2], {}, ""))
    return found


def _unescaped(text: str, *letters: str) -> str:
    for letter in letters:
        text = text.replace(f"%{ord(letter):02X}", letter)
    return text
