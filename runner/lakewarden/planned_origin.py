"""A plan beside the estate that it changes: what a plan doesn't know of tables that exist.

The plan is read first, since it names the tables that the estate is asked about. SQL files are read
again afterwards: what an ALTER makes of a table depends on what the table is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Final

from msgspec import UNSET, Struct, structs

from lakewarden.evaluation.document_store import Item, TableIntake
from lakewarden.evaluation.name_patterns import TablePatterns
from lakewarden.model.errors import ConfigurationError
from lakewarden.open_origin import Estate, OpenOrigin, ReadOrigin
from lakewarden_collector import planned
from lakewarden_collector.decoding import decoder
from lakewarden_collector.document import (
    Absence,
    Definition,
    EncodedDocument,
    TableDocument,
    encoded,
)
from lakewarden_collector.errors import clause
from lakewarden_collector.inventory import Failure, InventoryReader, LeftOut
from lakewarden_collector.names import split_name
from lakewarden_collector.patterns import fold
from lakewarden_collector.planned import Lookup
from lakewarden_collector.sources.interface import Advice, Adviser, Check, Listed, Source

_decode: Final = decoder(TableDocument).decode
_NO_DEFINITION: Final = Definition()
_KINDS: Final = ("table ", "schema ", "catalog ", "tables of schema ")
"""How the failures of a listing and what it leaves out begin, before the name."""

ReadPlan = Callable[[Lookup], Source]
"""Opens the plan with what finds the tables that exist."""


class Plan:
    """A plan's tables and failures, for what is known of the tables that exist."""

    def __init__(self, read: ReadPlan, *, asks: bool) -> None:
        self.left_out: Sequence[LeftOut] = ()
        """What the plan leaves out, as last read."""
        self.names: dict[str, str] = {}
        """The full names of all tables that the plan makes, changes or asks for, by that without
        case."""
        self._read = read
        self._asks = asks
        """Whether what the plan makes of a table depends on what the table is."""
        source = read(self._note)
        self.scope = source.scope
        self._items = self._taken(source)
        for item in self._items:
            if isinstance(item, TableDocument):
                self._note(item.full_name)

    def items(self, known: Lookup) -> Sequence[TableDocument | Failure]:
        """Return the tables and failures, read again if they depend on what is known."""
        return self._taken(self._read(known)) if self._asks else self._items

    def settle(self, known: Lookup) -> Sequence[TableDocument | Failure]:
        """Read the tables and failures a last time, now that all is known, and return them."""
        self._items = list(self.items(known))
        self._asks = False
        return self._items

    def _taken(self, source: Source) -> list[TableDocument | Failure]:
        items = list(source.tables())
        self.left_out = source.left_out
        return items

    def _note(self, full_name: str) -> None:
        self.names.setdefault(fold(full_name), full_name)


class _Tables(Struct, frozen=True):
    """Tables that exist, by full name without case and by id."""

    names: dict[str, TableDocument]
    ids: dict[str, TableDocument]

    def add(self, document: TableDocument) -> None:
        """Add a table that isn't there yet."""
        self.names[fold(document.full_name)] = document
        if document.table_id:
            self.ids[document.table_id] = document

    def find(self, full_name: str) -> TableDocument | None:
        """Return the table of a name."""
        return self.names.get(fold(full_name))

    def before(self, table: TableDocument) -> TableDocument | None:
        """Return what a planned table is now, under its old name if the plan renames it."""
        found = self.find(table.full_name)
        if table.table_id and (found is None or found.table_id != table.table_id):
            return self.ids.get(table.table_id, found)
        return found


