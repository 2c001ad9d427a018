"""Walks through fake metastores, and what they found."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st

from lakewarden_collector.inventory import Failure
from lakewarden_collector.sources.databricks.client.workspace import Asker
from lakewarden_collector.sources.databricks.journal.events import Listed
from lakewarden_collector.sources.databricks.listing.levels import Event
from lakewarden_collector.sources.databricks.listing.scope import Scope
from lakewarden_collector.sources.databricks.listing.walk import walk
from tests.unit.collector.databricks.listing.fake_metastore import FakeMetastore, table_info

ASKER = Asker(host="https://w.example", principal="lake`warden")
NAMES = st.text(st.sampled_from("ab.` é'"), min_size=1, max_size=4).filter(str.strip)


def metastore_of(estate: dict[tuple[str, str], list[str]], **options: Any) -> FakeMetastore:  # noqa: ANN401 -- passed on
    tables = {
        place: [table_info(*place, name) for name in names] for place, names in estate.items()
    }
    return FakeMetastore(tables, **options)


def events_of(metastore: FakeMetastore, scope: Scope | None = None, **options: Any) -> list[Event]:  # noqa: ANN401 -- passed on
    return list(walk(metastore, scope or Scope(), workers=3, asker=ASKER, **options))


def listed(events: Sequence[Event]) -> list[tuple[str, str, str]]:
    return [
        (document.catalog_name, document.schema_name, document.name)
        for event in events
        if isinstance(event, Listed)
        for document in event.documents
    ]


def failures(events: Sequence[Event]) -> list[Failure]:
    return [event for event in events if isinstance(event, Failure)]
