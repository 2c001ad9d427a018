"""Sample reports for tests: a plausible estate, hostile names, and hypothesis strategies."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from msgspec import structs

from lakewarden.model.baseline import Baseline
from lakewarden.model.decision import (
    Decision,
    Enforcement,
    Exemption,
    Fix,
    Missing,
    Outcome,
    Severity,
    Violation,
)
from lakewarden.model.history import History
from lakewarden.model.insight import Insight
from lakewarden.model.judged_waivers import JudgedWaivers
from lakewarden.model.policy import Policy, WhatIfAsked
from lakewarden.model.promises import Promise, Promises, PromiseStatus
from lakewarden.model.report import (
    Completeness,
    Digests,
    EngineInfo,
    FactLabel,
    Gate,
    Run,
    Summary,
    TableReport,
)
from lakewarden.model.waiver import WaiverCondition, WaiverKind, WaiverState, WaiverStatus
from lakewarden.report.file import ReportWriter
from lakewarden.report.summary import Tally
from lakewarden_collector.document import Definition
from lakewarden_collector.inventory import Failure
from tests.support.drawn_insights import insights

HOSTILE_NAMES = (
    "<script>document.title='owned'</script>",
    "\"quoted\" 'and' `ticked` & ampersand",
    "\u202eelbat\u202c right to left \u05d0\u05d1\u05d2",
    "n" * 300,
    "line\nbreak\tand \x1b[31mred\x1b[0m",
    "--><img src=x onerror=alert(1)>",
    "emoji \U0001f40b and 100%25 #hash?query",
    "</style></title></textarea>",
)


@dataclass
class Sample:
    """A report in memory."""

    run: Run
    completeness: Completeness
    summary: Summary
    gate: Gate
    policies: tuple[Policy, ...]
    rows: Sequence[TableReport]
    waivers: tuple[WaiverStatus, ...] = ()
    insight: Insight | None = None
    fact_labels: dict[str, FactLabel] = field(default_factory=dict)
    promises: Promises | None = None
    baseline: Baseline | None = None
    history: History | None = None
    judged: JudgedWaivers | None = None

    def tables(self) -> Iterator[TableReport]:
        yield from self.rows

    def write(self, path: Path) -> Path:
        """Write the JSON report and return its path."""
        with ReportWriter(path, policies=self.policies) as writer:
            for table in self.rows:
                writer.add(table)
            writer.finish(
                run=self.run,
                completeness=self.completeness,
                summary=self.summary,
                gate=self.gate,
                waivers=self.waivers,
                fact_labels=self.fact_labels,
                insight=self.insight,
                promises=self.promises,
                baseline=self.baseline,
                history=self.history,
                judged=self.judged,
            )
        return path


def policies() -> tuple[Policy, ...]:
    """Return five policies."""
    rows = [
        ("key_limit", "Tables have no more clustering keys than allowed", "medium", "mandatory"),
        ("keys_exist", "Clustering keys are columns of the table", "high", "mandatory"),
        ("no_exclusion_conflict", "No table is excluded and clustered", "medium", "mandatory"),
        ("single_strategy", "Tables have one clustering strategy", "low", "advisory"),
        ("strategy_required", "Large tables have a clustering strategy", "high", "mandatory"),
    ]
    return tuple(
        Policy(
            policy_id=f"clustering.{name}",
            title=title,
            description=f"{title}.\n\nWithout it, queries read more files than they need, and "
            "every reader pays for that on every query.",
            severity=Severity(severity),
            enforcement=Enforcement(enforcement),
            remediation="ALTER TABLE <table> CLUSTER BY AUTO;\nor set the table property "
            "`delta.autoOptimize.optimizeWrite`.",
            path=f"lakewarden/tables/clustering/{name}/{name}.rego",
        )
        for name, title, severity, enforcement in rows
    )


def run(**changes: str | tuple[str, ...]) -> Run:
    """Return where a sample report comes from."""
    values: dict[str, Any] = {
        "tool": "lakewarden",
        "tool_version": "0.1.0",
        "engine": EngineInfo(name="opa", version="1.22.2"),
        "digests": Digests(
            **{
                each: f"sha256:{number:064x}"
                for number, each in enumerate(("policies", "settings", "waivers", "inventory"), 10)
            }
        ),
        "clock": "2026-11-23T05:10:00Z",
        "started_at": "2026-11-23T05:10:01Z",
        "finished_at": "2026-11-23T05:10:04.512Z",
        "source": "demo",
        "scope": "every table of the demo lakehouse",
    }
    return Run(**(values | changes))


def decision(outcome: str, policy: str, random_: random.Random) -> Decision:
    """Return a decision with the proof that its outcome needs."""
    match outcome:
        case "fail":
            violation = Violation(
                message=f"the table does not meet {policy}: it has no clustering strategy and "
                "holds more than the threshold",
                expected={"strategy": ["liquid", "auto_optimize"], "threshold": 1073741824},
                actual="none",
            )
            return Decision(outcome=Outcome.FAIL, violations=(violation,))
        case "exempt":
            waiver = Exemption(
                kind="waiver",
                reason="the vendor's loader rewrites it every night until the migration is done",
                owner="data-platform",
                approved_by="maria.lindt",
                ticket="DATA-4711",
                expires="2027-03-31",
            )
            small = Exemption(kind="rule", reason="small table: 12.0 MiB, the threshold is 1 GiB")
            flag = Exemption(kind="flag", reason="the table property cluster_exclusion is true")
            return Decision(
                outcome=Outcome.EXEMPT,
                exemptions=(random_.choice((waiver, small, flag)),),
                would_be=random_.choice((Outcome.FAIL, Outcome.UNKNOWN)),
            )
        case "unknown":
            why = random_.choice((("denied", "403: no SELECT on the table"), ("not_requested", "")))
            return Decision(
                outcome=Outcome.UNKNOWN,
                missing=(Missing(kind="size", status=why[0], reason=why[1]),),
            )
        case "error":
            return Decision(outcome=Outcome.ERROR, reasons=("the policy proves pass and deny",))
        case _:
            return Decision(outcome=Outcome(outcome), reasons=("clustered by day, customer_id",))


def table(number: int, random_: random.Random, name: str = "") -> TableReport:
    """Return one table; its number decides its place, `random_` how it stands."""
    catalog = ("main", "analytics", "archive")[number % 3]
    schema = ("sales", "finance", "pytest_test_data", "web")[number % 4]
    name = name or f"{('orders', 'invoices', 'clicks', 'sessions')[number % 4]}_{number:05d}"
    kind = random_.choices(
        ("fine", "none", "small", "unsure", "view", "broken"), weights=(45, 14, 22, 8, 9, 2)
    )[0]
    outcomes = {
        "fine": ("pass", "pass", "not_applicable", "pass", "pass"),
        "none": ("not_applicable", "not_applicable", "not_applicable", "not_applicable", "fail"),
        "small": ("not_applicable", "not_applicable", "pass", "fail", "exempt"),
        "unsure": ("not_applicable",) * 4 + ("unknown",),
        "view": ("not_applicable",) * 5,
        "broken": ("pass", "error", "fail", "pass", "pass"),
    }[kind]
    decisions = {
        policy.policy_id: decision(outcome, policy.policy_id, random_)
        for policy, outcome in zip(policies(), outcomes, strict=True)
    }
    size: dict[str, Any] = {}
    if kind not in {"unsure", "view"}:
        size = {
            "bytes": random_.randrange(1, 2**31) * random_.choice((1, 60, 900)),
            "files": random_.randrange(1, 9000),
            "origin": "delta_log",
            "as_of": "2026-11-23T05:09:58Z",
            "exact": True,
        }
    facts = {
        "strategy": {"fine": "liquid", "broken": "auto_optimize"}.get(kind, "none"),
        "keys": ["day", "customer_id"] if kind == "fine" else [],
        "excluded": kind == "small" and number % 2 == 0,
        "small": kind == "small",
        "threshold_bytes": 1073741824,
    }
    return TableReport(
        full_name=f"{catalog}.{schema}.{name}",
        catalog_name=catalog,
        schema_name=schema,
        name=name,
        table_type="VIEW" if kind == "view" else "MANAGED",
        data_source_format=None if kind == "view" else "DELTA",
        owner=("maria.lindt@example.com", "data-platform", None)[number % 5 % 3],
        size=size,
        decisions=decisions,
        facts={} if kind == "view" else {"clustering": facts},
        definition=definition(number, name) if number % 4 == 1 else None,
    )


def promises() -> Promises:
    """Return promises of which one is settled, one broken and one open."""
    broken, open_ = (
        Promise(
            full_name=f"main.sales.{name}",
            policy_id="clustering.strategy_required",
            evidence=("size",),
            status=status,
            definition=definition(1, name),
            inventory=f"sha256:{7:064x}",
            promised_at="2026-11-20T05:10:00Z",
            commit="0123abc",
            settled_at=settled_at,
        )
        for name, status, settled_at in (
            ("late", PromiseStatus.BROKEN, "2026-11-21T05:10:00Z"),
            ("later", PromiseStatus.OPEN, None),
        )
    )
    return Promises(promised=3, settled=1, broken=1, open=1, unkept=(broken, open_))


def definition(number: int, name: str) -> Definition:
    """Return where a planned table is declared."""
    return Definition(
        tool="terraform",
        address=f"databricks_sql_table.{name}",
        file="modules/sales/main.tf",
        line=number + 1,
        action="create",
    )


def summarise(tables: Iterable[TableReport], policies: Sequence[Policy]) -> Summary:
    """Count a report's tables."""
    tally = Tally(policies)
    for each in tables:
        tally.add(each)
    return tally.summary


