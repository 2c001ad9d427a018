"""The catalog dev: test data, judged by a lower threshold, and a laboratory."""

from __future__ import annotations

from typing import Final

from lakewarden_collector.sources.demo.spec import TableSpec
from lakewarden_collector.sources.demo.tables.vocabulary import (
    DATA,
    EXCLUDED,
    JO,
    MIDDLING,
    NO_ORDER_COMMENTS,
    ORDER,
    SMALL,
)

TABLES: Final[tuple[TableSpec, ...]] = (
    TableSpec(
        full_name="dev.pytest_test_data.orders",
        shows="over the lower threshold of test schemas, without a strategy",
        columns=ORDER,
        rows=MIDDLING,
        owner=DATA,
        comment="Test.",
    ),
    TableSpec(
        full_name="dev.pytest_test_data.orders_clustered",
        shows="over the threshold of test schemas, and clustered",
        columns=ORDER,
        rows=MIDDLING,
        owner=DATA,
        keys=(("order_id",),),
    ),
    TableSpec(
        full_name="dev.pytest_test_data.orders_excluded",
        shows="over the threshold of test schemas, and excluded by its owner's flag",
        columns=ORDER,
        rows=MIDDLING,
        owner=DATA,
        properties=(EXCLUDED,),
    ),
    TableSpec(
        full_name="dev.pytest_test_data.orders_sample",
        shows="small even by the threshold of test schemas, without an owner or a comment",
        columns=ORDER,
        rows=SMALL,
        owner=None,
        comment="",
        column_comments=NO_ORDER_COMMENTS,
    ),
    TableSpec(
        full_name="dev.lab.partner_prices",
        shows="a foreign table, which is clustered elsewhere or not at all",
        columns=(),
        rows=0,
        owner=DATA,
        making="nothing",
        table_type="FOREIGN",
        data_source_format="POSTGRESQL_FORMAT",
    ),
    TableSpec(
        full_name="dev.lab.tasting_notes",
        shows="of a format that no documentation knows: nothing can be said about it",
        columns=(("note_id", "uuid"), ("roast", "roast")),
        rows=SMALL,
        owner=JO,
        making="no_table",
        data_source_format="LANCE",
    ),
)
