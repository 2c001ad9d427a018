"""Golden files: what an output looks like, mostly of one small report with each kind of proof.

`LAKEWARDEN_GOLDEN=write pytest …` writes the files again, for a person to read the difference.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from msgspec import structs

from lakewarden.model.decision import Decision, Exemption, Fix, Missing, Outcome, Violation
from lakewarden.model.report import Gate, TableReport
from tests.support import histories, insights, reports

_FOLDER: Final = Path(__file__).parents[1] / "unit" / "renderers" / "golden"


def golden(name: str, text: str) -> None:
    """Hold a format's text against its file, byte for byte."""
    path = _FOLDER / name
    if os.environ.get("LAKEWARDEN_GOLDEN") == "write":
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(text.encode())
    assert path.read_bytes().decode() == text


def showcase() -> reports.Sample:
    """Return a report of three tables: one of an estate, one planned, one that passes."""
    sample = reports.sample(0, failures=1, exit_code=1)
    rows = [_table("orders", _of_estate()), _planned(), _table("visits", _passing())]
    reports.count(sample, rows)
    sample.gate = Gate(exit_code=1, reasons=("2 mandatory decisions fail",))
    return sample


def full_showcase() -> reports.Sample:
    """Return the same report with all that is there for people: insight, history, promises."""
    sample = insights.with_insight(showcase())
    sample.promises = reports.promises()
    sample.run = structs.replace(sample.run, workspace="https://adb-7.azuredatabricks.net")
    return histories.with_history(sample, runs=3, not_listed=1)


def _table(name: str, decisions: tuple[Decision, ...]) -> TableReport:
    return TableReport(
        full_name=f"main.sales.{name}",
        catalog_name="main",
        schema_name="sales",
        name=name,
        table_type="MANAGED",
        data_source_format="DELTA",
        owner="sales-analytics" if name == "orders" else None,
        size={"bytes": 5 * 2**30, "origin": "delta_log"} if name == "orders" else {},
        decisions=dict(
            zip((policy.policy_id for policy in reports.policies()), decisions, strict=True)
        ),
        facts={"clustering": {"strategy": "none"}},
    )


def _planned() -> TableReport:
    table = _table("late", (_passes(), _fails(), _passes(), _unknown(), _unknown()))
    return structs.replace(table, definition=reports.definition(6, "late"))


def _of_estate() -> tuple[Decision, ...]:
    error = Decision(outcome=Outcome.ERROR, reasons=("the policy proves pass and deny",))
    return (_exempt(), _not_applicable(), error, _fails(), _fails())


def _passing() -> tuple[Decision, ...]:
    return (_passes(), _passes(), _passes(), _passes(), _passes())


def _passes() -> Decision:
    return Decision(outcome=Outcome.PASS, reasons=("It is clustered by day.",))


def _not_applicable() -> Decision:
    return Decision(outcome=Outcome.NOT_APPLICABLE, reasons=("It has no clustering keys.",))


def _fails() -> Decision:
    auto = Fix(
        title="Let Databricks choose the keys",
        sql=(
            "ALTER TABLE `main`.`sales`.`orders` CLUSTER BY AUTO",
            "OPTIMIZE `main`.`sales`.`orders`",
        ),
        requires=("Databricks Runtime 15.4 or newer",),
        note="OPTIMIZE rewrites the files.",
        undo=("ALTER TABLE `main`.`sales`.`orders` CLUSTER BY NONE",),
    )
    keys = Fix(
        title="Choose the keys",
        sql=("ALTER TABLE `main`.`sales`.`orders` CLUSTER BY (<key columns>)",),
    )
    column = Violation(message="The column note has no comment.", key="note")
    size = Violation(
        message="It holds 5.0 GiB and has no clustering strategy.",
        expected="a clustering strategy",
        actual="none",
        fixes=(auto, keys),
    )
    return Decision(outcome=Outcome.FAIL, violations=(size, column))


def _exempt() -> Decision:
    waiver = Exemption(
        kind="waiver",
        reason="The loader rewrites it each night.",
        owner="data-platform",
        approved_by="Head of Data",
        ticket="DATA-7",
        expires="2027-03-31",
    )
    return Decision(
        outcome=Outcome.EXEMPT,
        exemptions=(waiver,),
        violations=(Violation(message="It has 5 keys.", expected=4, actual=5),),
        would_be=Outcome.FAIL,
    )


def _unknown() -> Decision:
    missing = Missing(kind="size", status="denied", reason="403: no SELECT on the table")
    return Decision(outcome=Outcome.UNKNOWN, missing=(missing,))