class _Existing:
    """What is known of the tables that a plan names, as they stand."""

    def __init__(self, opened: OpenOrigin | None, names: Iterable[str], scope: str) -> None:
        self.scope = scope
        self.tables = _Tables({}, {})
        self.lost: dict[str, str] = {}
        """By full name without case: why a table couldn't be read."""
        self.failures: list[Failure] = []
        """What may concern the plan and is more than a table: a schema, for one."""
        self._opened = opened
        self._left_out: dict[tuple[str, ...], LeftOut] = {}
        """Catalogs and schemas that weren't collected, all or in part."""
        self._names = frozenset(names)
        self._prefixes = {split_name(name)[:depth] for name in self._names for depth in (1, 2)}

    def read(self) -> None:
        """Read the estate once; raises `ConfigurationError` where it is a plan itself."""
        if self._opened is None:
            return
        unread: list[Failure] = []
        items = 0
        for items, item in enumerate(self._opened.items, 1):  # noqa: B007 -- how many there were
            if isinstance(item, Failure):
                self._fail(item, unread)
            elif fold(item.full_name) in self._names:
                self._take(item, self._opened.items.where)
        shortcomings = list(self._opened.shortcomings)
        if not items and isinstance(reader := self._opened.items, InventoryReader):
            shortcomings += ["it's empty"] if reader.header is None else []
        unread += [
            Failure(what="", where=self.scope, reason=shortcoming, remedy="Collect it again.")
            for shortcoming in shortcomings
        ]
        if unread:
            self.failures.append(self._incomplete(unread))
        self._note_left_out(self._opened)

    def _note_left_out(self, opened: OpenOrigin) -> None:
        """Note which places of the plan weren't collected; a workspace is asked for its tables."""
        asked = not isinstance(opened, ReadOrigin)
        for each in opened.left_out:
            if not (asked and each.what.startswith("tables of ")):
                with suppress(ValueError):
                    self._left_out[tuple(split_name(fold(_named(each.what))))] = each

    def _take(self, item: TableDocument | EncodedDocument, where: str) -> None:
        document = _decode(item.data) if isinstance(item, EncodedDocument) else item
        if document.definition != _NO_DEFINITION:
            raise ConfigurationError(
                f"{document.full_name} is a planned table, not one as it stands",
                where=f"--with {where}",
                remedy="Name an inventory of the estate: `lakewarden collect --source databricks`.",
            )
        name = fold(document.full_name)
        if name in self.tables.names or name in self.lost:
            self.tables.names.pop(name, None)
            self.lost[name] = f"{self.scope} has more than one document of it"
        else:
            self.tables.add(document)

    def _fail(self, failure: Failure, unread: list[Failure]) -> None:
        """Note a failure that may concern the plan."""
        parts = _parts(failure)
        if not parts:
            unread.append(failure)
        elif len(parts) == 3:  # noqa: PLR2004 -- catalog, schema, table
            self.lost[fold(_named(failure.what))] = (
                f"{self.scope} couldn't read it: {failure.reason}"
            )
        elif parts in self._prefixes:
            self.failures.append(failure)

    def _incomplete(self, unread: Sequence[Failure]) -> Failure:
        first = unread[0]
        more = f" (and {len(unread) - 1:,} more)" if len(unread) > 1 else ""
        return Failure(
            what=f"part of {self.scope}",
            where=first.where,
            reason=f"{clause(first.reason)}{more}, so it may lack tables that exist",
            remedy=first.remedy,
            covers="file" if isinstance(self._opened, ReadOrigin) else "workspace",
        )

    def why_lost(self, full_name: str) -> Absence | None:
        """Return why nobody knows whether a table that wasn't found exists; None if it doesn't."""
        name = fold(full_name)
        if name in self.lost:
            return Absence(status="failed", reason=self.lost[name])
        catalog, schema, _ = split_name(name)
        for failure in self.failures:
            if _parts(failure) in {(), (catalog,), (catalog, schema)}:
                reason = f"{self.scope} couldn't read {failure.what}: {failure.reason}"
                return Absence(status="failed", reason=reason)
        for place in ((catalog,), (catalog, schema)):
            if left_out := self._left_out.get(place):
                reason = f"{self.scope} leaves out {left_out.what}: {left_out.reason}"
                return Absence(status="not_requested", reason=reason)
        return None


def _named(what: str) -> str:
    kind = next((kind for kind in _KINDS if what.startswith(kind)), "")
    return what.removeprefix(kind)


def _parts(failure: Failure) -> tuple[str, ...]:
    """Return the name, case aside, of what a failure is about; empty where it says none."""
    try:
        parts = split_name(fold(_named(failure.what)))
    except ValueError:
        return ()
    kinds = {"catalog": 1, "schema": 2, "table": 3}
    return tuple(parts) if kinds.get(failure.covers) == len(parts) else ()


