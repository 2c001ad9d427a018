"""Fetches one metastore's evidence about many tables at once, by lookups on first use."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from lakewarden_collector.document import TableDocument
from lakewarden_collector.sources.databricks.collecting.warehouse import Warehouse
from lakewarden_collector.sources.databricks.evidence.lookup import Lookup
from lakewarden_collector.sources.databricks.evidence.metrics_history import MetricsHistory
from lakewarden_collector.sources.databricks.journal.events import Answered, Attempt
from lakewarden_collector.sources.databricks.journal.journal import Journal
from lakewarden_collector.sources.databricks.statements.errors import StatementError


class EvidenceFetcher:
    """Asks one metastore's warehouse, and writes the answers to the journal.

    `catalogs` are those whose tables are asked about.
    """

    def __init__(
        self,
        warehouse: Warehouse,
        journal: Journal,
        *,
        metastore: str,
        catalogs: Sequence[str],
        lookups: Sequence[Lookup],
    ) -> None:
        self._warehouse = warehouse
        self._journal = journal
        self._metastore = metastore
        self._catalogs = catalogs
        self._lookups: Mapping[str, Lookup] = {lookup.name: lookup for lookup in lookups}
        self._loaded: set[str] = set()
        self._answered: set[str] = set()
        """Lookups that an earlier attempt has made."""
        for answered in journal.answers:
            if answered.metastore == metastore and answered.answer.name in self._lookups:
                self._lookups[answered.answer.name].take(answered.answer)
                self._answered.add(answered.answer.name)

    def look_up(self, name: str, document: TableDocument) -> tuple[TableDocument, Attempt]:
        """Return the document with a lookup's evidence or why there is none, and the attempt."""
        lookup = self._lookups[name]
        if self._warehouse.closed is None and name not in self._loaded:
            self._load(lookup)
        if self._warehouse.closed is not None and name not in self._loaded:
            refused = self._warehouse.without(document, lookup.evidence_kind)
            return refused, Attempt(way=name, settled=False)
        found = lookup.apply(document)
        why = found.evidence.get(lookup.evidence_kind)
        return found, Attempt(way=name, settled=why is None or why.status == "unsupported")

    def offer(self, name: str, document: TableDocument) -> TableDocument:
        """Return the document with what a lookup says that was made anyway; nothing is asked."""
        if name not in self._loaded | self._answered:
            return document
        return self._lookups[name].apply(document)

    def known(self) -> Iterable[tuple[str, str, str, str]]:
        """Return catalog, schema, name and id of every table that the lookups know to exist."""
        for lookup in self._lookups.values():
            if isinstance(lookup, MetricsHistory):
                yield from lookup.known()

    def _load(self, lookup: Lookup) -> None:
        try:
            for answer in lookup.load(self._warehouse.send_within_budget, self._catalogs):
                self._journal.add(Answered(metastore=self._metastore, answer=answer))
                lookup.take(answer)
        except StatementError as error:
            self._warehouse.close(error)
            return
        self._loaded.add(lookup.name)
        for sentence in lookup.notes:
            self._warehouse.note(sentence)
