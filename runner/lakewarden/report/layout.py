r"""How a report is laid out in its file, for the writer and the reader.

The file is one JSON object whose lines are chosen so that it can be written while tables are
still being decided, and read again without holding them:

    {"schema_version":1,
    "policies":[
    <one policy a line>
    ],
    "tables":[
    <one table a line>
    ],
    "completeness":…,
    "waivers":[…],
    "summary":…,
    "fact_labels":{…},
    "insight":…,
    "promises":…,
    "baseline":…,
    "history":…,
    "gate":…,
    "run":…}

`run` stands last because it alone differs between two runs over one input.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, Literal

import msgspec
from msgspec import Struct

from lakewarden.model.baseline import Baseline
from lakewarden.model.history import History
from lakewarden.model.insight import Insight
from lakewarden.model.judged_waivers import JudgedWaivers
from lakewarden.model.policy import Policy
from lakewarden.model.promises import Promises
from lakewarden.model.report import (
    SCHEMA_VERSION,
    Completeness,
    FactLabel,
    Gate,
    Report,
    Run,
    Summary,
    TableReport,
)
from lakewarden.model.waiver import WaiverStatus

VERSION: Final = b'{"schema_version":%d,\n' % SCHEMA_VERSION
POLICIES_OPEN: Final = b'"policies":[\n'
TABLES_OPEN: Final = b'"tables":[\n'
CLOSE: Final = b"],\n"

_encode: Final = msgspec.json.Encoder(order="deterministic").encode


class Tail(Struct, frozen=True, kw_only=True):
    """What is known only when the last table has been decided."""

    completeness: Completeness
    waivers: tuple[WaiverStatus, ...]
    summary: Summary
    fact_labels: dict[str, FactLabel] = {}
    insight: Insight | None = None
    promises: Promises | None = None
    baseline: Baseline | None = None
    history: History | None = None
    judged: JudgedWaivers | None = None
    gate: Gate
    run: Run


class ReportDocument(Struct, frozen=True, kw_only=True):
    """A whole report. Its tables are in the inventory's order; keys may come in any order."""

    schema_version: Literal[1]
    policies: tuple[Policy, ...]
    """The policy index: every policy that was evaluated."""
    tables: tuple[TableReport, ...]
    """Every table that was evaluated, in the inventory's order."""
    completeness: Completeness
    waivers: tuple[WaiverStatus, ...]
    """The waivers about policies of this run, in the order of their file."""
    summary: Summary
    fact_labels: dict[str, FactLabel] = {}
    """`<domain>.<fact>` to how it is shown, for the facts that their domain labels."""
    insight: Insight | None = None
    """Absent from reports of versions of Lakewarden without it."""
    promises: Promises | None = None
    """What plans left unknown, and what became of it; absent without `--promises`."""
    baseline: Baseline | None = None
    """What the baseline hides, and what of it is slack; absent without `--baseline`."""
    history: History | None = None
    """This run among the earlier ones; absent without `--history`."""
    judged: JudgedWaivers | None = None
    """What the policies about waivers decide; absent where there was no waiver to judge."""
    gate: Gate
    run: Run


def head(policies: Iterable[Policy]) -> bytes:
    """Return everything before the first table."""
    lines = b",\n".join(_encode(policy) for policy in policies)
    return b"".join(
        (
            VERSION,
            POLICIES_OPEN,
            lines + b"\n" if lines else b"",
            CLOSE,
            TABLES_OPEN,
        )
    )


def table(value: TableReport) -> bytes:
    """Return one table's JSON, on one line without its end."""
    return _encode(value)


def tail(value: Tail) -> bytes:
    """Return everything after the last table's JSON, its line end excepted."""
    parts = (
        b'"%b":%b' % (name.encode(), _encode(part))
        for name in value.__struct_fields__
        if (part := getattr(value, name)) is not None
    )
    return CLOSE + b",\n".join(parts) + b"}\n"


def pieces(report: Report) -> Iterator[bytes]:
    """Yield the file's bytes for `report`, a table at a time."""
    yield head(report.policies)
    before = b""
    for each in report.tables():
        yield before + table(each)
        before = b",\n"
    yield b"\n" if before else b""
    yield tail(
        Tail(
            completeness=report.completeness,
            waivers=report.waivers,
            summary=report.summary,
            fact_labels=report.fact_labels,
            insight=report.insight,
            promises=report.promises,
            baseline=report.baseline,
            history=report.history,
            judged=report.judged,
            gate=report.gate,
            run=report.run,
        )
    )