def count(sample: Sample, tables: Sequence[TableReport]) -> Tally:
    """Give a report other tables, with the figures that agree with them; return their tally."""
    tally = Tally(sample.policies)
    for each in tables:
        tally.add(each)
    sample.rows, sample.summary = tables, tally.summary
    sample.completeness = structs.replace(
        sample.completeness,
        tables_known=tally.tables + sample.completeness.tables_failed,
        tables_evaluated=tally.tables,
        decisions_expected=tally.tables * len(sample.policies),
        decisions_made=tally.decisions,
    )
    return tally


def waiver_status(
    state: WaiverState,
    excuses: int = 0,
    **changes: Any,  # noqa: ANN401 -- fields of any type
) -> WaiverStatus:
    """Return a waiver for one table, with other fields where they are named."""
    fields: dict[str, Any] = {
        "policy": "clustering.key_limit",
        "table": "main.sales.orders",
        "reason": "The keys are being measured.",
        "owner": "sales-analytics",
        "approved_by": "Head of Data",
        "ticket": "DATA-7",
        "expires": "2026-06-30",
    }
    return WaiverStatus(state=state, excuses=excuses, **(fields | changes))


def sample(
    tables: int = 40, *, names: Sequence[str] = (), failures: int = 2, exit_code: int = 1
) -> Sample:
    """Return a report over an estate of `tables` plausible tables and one for each of `names`."""
    random_ = random.Random(tables)  # noqa: S311 -- sample data, no secret
    rows = [table(number, random_) for number in range(tables)]
    rows += [table(tables + number, random_, name) for number, name in enumerate(names)]
    chosen = policies()
    failed = tuple(
        Failure(
            what=f"archive.web.damaged_{number}",
            where=f"lake/archive/web/damaged_{number}",
            reason="the log's version 3 is missing",
            remedy="Restore _delta_log/00000000000000000003.json, or drop the table.",
        )
        for number in range(failures)
    )
    reasons = {1: ("4 mandatory decisions fail",), 3: ("2 tables could not be read",)}
    return Sample(
        run=run(notices=("No OPA could be had; the embedded engine decided.",)),
        completeness=Completeness(
            complete=not failures,
            tables_known=len(rows) + failures,
            tables_evaluated=len(rows),
            tables_failed=failures,
            tables_left_out=0,
            decisions_expected=len(rows) * len(chosen),
            decisions_made=len(rows) * len(chosen),
            failures=failed,
        ),
        summary=summarise(rows, chosen),
        gate=Gate(exit_code=exit_code, reasons=reasons.get(exit_code, ())),
        policies=chosen,
        rows=rows,
        waivers=(
            waiver_status(
                WaiverState.ACTIVE, 3, table=None, pattern="main.web.*", expires="2027-01-31"
            ),
            waiver_status(WaiverState.EXPIRED),
            waiver_status(
                WaiverState.ACTIVE,
                table="main.sales.gone",
                expires="2027-01-31",
                conditions={WaiverCondition.UNUSED: "No table has its name."},
            ),
        ),
    )


