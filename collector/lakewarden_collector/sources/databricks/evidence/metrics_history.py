"""Sizes from `system.storage.table_metrics_history`: daily figures of all managed tables.

Each row also says whether predictive optimization is on.

The table is in public preview. It is regional, up to a day old, knows managed tables only, and has
been seen empty or with NULL figures on whole estates (without serverless compute or predictive
optimisation), so it is probed first and NULL is never read as 0.
https://docs.databricks.com/admin/system-tables/table-metrics-history
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from msgspec import UNSET, Struct, UnsetType

from lakewarden_collector.document import (
    Absence,
    PredictiveOptimization,
    Size,
    TableDocument,
)
from lakewarden_collector.sources.databricks.client.interface import Run
from lakewarden_collector.sources.databricks.evidence import values
from lakewarden_collector.sources.databricks.evidence.lookup import (
    answered,
    with_evidence,
    without_evidence,
)
from lakewarden_collector.sources.databricks.evidence.refusal import of_system_table
from lakewarden_collector.sources.databricks.journal.events import Answer
from lakewarden_collector.sources.databricks.statements.errors import StatementError
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


MOST_ROWS: Final = 50_000
"""Rows that one statement may answer, about 10 MB: an answer that has to be inline may have 25."""

OPTIMIZATION: Final = "predictive_optimization"
"""The kind of evidence that says whether predictive optimization is on."""

_ALL: Final = ("",)
"""Stands for one statement about all catalogs."""

# assumes metrics-history-has-managed-tables
_MANAGED: Final = frozenset({"MANAGED", "MATERIALIZED_VIEW", "STREAMING_TABLE"})


class _Row(Struct, frozen=True):
    """The latest that is known of one table."""

    catalog_name: str
    schema_name: str
    name: str
    size: Size | UnsetType
    optimized: bool | UnsetType


class MetricsHistory:
    """Sizes of managed tables, by `table_id`; names get reused, ids do not."""

    evidence_kind = "size"
    name = KIND

    def __init__(self, metastore_id: str, *, days: int = DAYS, most_rows: int = MOST_ROWS) -> None:
        self._metastore = metastore_id
        self._days = days
        self._most_rows = most_rows
        self._counts: dict[str, int] | None = None
        self._sized = 0
        self._covered: set[str] = set()
        self._refused: dict[str, Absence] = {}
        self._notes: list[str] = []
        self._rows: dict[str, _Row] = {}
        self._with_flag = True

    @property
    def notes(self) -> tuple[str, ...]:
        """Return why sizes are lacking on the whole, a sentence each."""
        # assumes metrics-history-is-filled
        if self._counts is None or self._sized:
            return tuple(self._notes)
        if not self._counts:
            why = f"has no table of the last {self._days} days, so it provides no size."
        else:
            why = (
                "lists tables but no sizes (all NULL): it has figures where serverless "
                "compute is enabled."
            )
        return (f"The metrics history ({TABLE}) {why}", *self._notes)

    def known(self) -> Iterable[tuple[str, str, str, str]]:
        """Return catalog, schema, name and `table_id` of every table that the history knows."""
        for table_id, row in self._rows.items():
            yield row.catalog_name, row.schema_name, row.name, table_id

    def load(self, run: Run, catalogs: Sequence[str]) -> Iterator[Answer]:
        """Ask how much there is, then for it: at once, or in parts of at most `most_rows`."""
        self._refused, self._notes = {}, []
        if self._counts is None:
            counts = self._ask(run, probe(self._metastore, self._days), covers=_ALL, is_probe=True)
            if counts is None:
                return
            self.take(counts)
            yield counts
        for group in self._groups(catalogs):
            answer = self._ask(run, self._about(group), covers=group)
            if answer is not None:
                yield from _by_catalog(answer, group)

    def take(self, answer: Answer) -> None:
        """Add the counts of the probe, or the tables of an answer."""
        if answer.probe:
            self._probed(answer)
            return
        self._covered.add(answer.catalog)
        for row in answer.mappings():
            table_id, catalog = row["table_id"], row["catalog_name"]
            schema, name = row["schema_name"], row["table_name"]
            if table_id is None or catalog is None or schema is None or name is None:
                continue
            optimized = values.flag(row.get(FLAG))  # an older journal's rows lack it
            self._rows[table_id] = _Row(
                sys.intern(catalog), sys.intern(schema), name, _size(row), optimized
            )

    def apply(self, document: TableDocument) -> TableDocument:
        """Give the document its size, and whether predictive optimization is on.

        A size that is exact is kept as it is, and so is what the listing says.
        """
        document = self._with_optimization(document)
        if document.size.exact is True and document.size.bytes is not UNSET:
            return document
        row = None if document.table_id is UNSET else self._rows.get(document.table_id)
        if row is not None and row.size is not UNSET:
            return with_evidence(document, self.evidence_kind, size=row.size)
        why = self._absence(document, known=row is not None)
        return without_evidence(document, self.evidence_kind, why.status, str(why.reason))

    def _with_optimization(self, document: TableDocument) -> TableDocument:
        if document.table_id is UNSET or document.predictive_optimization.enabled is not UNSET:
            return document
        row = self._rows.get(document.table_id)
        if row is None or row.optimized is UNSET:
            return document
        found = PredictiveOptimization(enabled=row.optimized)
        return with_evidence(document, OPTIMIZATION, predictive_optimization=found)

    def _absence(self, document: TableDocument, *, known: bool) -> Absence:
        catalog = document.catalog_name
        refused = self._refused.get("") or self._refused.get(catalog)
        if refused is not None:
            return refused
        if not self._is_answered(catalog):
            return Absence(status="not_requested", reason="the metrics history wasn't queried")
        if known:
            reason = (
                f"the metrics history of the last {self._days} days has no figure for it (NULL)"
            )
        elif isinstance(document.table_type, str) and document.table_type not in _MANAGED:
            reason = "the metrics history covers only managed tables"
        else:
            reason = f"the metrics history of the last {self._days} days does not have it"
        return Absence(status="unsupported", reason=reason)

    def _is_answered(self, catalog: str) -> bool:
        if self._counts is not None and catalog not in self._counts:
            return True
        return not self._covered.isdisjoint({"", catalog})

    def _ask(
        self, run: Run, statement: Statement, *, covers: tuple[str, ...], is_probe: bool = False
    ) -> Answer | None:
        """Return the answer, or None where a refusal is noted for the catalogs covered."""
        try:
            rows = run(statement)
        except StatementError as error:
            if error.fatal:
                raise
            if self._with_flag and _lacks_flag(error):
                self._with_flag = False
                return self._ask(run, self._about(covers), covers=covers)
            why = of_system_table(error, TABLE)
            self._refused |= dict.fromkeys(covers, why)
            self._notes.append(f"No sizes from the metrics history: {why.reason}.")
            return None
        return answered(self.name, rows, probe=is_probe)

    def _probed(self, answer: Answer) -> None:
        self._counts, self._sized = {}, 0
        for row in answer.mappings():
            self._counts[row["catalog_name"] or ""] = values.count(row["known_tables"]) or 0
            self._sized += values.count(row["known_sizes"]) or 0

    def _about(self, group: tuple[str, ...]) -> Statement:
        counts = self._counts or {}
        rows = sum(counts.values() if group == _ALL else (counts.get(name, 0) for name in group))
        return latest(
            self._metastore,
            self._days,
            () if group == _ALL else group,
            with_flag=self._with_flag,
            large=rows > self._most_rows,
        )

    def _groups(self, catalogs: Sequence[str]) -> Iterator[tuple[str, ...]]:
        """Divide the catalogs among statements."""
        counts = self._counts or {}
        wanted = [name for name in sorted(set(catalogs)) if name in counts]
        left = [name for name in wanted if not self._is_answered(name)]
        if not left:
            return
        if left == wanted and sum(counts.values()) <= self._most_rows:
            yield _ALL
            return
        group: list[str] = []
        rows = 0
        for name in left:
            if group and rows + counts[name] > self._most_rows:
                yield tuple(group)
                group, rows = [], 0
            group.append(name)
            rows += counts[name]
        yield tuple(group)


def _lacks_flag(error: StatementError) -> bool:
    """Tell whether a workspace's history has no column for predictive optimization."""
    return error.error_class.startswith("UNRESOLVED_COLUMN") and FLAG in error.message


def _size(row: dict[str, str | None]) -> Size | UnsetType:
    """Return the size, where bytes and their day are known."""
    measured, day = values.count(row["bytes"]), values.midnight(row["measured_on"])
    if measured is UNSET or day is UNSET:
        return UNSET
    files = values.count(row["files"])
    return Size(bytes=measured, files=files, origin="metrics_history", as_of=day, exact=False)


def _by_catalog(answer: Answer, group: tuple[str, ...]) -> Iterator[Answer]:
    """Divide an answer about several catalogs, so that each is known to be asked for."""
    if group == _ALL:
        yield answer
        return
    place = answer.columns.index("catalog_name")
    parts: dict[str, list[tuple[str | None, ...]]] = {name: [] for name in group}
    for row in answer.rows:
        parts.get(row[place] or "", []).append(row)
    for name, rows in parts.items():
        yield Answer(name=answer.name, catalog=name, columns=answer.columns, rows=tuple(rows))