class _PlannedItems:
    """The planned tables with what the estate tells of them; the failures of both."""

    def __init__(self, plan: Plan, existing: _Existing, opened: OpenOrigin | None) -> None:
        self.where = plan.scope
        self.shortcomings: Sequence[str] = ()
        self._plan = plan
        self._existing = existing
        self._opened = opened

    @property
    def left_out(self) -> Sequence[LeftOut]:
        """What the plan leaves out; known after the iteration."""
        return self._plan.left_out

    @property
    def spent(self) -> dict[str, int]:
        """What was asked of the estate; known after the iteration."""
        return {} if self._opened is None else self._opened.spent

    @property
    def workspace(self) -> str:
        """The workspace of the estate; known after the iteration."""
        return "" if self._opened is None else self._opened.workspace

    def __iter__(self) -> Iterator[Item]:
        self._existing.read()
        for item in self._plan.settle(self._existing.tables.find):
            yield item if isinstance(item, Failure) else self._beside(item)
        yield from self._existing.failures

    def _beside(self, table: TableDocument) -> TableDocument:
        existing = self._existing.tables.before(table)
        if existing is not None:
            return planned.as_it_stands(table, existing, self._existing.scope)
        if (why := self._existing.why_lost(table.full_name)) is not None:
            return planned.not_read(table, why)
        return planned.not_there(table, self._existing.scope)


class PlannedOrigin(ReadOrigin):
    """A plan and the estate that it changes; see `OpenOrigin`.

    `opened` is the estate, None where the plan names no table.
    """

    def __init__(
        self, source: str, plan: Plan, opened: OpenOrigin | None, estate: str, now: str
    ) -> None:
        self._existing = _Existing(opened, plan.names, estate)
        self._plan = plan
        self._opened = opened
        self._now = now
        self._chosen = TablePatterns(())
        items = _PlannedItems(plan, self._existing, opened)
        super().__init__(source, f"{plan.scope}, with {estate}", items)

    @property
    def estate(self) -> Estate | None:
        """The planned tables as they stand; after the iteration."""
        if self._opened is None:
            return None
        as_of = min(self._opened.started_at, self._now)  # it's collected in the course of the run
        if isinstance(items := self._opened.items, InventoryReader):
            as_of = items.header.started_at if items.header else self._now
        return Estate(
            source=self._opened.source,
            scope=self._existing.scope,
            as_of=as_of,
            tables=self._before,
            unread=frozenset(self._unread()),
        )

    def _before(self) -> Iterator[tuple[str, EncodedDocument]]:
        for item in self._plan.items(self._existing.tables.find):
            if isinstance(item, TableDocument):
                existing = self._existing.tables.before(item)
                if existing is not None:
                    # A size that nobody knows counts before as it does after: no plan changes it.
                    existing = structs.replace(existing, definition=item.definition)
                    yield item.full_name, encoded(existing)

    def _unread(self) -> Iterator[str]:
        find = self._existing.tables
        for item in self._plan.items(find.find):
            if not isinstance(item, TableDocument) or find.before(item) is not None:
                continue
            action = item.definition.action
            if action in {"update", "no-op"} or (
                action is UNSET and self._existing.why_lost(item.full_name) is not None
            ):
                yield item.full_name

    def intake(self, patterns: Sequence[str]) -> TableIntake:
        """Return an intake of planned tables; only those that are chosen are worth a statement."""
        self._chosen = TablePatterns(patterns)
        return super().intake(patterns)

    def advise(self, adviser: Callable[[], Adviser]) -> None:
        """Have an estate collected so that its planned tables are decided, before and after."""
        if self._opened is not None:
            self._opened.advise(lambda: self._advised(adviser()))

    def when_listed(self, check: Listed) -> None:
        """Check nothing beforehand: what an estate lists isn't what is evaluated."""

    def check(self) -> Iterator[Check] | None:
        """Look at what collecting from the estate needs."""
        return None if self._opened is None else self._opened.check()

    def plan(self) -> Sequence[str]:
        """Say what collecting from the estate would cost."""
        return super().plan() if self._opened is None else self._opened.plan()

    def _advised(self, adviser: Adviser) -> Adviser:
        """Return an adviser that wants what a table needs as it stands and as it is planned.

        The planned one is asked about without its definition: a size is to be fetched, not assumed.
        """

        def advise(documents: Sequence[TableDocument]) -> Sequence[Advice]:
            listed = _Tables({}, {})
            for each in documents:
                listed.add(each)
            changed = {
                fold(existing.full_name): each
                for each in self._plan.items(listed.find)
                if isinstance(each, TableDocument) and (existing := listed.before(each)) is not None
            }
            after = [
                _undefined(planned.as_it_stands(changed[name], each, self._existing.scope))
                if (name := fold(each.full_name)) in changed
                else each
                for each in documents
            ]
            both = zip(adviser(documents), adviser(after), after, strict=True)
            return [
                Advice(now.wants | then.wants, now.outcome + then.outcome)
                if self._chosen.choose(table.full_name)
                else Advice(frozenset())
                for now, then, table in both
            ]

        return advise


def _undefined(document: TableDocument) -> TableDocument:
    return structs.replace(document, definition=_NO_DEFINITION)
