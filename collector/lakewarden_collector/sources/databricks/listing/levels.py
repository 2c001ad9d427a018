"""The levels of a metastore: how each is listed, and what follows from it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, MutableSet, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal

from lakewarden_collector.inventory import Failure, LeftOut
from lakewarden_collector.names import join_name
from lakewarden_collector.sources.databricks.client import interface
from lakewarden_collector.sources.databricks.client.interface import Api, Query
from lakewarden_collector.sources.databricks.client.server_text import error_text, is_sound
from lakewarden_collector.sources.databricks.client.workspace import Asker
from lakewarden_collector.sources.databricks.journal.events import Listed, Summarised
from lakewarden_collector.sources.databricks.listing import paging
from lakewarden_collector.sources.databricks.listing.foreign import FEDERATED, catalog_type
from lakewarden_collector.sources.databricks.listing.listing_errors import (
    catalog_failure,
    catalogs_failure,
    row_failure,
    schema_failure,
    unlisted,
)
from lakewarden_collector.sources.databricks.listing.schema_rows import SchemaRows, names_in_scope
from lakewarden_collector.sources.databricks.listing.scope import HIVE_METASTORE, Scope

Event = Listed | Summarised | LeftOut | Failure

_TROUBLE = (OSError, ValueError)
"""What a listing may fail with: `DatabricksError`, the builtin `TimeoutError` and the exceptions of
requests are all `OSError`; an answer that isn't JSON, or no listing, is a `ValueError`."""


class AbandonedError(Exception):
    """Nobody wants the listing any more."""


@dataclass(frozen=True, kw_only=True)
class Found:
    """What one task found: the events, in order, and the tasks that follow from it."""

    events: Sequence[Event]
    then: Sequence[Task] = ()


Task = Callable[[], Found]


@dataclass(frozen=True, kw_only=True)
class Levels:
    """The tasks of one walk; `walk` explains the fields. Setting `stop` ends each before a page."""

    api: Api
    scope: Scope
    asker: Asker
    skip: frozenset[tuple[str, str]]
    catalogs_listed: MutableSet[str]
    stop: threading.Event = field(default_factory=threading.Event)

    def catalogs(self) -> Found:
        """List the catalogs; the schemas of each that is in scope follow."""
        try:
            rows = list(self._rows(interface.CATALOGS, {}))
        except _TROUBLE as error:
            return Found(events=[catalogs_failure(self.asker, error)])
        events: list[Event] = []
        then: list[Task] = []
        named = {row["name"]: row for row in self._named(rows, (), events)}
        for catalog, row in sorted(named.items()):
            self.catalogs_listed.add(catalog)
            refusal, kind = self.scope.refuses_catalog(catalog), None
            if refusal is None:
                kind, doubt = catalog_type(self.api, row)
                refusal = self.scope.refuses_catalog(catalog, kind)
                refusal = refusal and refusal + doubt
            if refusal is None:
                then.append(partial(self.schemas, catalog, federated=kind == FEDERATED))
            else:
                events.append(LeftOut(what=f"catalog {join_name([catalog])}", reason=refusal))
        if HIVE_METASTORE not in named:
            events.append(self._legacy())
        return Found(events=events, then=then)

    def schemas(self, catalog: str, *, federated: bool = False) -> Found:
        """List a catalog's schemas; the tables of each in scope follow, and the summaries."""
        try:
            rows = list(self._rows(interface.SCHEMAS, {"catalog_name": catalog}))
        except _TROUBLE as error:
            return Found(events=[catalog_failure(self.asker, catalog, error)])
        events: list[Event] = []
        # The summaries first: page by page they take longest, and nothing shortens that.
        then: list[Task] = [partial(self.summaries, catalog)]
        listed = {row["name"] for row in self._named(rows, (catalog,), events)}
        for schema in sorted(listed):
            refusal = self.scope.refuses_schema(catalog, schema)
            if refusal is not None:
                what = f"schema {join_name([catalog, schema])}"
                events.append(LeftOut(what=what, reason=refusal))
            elif (catalog, schema) not in self.skip:
                then.append(partial(self.tables, catalog, schema, federated=federated))
        missed = self.scope.missed(listed, catalog)
        events.extend(unlisted(self.asker, catalog, schema) for schema in missed)
        return Found(events=events, then=then)

    def tables(self, catalog: str, schema: str, *, federated: bool = False) -> Found:
        """List a schema's tables with their columns, whole or not at all."""
        found = SchemaRows(catalog, schema, self.scope, self.asker, federated=federated)
        query: Query = {
            "catalog_name": catalog,
            "schema_name": schema,
            "omit_columns": False,
        }
        try:
            for row in self._rows(interface.TABLES, query):
                found.add(row)
        except _TROUBLE as error:
            return Found(events=[schema_failure(self.asker, catalog, schema, error)])
        return Found(events=found.events())

    def summaries(self, catalog: str) -> Found:
        """List the names of a catalog's tables, to hold the listing of its schemas against.

        No table is lost where this fails, so it is nothing worse than something left out.
        """
        # assumes summaries-name-every-table
        query: Query = {"catalog_name": catalog}
        try:
            names = names_in_scope(self._rows(interface.SUMMARIES, query), catalog, self.scope)
        except _TROUBLE as error:
            what = f"table summaries of catalog {join_name([catalog])}"
            reason = f"the listing wasn't compared with them: {error_text(error)}"
            return Found(events=[LeftOut(what=what, reason=reason)])
        return Found(events=[Summarised(catalog_name=catalog, names=names)])

    def _rows(self, path: str, query: Query) -> Iterator[Any]:
        everything = query if path == interface.SUMMARIES else {**query, "include_browse": True}
        return paging.rows(self.api, path, everything, before_page=self._go_on)

    def _go_on(self) -> None:
        if self.stop.is_set():
            raise AbandonedError

    def _named(
        self, rows: Sequence[Any], parent: tuple[str, ...], events: list[Event]
    ) -> Iterator[dict[str, Any]]:
        """Yield the catalogs or schemas that have a name; the others become failures."""
        covers: Literal["schema", "catalog"] = "schema" if parent else "catalog"
        whose = f"catalog {join_name(parent)}" if parent else self.asker.host or "the workspace"
        for number, row in enumerate(rows, 1):
            name = row.get("name") if isinstance(row, dict) else None
            if isinstance(name, str) and name and is_sound(name):
                yield row
            else:
                reason = "Unity Catalog lists it without a name that is text"
                what = f"row {number} of the {covers}s of {whose}"
                events.append(row_failure(self.asker, what, reason, covers))

    def _legacy(self) -> LeftOut:
        of = f" of {self.asker.host}" if self.asker.host else ""
        return LeftOut(
            what=f"catalog {HIVE_METASTORE}{of}",
            reason="the workspace's legacy metastore, if any: Unity Catalog does not list it",
        )