def lacking(reasons: Mapping[str, int]) -> Sample:
    """Return a report in which so many tables' sizes were denied for each reason."""
    result = sample(0, failures=0)
    random_ = random.Random(0)  # noqa: S311 -- sample data, no secret
    rows: list[TableReport] = []
    for reason, number in reasons.items():
        missing = (Missing(kind="size", status="denied", reason=reason),)
        unknown = Decision(outcome=Outcome.UNKNOWN, missing=missing)
        for _ in range(number):
            plain = table(len(rows), random_)
            decisions = dict.fromkeys(plain.decisions, unknown)
            rows.append(structs.replace(plain, decisions=decisions, definition=None))
    result.rows = rows
    result.summary = summarise(result.rows, result.policies)
    return result


_text = st.text(max_size=20)
_json = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | _text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_text, inner, max_size=3),
    max_leaves=5,
)
_texts = st.lists(_text, max_size=2).map(tuple)

_words = st.text(max_size=20).map("a {}".format)
_statements = st.lists(_words.map("{} b".format), max_size=2).map(tuple)
fixes = st.builds(
    Fix,
    title=_words,
    sql=_statements,
    requires=st.lists(_words, max_size=1).map(tuple),
    note=_text,
    undo=_statements,
)
violations = st.builds(
    Violation,
    message=_text,
    expected=_json,
    actual=_json,
    key=st.none() | _words,
    fixes=st.lists(fixes, max_size=2).map(tuple),
)
exemptions = st.builds(
    Exemption, kind=st.sampled_from(("rule", "flag", "waiver")), reason=_text, ticket=_text
)
missing = st.builds(Missing, kind=_text, status=st.sampled_from(("denied", "failed")), reason=_text)
decisions = st.builds(
    Decision,
    outcome=st.sampled_from(Outcome),
    violations=st.lists(violations, max_size=2).map(tuple),
    exemptions=st.lists(exemptions, max_size=2).map(tuple),
    reasons=_texts,
    missing=st.lists(missing, max_size=2).map(tuple),
    would_be=st.none() | st.sampled_from(Outcome),
    severity=st.none() | st.sampled_from(Severity),
    enforcement=st.none() | st.sampled_from(Enforcement),
    override=st.none() | _text,
)
"""Decisions of any content; their proof need not fit their outcome."""

