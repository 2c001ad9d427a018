"""The schema prod.finance: the books."""

from __future__ import annotations

from typing import Final

from lakewarden_collector.sources.demo.spec import TableSpec
from lakewarden_collector.sources.demo.tables.vocabulary import (
    AUTO_COMPACT,
    BOOKING,
    EXCLUDED,
    FINANCE,
    LARGE,
    MIDDLING,
    OPTIMIZE_WRITE,
    SMALL,
)

TABLES: Final[tuple[TableSpec, ...]] = (
    TableSpec(
        full_name="prod.finance.ledger",
        shows="clustered and excluded from clustering at once, a contradiction",
        columns=BOOKING,
        rows=SMALL,
        owner=FINANCE,
        properties=(EXCLUDED,),
        keys=(("booked_on",),),
    ),
    TableSpec(
        full_name="prod.finance.invoices",
        shows="large and auto-optimised: both flags are on",
        columns=BOOKING,
        rows=LARGE,
        owner=FINANCE,
        properties=(OPTIMIZE_WRITE, AUTO_COMPACT),
    ),
    TableSpec(
        full_name="prod.finance.payments",
        shows="large with one of the two auto-optimise flags, which does not count",
        columns=BOOKING,
        rows=LARGE,
        owner=FINANCE,
        comment="Payments.",
        properties=(OPTIMIZE_WRITE,),
    ),
    TableSpec(
        full_name="prod.finance.expense_claims",
        shows="large by the lower threshold that an override sets for finance, without a strategy",
        columns=BOOKING,
        rows=MIDDLING,
        owner=FINANCE,
    ),
    TableSpec(
        full_name="prod.finance.payroll",
        shows="large and excluded by its owner's flag",
        columns=BOOKING,
        rows=LARGE,
        owner=FINANCE,
        properties=(EXCLUDED,),
    ),
    TableSpec(
        full_name="prod.finance.audit_trail",
        shows="large without a strategy, covered by an approved waiver",
        columns=BOOKING,
        rows=LARGE,
        owner=FINANCE,
    ),
    TableSpec(
        full_name="prod.finance.bank_statements",
        shows="clustered by five keys, one more than allowed",
        columns=(*BOOKING, ("city", "city"), ("currency", "number")),
        rows=SMALL,
        owner=FINANCE,
        keys=(("booked_on",), ("account_id",), ("city",), ("currency",), ("booking_id",)),
    ),
    TableSpec(
        full_name="prod.finance.tax_filings",
        shows="large with an exclusion flag that says yes, which is not true",
        columns=BOOKING,
        rows=LARGE,
        owner=FINANCE,
        properties=(("cluster_exclusion", "yes"),),
    ),
    TableSpec(
        full_name="prod.finance.budgets",
        shows="small and excluded with a flag spelled TRUE: two reasons to be exempt",
        columns=BOOKING,
        rows=SMALL,
        owner=FINANCE,
        properties=(("cluster_exclusion", "TRUE"),),
    ),
    TableSpec(
        full_name="prod.finance.exchange_rates",
        shows="Parquet without a Delta log, which cannot be clustered",
        columns=(("day", "date"), ("rate", "money")),
        rows=SMALL,
        owner=FINANCE,
        making="parquet",
        table_type="EXTERNAL",
        data_source_format="PARQUET",
    ),
)
