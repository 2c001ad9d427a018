"""Walks through a metastore: catalogs, their schemas, the schemas' tables, many at once."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterator, MutableSet
from concurrent.futures import Future
from queue import SimpleQueue
from typing import Final

from lakewarden_collector.daemon_pool import Workers
from lakewarden_collector.inventory import Failure
from lakewarden_collector.sources.databricks.client.interface import Api
from lakewarden_collector.sources.databricks.client.workspace import Asker
from lakewarden_collector.sources.databricks.listing.levels import Event, Found, Levels, Task
from lakewarden_collector.sources.databricks.listing.listing_errors import unlisted
from lakewarden_collector.sources.databricks.listing.scope import HIVE_METASTORE, Scope

_SPARE: Final = 4
"""Ended tasks that may wait for what takes the events: few, for each may be a whole schema."""


def walk(
    api: Api,
    scope: Scope,
    *,
    workers: int,
    skip: Collection[tuple[str, str]] = (),
    catalogs_listed: MutableSet[str] | None = None,
    asker: Asker | None = None,
) -> Iterator[Event]:
    """Yield what a metastore holds, in the order in which it becomes known.

    Of each schema come its malformed rows as failures, the number of tables left out, and then
    one `Listed`; a schema is listed whole or is one `Failure`. `skip` names schemas (catalog,
    schema) that are known already: their tables are not asked for. Several workspaces of one
    metastore need not see the same catalogs and schemas, so each is walked, and what the earlier
    ones listed is skipped. To `catalogs_listed` every catalog is added that the listing names,
    whatever becomes of it; see `unlisted_catalogs`.

    `workers` threads ask; how many requests are under way is the throttle's business. Closing the
    iterator ends the asking: no further page is asked for. Raises `Interrupted` as `api` does.
    """
    levels = Levels(
        api=api,
        scope=scope,
        asker=Asker() if asker is None else asker,
        skip=frozenset(skip),
        catalogs_listed=set() if catalogs_listed is None else catalogs_listed,
    )
    with Workers[Found](workers, "listing") as pool:
        try:
            yield from _events(pool, levels.catalogs, workers + _SPARE)
        finally:
            levels.stop.set()


def unlisted_catalogs(
    scope: Scope, catalogs_listed: Collection[str], asker: Asker
) -> Iterator[Failure]:
    """Yield a failure for each catalog that an include pattern names and no workspace listed.

    The legacy metastore is no such catalog: it is never listed, and each walk names it.
    """
    for catalog in scope.missed({*catalogs_listed, HIVE_METASTORE}):
        yield unlisted(asker, catalog)


def _events(pool: Workers[Found], first: Task, limit: int) -> Iterator[Event]:
    """Run a task and all that follow from it, and yield their events as the tasks end.

    At most `limit` tasks are begun whose events were not taken: what bounds the memory.
    """
    waiting = deque([first])
    ended: SimpleQueue[Future[Found]] = SimpleQueue()
    begun = 0
    while waiting or begun:
        while waiting and begun < limit:
            pool.submit(waiting.popleft()).add_done_callback(ended.put)
            begun += 1
        found = ended.get().result()
        begun -= 1
        waiting.extend(found.then)
        yield from found.events
