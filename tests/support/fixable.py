"""Built reports of failures with fixes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import structs

from lakewarden.model.decision import Decision, Fix, Outcome, Violation
from lakewarden.model.report import TableReport
from lakewarden.report.gate import judge
from lakewarden.version import __version__
from tests.support import reports

KEY_LIMIT = "clustering.key_limit"
"""Mandatory, medium."""
STRATEGY = "clustering.strategy_required"
"""Mandatory, high."""
SINGLE = "clustering.single_strategy"
"""Advisory, low."""

_PASS = Decision(outcome=Outcome.PASS, reasons=("It's fine.",))


def quoted(full_name: str) -> str:
    """Return a name as a policy quotes it."""
    return ".".join(f"`{part.replace('`', '``')}`" for part in full_name.split(".", 2))


def cluster(
    full_name: str, by: str = "(<key columns>)", title: str = "Cluster by the columns of filters"
) -> Fix:
    """Return a fix with all that a fix can have."""
    return Fix(
        title=title,
        sql=(f"ALTER TABLE {quoted(full_name)} CLUSTER BY {by}",),
        requires=("Databricks Runtime 15.4 or newer",),
        note="It changes metadata only.",
        undo=(f"ALTER TABLE {quoted(full_name)} CLUSTER BY NONE",),
    )


def failing(message: str, *fixes: Fix) -> Decision:
    """Return a failed decision of one violation."""
    return Decision(outcome=Outcome.FAIL, violations=(Violation(message=message, fixes=fixes),))


def table(
    full_name: str, decisions: dict[str, Decision], *, size: int = 2**30, owner: str | None = "team"
) -> TableReport:
    """Return a table that passes all but the given decisions."""
    catalog, schema, name = full_name.split(".", 2)
    known = dict.fromkeys((policy.policy_id for policy in reports.policies()), _PASS)
    return TableReport(
        full_name=full_name,
        catalog_name=catalog,
        schema_name=schema,
        name=name,
        table_type="MANAGED",
        data_source_format="DELTA",
        owner=owner,
        size={
            "bytes": size,
            "files": 3,
            "origin": "delta_log",
            "as_of": "2026-11-23T05:09:58Z",
            "exact": True,
        },
        decisions=known | decisions,
        facts={"clustering": {"strategy": "none", "keys": []}},
    )


def report(rows: Iterable[TableReport]) -> reports.Sample:
    """Return a complete report about the tables, whose parts agree."""
    sample = reports.sample(0, failures=0)
    sample.run = structs.replace(sample.run, notices=(), tool_version=__version__)
    tally = reports.count(sample, sorted(rows, key=lambda each: each.full_name))
    sample.gate = judge(tally.gating, sample.completeness)
    sample.waivers = ()
    return sample


def hostile(names: Sequence[str]) -> reports.Sample:
    """Return a report of tables with such names, which are also their messages and titles."""
    rows = []
    for number, name in enumerate(names):
        full_name = f"main.sales.{name}"
        fix = structs.replace(cluster(full_name, "NONE", title=name), requires=(name,), note=name)
        decision = failing(name, fix, cluster(full_name, "AUTO", title=name))
        rows.append(table(full_name, {STRATEGY: decision}, size=2**20 + number, owner=name))
    return report(rows)