_waivers = st.builds(
    WaiverStatus,
    policy=_text,
    reason=_text,
    owner=_text,
    approved_by=_text,
    expires=_text,
    state=st.sampled_from(WaiverState),
    excuses=st.integers(0, 9),
    tables=st.integers(0, 900),
    conditions=st.dictionaries(st.sampled_from(WaiverCondition), _text, max_size=3),
    kind=st.sampled_from(WaiverKind),
    starts=st.none() | _text,
    table=st.none() | _text,
    pattern=st.none() | _text,
    ticket=st.none() | _text,
)


_WHAT_IF = WhatIfAsked(settings=("most",), factors=(0.5, 2.0))


_definitions = st.builds(
    Definition,
    tool=st.sampled_from(("terraform", "dbt", "sql")),
    address=_text,
    file=_text,
    line=st.integers(1, 2**31),
)


@st.composite
def tables(draw: st.DrawFn, policies: Sequence[Policy]) -> TableReport:
    """Draw a table with a decision for every policy of `policies`."""
    parts = [draw(st.text(min_size=1, max_size=12)) for _ in range(3)]
    return TableReport(
        full_name=".".join(parts),
        catalog_name=parts[0],
        schema_name=parts[1],
        name=parts[2],
        table_type=draw(st.none() | _text),
        data_source_format=draw(st.none() | _text),
        owner=draw(st.none() | _text),
        size=draw(
            st.just({}) | st.fixed_dictionaries({"bytes": st.integers(0, 2**60), "origin": _text})
        ),
        decisions={policy.policy_id: draw(decisions) for policy in policies},
        facts={"domain": draw(st.dictionaries(_text, _json, max_size=3))},
        definition=draw(st.none() | _definitions),
    )


@st.composite
def reports(draw: st.DrawFn) -> Sample:
    """Draw a report of up to four policies and five tables, consistent in itself."""
    policies = tuple(
        Policy(
            policy_id=f"domain.policy_{number}",
            title=draw(_text),
            description=draw(_text),
            severity=severity,
            enforcement=enforcement,
            remediation=draw(_text),
            what_if=draw(st.none() | st.just(_WHAT_IF)),
        )
        for number, (severity, enforcement) in enumerate(
            draw(st.lists(st.sampled_from(list(product(Severity, Enforcement))), max_size=4))
        )
    )
    rows = draw(st.lists(tables(policies), max_size=5))
    failures = draw(
        st.lists(
            st.builds(Failure, what=_text, where=_text, reason=_text, remedy=_text), max_size=2
        )
    )
    made = len(rows) * len(policies)
    return Sample(
        run=run(notices=draw(_texts), scope=draw(_text)),
        completeness=Completeness(
            complete=not failures,
            tables_known=len(rows) + len(failures),
            tables_evaluated=len(rows),
            tables_failed=len(failures),
            tables_left_out=0,
            decisions_expected=made,
            decisions_made=made,
            failures=tuple(failures),
            reasons=draw(_texts),
        ),
        summary=summarise(rows, policies),
        gate=draw(
            st.builds(Gate, exit_code=st.sampled_from((0, 1, 3, 4)), reasons=_texts, allowed=_texts)
        ),
        policies=policies,
        rows=rows,
        waivers=tuple(draw(st.lists(_waivers, max_size=2))),
        insight=draw(st.none() | insights),
    )
