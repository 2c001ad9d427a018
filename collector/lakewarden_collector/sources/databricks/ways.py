"""The ways to evidence in a workspace: what each gives, what it asks, and what it can't see.

Statements are built by the functions that a collection builds them with, and the grants are read
off their texts. `docs/evidence.md` is made of this; tests hold it against what a double of a
workspace is sent, and against what a collection lacks where a grant is taken away.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from lakewarden_collector.document import TableDocument
from lakewarden_collector.sources.databricks.checks.check import STATEMENT as CHECK
from lakewarden_collector.sources.databricks.checks.system_tables import lineage_events, tag_counts
from lakewarden_collector.sources.databricks.checks.warehouse import ANSWERS, WAREHOUSES
from lakewarden_collector.sources.databricks.client import interface
from lakewarden_collector.sources.databricks.client.workspace import ME, METASTORE
from lakewarden_collector.sources.databricks.collecting.gatherer import REUSE
from lakewarden_collector.sources.databricks.evidence import (
    describe,
    describe_json,
    metrics_history,
)
from lakewarden_collector.sources.databricks.evidence.lineage import DAYS, TableLineage, reads
from lakewarden_collector.sources.databricks.evidence.metrics_history import OPTIMIZATION
from lakewarden_collector.sources.databricks.evidence.tags import Tags, all_tags
from lakewarden_collector.sources.databricks.listing.documents import LISTED
from lakewarden_collector.sources.databricks.statements.grants import (
    ON_THE_WAREHOUSE,
    enabling,
    grants_for,
    reading,
    tables_in,
)
from lakewarden_collector.sources.databricks.statements.statement import Statement
from lakewarden_collector.sources.interface import EvidenceWay

_CATALOG, _SCHEMA, _TABLE = "main", "sales", "orders"
"""Stand for any catalog, schema and table in what is shown."""

_DEFAULT_SCHEMAS: Final = frozenset({"information_schema"})
"""Schemas of the system catalog that nobody has to enable."""


def _asking(name: str, gives: Sequence[str], *asked: Statement, **words: Any) -> EvidenceWay:  # noqa: ANN401 -- the other fields of an EvidenceWay
    """Return the way of some statements, with the grants that they need."""
    tables = dict.fromkeys(table for each in asked for table in tables_in(each.text))
    schemas = {table[1] for table in tables if table[0] == "system"} - _DEFAULT_SCHEMAS
    return EvidenceWay(
        name=name,
        gives=tuple(gives),
        statements=tuple(each.text for each in asked),
        grants=tuple(dict.fromkeys(g.sql() for each in asked for g in grants_for(each))),
        permission=ON_THE_WAREHOUSE,
        enable=" ".join(enabling("METASTORE_ID", schema) for schema in sorted(schemas)),
        **words,
    )


_LISTING: Final = EvidenceWay(
    name="listing",
    gives=tuple(name for name in TableDocument.__struct_fields__ if name in LISTED),
    requests=(
        *(ME, METASTORE, interface.CATALOGS, interface.SCHEMAS, interface.SUMMARIES),
        *(
            interface.TABLES,
            f"{interface.TABLES}/{{full_name}}",
            f"{interface.CONNECTIONS}/{{name}}",
        ),
    ),
    grants=(reading(_CATALOG).sql(),),
    without="A catalog or a schema that can't be listed is a failure with its grant, and the run "
    "is incomplete. A table that is only browsed has no properties, columns and owner, with the "
    "reason `denied`. A foreign catalog whose connection can't be read is left out, with "
    "that reason.",
    blind=(
        "What the principal may not see isn't listed, nor named unless something else knows it.",
        "Shared tables, those of other systems and the own Hive metastore are left out, by name.",
    ),
)

_REUSED: Final = EvidenceWay(
    name=REUSE,
    gives=("size", OPTIMIZATION),
    without="Nothing: it only saves statements.",
    blind=("A table that grew by more than a twentieth within `--max-age` is seen late.",),
    repeats=True,
)

_METRICS: Final = _asking(
    metrics_history.KIND,
    ("size", OPTIMIZATION),
    metrics_history.probe("", metrics_history.DAYS),
    metrics_history.latest("", metrics_history.DAYS),
    metrics_history.latest("", metrics_history.DAYS, [_CATALOG]),
    without="Every size that a policy needs takes a `DESCRIBE DETAIL`, and where the listing lacks "
    "the flag of predictive optimization, each table that needs it a `DESCRIBE … AS JSON`.",
    blind=(
        "External tables are not in it.",
        "A figure is a day's and never exact.",
        "It is NULL without serverless compute, and has been seen empty on whole estates.",
        "It holds one region.",
    ),
)

_DESCRIBED: Final = _asking(
    describe.STATEMENT,
    ("size", "detail"),
    describe.detail_of(_CATALOG, _SCHEMA, _TABLE),
    without="A table that can't be described has no exact size, with the reason `denied`; an "
    "external one has none at all.",
    blind=("Views, foreign tables and formats other than Delta and Iceberg have no size.",),
)

_DESCRIBED_AS_JSON: Final = _asking(
    describe_json.STATEMENT,
    (OPTIMIZATION,),
    describe_json.json_of(_CATALOG, _SCHEMA, _TABLE),
    without="A table whose predictive optimization neither the listing nor the metrics history "
    "tells has none that is known, with the reason `denied`.",
    blind=(
        "Warehouses before Databricks Runtime 16.2 don't know `AS JSON`.",
        "It is one statement for one table, and can't be batched.",
    ),
)

_LINEAGE: Final = _asking(
    TableLineage.name,
    (TableLineage.evidence_kind,),
    reads("", "", DAYS),
    without="Nobody knows how often a table is read; a budget of statements goes to the largest "
    "tables, not to the most read.",
    blind=(
        "It records a part of all reads: a table without a record isn't known to be unread.",
        "Reads by path, through JDBC and by temporary views are among those that it misses.",
        "It holds one region.",
    ),
)

_TAGS: Final = _asking(
    Tags.name,
    (Tags.evidence_kind,),
    all_tags(),
    without="No table has tags, its own or inherited.",
    blind=("It shows the tags of what the principal may see.",),
)

CHECKS: Final = _asking(
    CHECK,
    (),
    ANSWERS,
    lineage_events(""),
    tag_counts(),
    requests=(f"{WAREHOUSES}{{id}}",),
    without="`doctor` names the grant.",
)
"""What only `doctor` asks, beside the statements of the other ways."""

WAYS: Final = (_LISTING, _REUSED, _METRICS, _DESCRIBED, _DESCRIBED_AS_JSON, _LINEAGE, _TAGS)
"""All ways of a collection, the cheapest to a part before the others."""

STATEMENT_KINDS: Final = tuple(way.name for way in WAYS if way.statements)
"""The kinds of statements that a collection sends."""
