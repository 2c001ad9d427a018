"""The statements over `system.storage.table_metrics_history`.

Columns: https://docs.databricks.com/admin/system-tables/table-metrics-history; only those are named
that live accounts have been seen to have.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from lakewarden_collector.sources.databricks.statements.statement import Parameter, Statement

TABLE: Final = "system.storage.table_metrics_history"

KIND: Final = "metrics_history"
"""The kind of the statements."""

DAYS: Final = 7
"""How old a figure may be."""

_RECENT: Final = f"""FROM {TABLE}
WHERE metastore_id = :metastore_id
  AND snapshot_date >= current_date() - INTERVAL {{days:d}} DAYS
  AND table_id IS NOT NULL"""

# The texts have no value of anybody's but the number of days, which is ours.
_PROBE: Final = """SELECT catalog_name,
  count(DISTINCT table_id) AS known_tables,
  count(active_bytes) AS known_sizes,
  max(snapshot_date) AS newest
{recent}
  AND table_dropped_time IS NULL
GROUP BY catalog_name"""

# The latest row of a table decides whether it was dropped and what it is called, its latest row
# with a figure how large it is. The names given here differ from the columns' own wherever HAVING
# could take one for the other.
# assumes metrics-history-columns
_LATEST: Final = """SELECT table_id,
  max_by(catalog_name, snapshot_date) AS catalog_name,
  max_by(schema_name, snapshot_date) AS schema_name,
  max_by(table_name, snapshot_date) AS table_name,
  max_by(active_bytes, snapshot_date) FILTER (WHERE active_bytes IS NOT NULL) AS bytes,
  max_by(active_files, snapshot_date) FILTER (WHERE active_bytes IS NOT NULL) AS files,
  max(snapshot_date) FILTER (WHERE active_bytes IS NOT NULL) AS measured_on{optimized}
{recent}{catalogs}{slice}
GROUP BY table_id
HAVING max_by(table_dropped_time, snapshot_date) IS NULL"""
_SLICE: Final = "\n  AND pmod(hash(table_id), :slices) = :slice"


FLAG: Final = "predictive_optimization_enabled"
"""Whether predictive optimization is on for the table: a column of the history."""

_OPTIMIZED: Final = f""",
  max_by({FLAG}, snapshot_date) FILTER (WHERE {FLAG} IS NOT NULL) AS {FLAG}"""


def probe(metastore_id: str, days: int) -> Statement:
    """Ask how many tables and sizes there are for each catalog, of the last so many days.

    The storage tables are regional and so may hold another metastore's tables.
    """
    text = _PROBE.format(recent=_RECENT.format(days=days))
    names = ("catalog_name", "known_tables", "known_sizes")
    return Statement(text=text, kind=KIND, parameters=_metastore(metastore_id), columns=names)


def latest(
    metastore_id: str,
    days: int,
    catalogs: Sequence[str] = (),
    *,
    with_flag: bool = True,
    large: bool = False,
) -> Statement:
    """Ask for the latest of every table that was not dropped, of some catalogs or of all.

    `with_flag` asks for predictive optimization, too; `large` says that it is too much to come
    inline.
    """
    some = tuple(Parameter(name=f"catalog_{n}", value=name) for n, name in enumerate(catalogs))
    among = ", ".join(f":{parameter.name}" for parameter in some)
    condition = f"\n  AND catalog_name IN ({among})" if some else ""
    recent = _RECENT.format(days=days)
    optimized = _OPTIMIZED if with_flag else ""
    return Statement(
        text=_LATEST.format(recent=recent, catalogs=condition, optimized=optimized, slice=""),
        sliced=_LATEST.format(recent=recent, catalogs=condition, optimized=optimized, slice=_SLICE),
        kind=KIND,
        parameters=(*_metastore(metastore_id), *some),
        large=large,
        columns=(
            *("table_id", "catalog_name", "schema_name", "table_name"),
            *("bytes", "files", "measured_on"),
        ),
    )


def _metastore(identity: str) -> tuple[Parameter, ...]:
    return (Parameter(name="metastore_id", value=identity),)
