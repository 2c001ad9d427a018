"""The tables as the statements leave them, applied one after another."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from typing import Final, Literal

from msgspec import UNSET, Struct, structs

from lakewarden_collector.document import TableDocument
from lakewarden_collector.inventory import Failure
from lakewarden_collector.names import join_name, sql_name
from lakewarden_collector.patterns import fold
from lakewarden_collector.planned import Lookup
from lakewarden_collector.sources.sql.columns import Path, StateFault
from lakewarden_collector.sources.sql.create import Create
from lakewarden_collector.sources.sql.draft import Draft
from lakewarden_collector.sources.sql.lexer import Statement
from lakewarden_collector.sources.sql.making import make
from lakewarden_collector.sources.sql.naming import ByPath, Naming, Parts, Trouble
from lakewarden_collector.sources.sql.statement import (
    Alter,
    Drop,
    DropAll,
    Evolve,
    NotUnderstood,
    Skipped,
    Understood,
    Use,
    address_of,
    understand,
)

_OF_DBT: Final = re.compile(r"\{\{-?\s*(config|ref|source)\s*\(")
_DOCS: Final = "docs/sql.md lists the statements that are understood."
_RUN_ALREADY: Final = (
    " The table exists already: if this statement has run, leave its file out of the pattern."
)

OTHER: Final = "statements that make and change no table"
FOREIGN: Final = "what isn't SQL isn't read: it may make tables"
LOST: Final = "statements about a table that isn't decided: a failure says why"
NOWHERE: Final = "statements about a table or view that no file creates, and that may not exist"
THERE: Final = "statements about a table that is there already, with IF NOT EXISTS"


class _Lost(Struct, frozen=True):
    """A table that nobody knows any more since a statement about it failed."""

    parts: Parts

    @property
    def full_name(self) -> str:
        return join_name(self.parts)


class State:
    """All tables that the statements so far make or change.

    `known` finds a table that exists already by its full name, case aside; `estate` is what a
    reader calls the place where it looks, empty for none. Each statement takes
    effect, is skipped for a reason, or has a failure; `effective` and `skipped` count the others.
    """

    def __init__(
        self,
        known: Lookup,
        default: Path | None = None,
        estate: str = "",
    ) -> None:
        self.dropped: dict[str, str] = {}
        """Full names of tables that are gone, and where they were dropped or renamed."""
        self.renamed: dict[str, str] = {}
        """Full names of those that have another name now, and that name."""
        self.effective = 0
        self.skipped: Counter[tuple[str, str]] = Counter()
        """How many statements of which kind have no effect on any document, and why."""
        self._known = known
        self._estate = estate
        self._default = default
        self._naming = Naming(default)
        self._file = ""
        self._tables: dict[str, Draft | _Lost] = {}
        self._views: set[str] = set()
        self._emptied: dict[tuple[str, ...], str] = {}
        self._failures: list[Failure] = []

    def begin(self, file: str) -> None:
        """Begin a file: what another one said by USE doesn't count in it."""
        self._file = file
        self._naming = Naming(self._default)

    def apply(self, statement: Statement) -> None:
        """Apply a statement, or keep why it can't be."""
        address = address_of(statement.tokens)
        try:
            understood = self._understood(statement)
            why = self._apply(understood, statement)
        except ByPath:
            self.skipped["a table by its path", OTHER] += 1
        except Trouble as trouble:
            self._failures.append(
                Failure(
                    what=trouble.name or address,
                    where=f"{self._file}:{trouble.line or statement.line}",
                    reason=str(trouble),
                    remedy=trouble.remedy,
                    covers=_covers(statement, trouble),
                )
            )
        else:
            if why:
                kind = understood.kind if isinstance(understood, Skipped) else address
                self.skipped[kind, why] += 1
            else:
                self.effective += 1

    def results(self) -> Iterator[TableDocument | Failure]:
        """Yield all failures, and all tables that the statements leave but for those of failures.

        A table counts as lost once, however many statements failed about it.
        """
        found = list(self._documents())
        yield from found
        counted = {fold(name) for name in self.dropped}
        counted |= {
            fold(each.full_name if isinstance(each, TableDocument) else each.what) for each in found
        }
        for failure in self._failures:
            key = fold(failure.what)
            again = failure.covers == "table" and key in counted
            yield structs.replace(failure, covers="statement") if again else failure
            counted.add(key)

    def _documents(self) -> Iterator[TableDocument | Failure]:
        for table in self._tables.values():
            if isinstance(table, _Lost):
                continue
            definition = table.definition
            if table.action in {"create", UNSET} and self._known(table.full_name) is not None:
                table.action = "replace"  # another table had this name, and is gone
            try:
                yield table.document()
            except ValueError as error:
                yield Failure(
                    what=table.full_name,
                    where=f"{definition.file}:{definition.line}",
                    reason=f"it makes no valid table document: {error}",
                    remedy="Correct the statement.",
                )

    def _understood(self, statement: Statement) -> Understood:
        try:
            understood = understand(statement.tokens)
        except NotUnderstood as fault:
            understood = None
            name, reason, line = fault.name, str(fault), fault.line
        else:
            name, reason, line = getattr(understood, "name", None), "", statement.line
        if understood is not None and not statement.fault:
            return understood
        lost = self._lose(name)
        if isinstance(understood, Use) or statement.tokens[0].value == "USE":
            self._naming.lost = f"the USE in line {statement.line} couldn't be read"
        until = f" Until it can be read, {lost} isn't decided." if lost else ""
        if statement.fault:
            raise Trouble(
                statement.fault, _remedy_of_fault(statement) + until, lost, statement.line
            )
        raise Trouble(
            f"this {address_of(statement.tokens)} isn't understood: {reason}",
            f"Check it against Databricks SQL. {_DOCS}{until}",
            lost,
            line,
        )

    def _lose(self, name: Path | None) -> str:
        """Have nobody decide about a table whose statement failed; return its name if known."""
        if not name:
            return ""
        try:
            parts = self._naming.table(name)
        except (Trouble, ByPath):
            return ""
        lost = _Lost(parts)
        if fold(lost.full_name) in self._views:
            return ""
        self._tables[fold(lost.full_name)] = lost
        return lost.full_name

    def _apply(self, understood: Understood, statement: Statement) -> str:  # noqa: PLR0911 -- one for each kind of statement
        """Apply a statement; return why it has no effect, empty where it has one."""
        match understood:
            case Skipped(foreign=True):
                return FOREIGN
            case Skipped(view=view):
                with suppress(Trouble, ByPath):
                    self._views.add(fold(join_name(self._naming.table(view or ()))))
                return OTHER
            case Evolve(name):
                return self._evolve(name)
            case Use(catalog, schema):
                self._naming.use(catalog, schema)
                return ""
            case DropAll() as drop:
                return self._drop_all(drop, statement)
            case Drop() as drop:
                return self._drop(drop, statement)
            case Create() as create:
                return self._create(create, statement)
            case Alter() as change:
                return self._alter(change, statement)

    def _evolve(self, name: Path) -> str:
        found = self._tables.get(fold(join_name(self._naming.table(name))))
        if not isinstance(found, Draft):
            return OTHER
        found.evolve()
        return ""

    def _drop_all(self, drop: DropAll, statement: Statement) -> str:
        prefix = self._naming.container(drop.name, catalog=drop.catalog)
        inside = [
            (key, table)
            for key, table in self._tables.items()
            if table.parts[: len(prefix)] == prefix
        ]
        if inside and not drop.cascade:
            raise Trouble(
                f"{sql_name(prefix)} isn't empty: {inside[0][1].full_name} is in it",
                "Drop its tables first, or add CASCADE.",
            )
        self._emptied[prefix] = f"{self._file}:{statement.line}"
        for key, table in inside:
            del self._tables[key]
            self._gone(table.full_name, statement)
        return "" if inside else NOWHERE

    def _drop(self, drop: Drop, statement: Statement) -> str:
        parts = self._naming.table(drop.name)
        full_name = join_name(parts)
        found = self._find(parts)
        if found is None:
            # A view isn't among the tables, and a table that exists needn't be in any file.
            self._views.discard(fold(full_name))
            return NOWHERE
        if drop.view and isinstance(found, Draft) and "VIEW" not in (found.table_type or ""):
            raise Trouble(
                f"{full_name} is a table, and DROP VIEW drops none", "Use DROP TABLE.", full_name
            )
        self._tables.pop(fold(full_name), None)
        self._gone(full_name, statement)
        return ""

    def _gone(self, full_name: str, statement: Statement) -> None:
        self.renamed.pop(full_name, None)
        self.dropped[full_name] = f"{self._file}:{statement.line}"

    def _create(self, create: Create, statement: Statement) -> str:
        parts = self._naming.table(create.name)
        full_name = join_name(parts)
        key = fold(full_name)
        present = self._tables.get(key)
        existing = None if self._is_gone(parts) else self._known(full_name)
        if create.if_not_exists and not create.refresh:
            if present is not None:
                return THERE if isinstance(present, Draft) else LOST
            if existing is not None:
                draft = Draft.of(existing)
                self._place(draft, create.address, statement)
                self._tables[key] = draft
                return ""
        if isinstance(present, Draft) and not (create.replace or create.refresh):
            place = f"{present.definition.file}:{present.definition.line}"
            self._lose(parts)
            raise Trouble(
                f"{full_name} is there already, made in {place}",
                "Keep one of the two, or write CREATE OR REPLACE or IF NOT EXISTS. Until then "
                f"{full_name} isn't decided.",
                full_name,
            )
        draft = Draft(parts)
        draft.action = "replace" if create.replace else "create"
        if create.if_not_exists or create.refresh:
            draft.action = UNSET  # the statement is for both cases
        if existing is not None and not create.replace:
            draft.stand_for(existing)
        self._place(draft, create.address, statement)
        try:
            make(draft, create, self._origin(create), self._draft(parts))
        except StateFault as fault:
            raise self._cannot(create.address, parts, fault) from fault
        self._tables[key] = draft
        self.dropped.pop(full_name, None)
        return ""

    def _origin(self, create: Create) -> Draft | None:
        """Return the table that a CREATE copies, as far as it is known."""
        named = create.like or create.clone
        try:
            return self._draft(self._naming.table(named)) if named else None
        except (ByPath, Trouble):
            return None

    def _draft(self, parts: Parts) -> Draft | None:
        found = self._find(parts)
        return found if isinstance(found, Draft) else None

    def _cannot(self, address: str, parts: Parts, fault: StateFault, more: str = "") -> Trouble:
        name = self._lose(parts)
        return Trouble(
            f"this {address} can't run: {fault}",
            f"Correct the statement.{more} Until then {name} isn't decided.",
            name,
        )

    def _alter(self, change: Alter, statement: Statement) -> str:
        parts = self._naming.table(change.name)
        full_name = join_name(parts)
        found = self._find(parts)
        if isinstance(found, _Lost):
            if change.rename is not None:
                del self._tables[fold(full_name)]
                self._lose(self._renamed(parts, change.rename))
            return LOST
        if change.rename is not None:
            # Asking tells which tables need to be looked for among those that exist.
            self._known(join_name(self._renamed(parts, change.rename)))
        if found is None:
            return self._nowhere(change, parts)
        if not found.definition.address:
            self._place(found, change.address, statement)
        try:
            for each in change.changes:
                each(found)
        except StateFault as fault:
            ran = _RUN_ALREADY if found.exists else ""
            raise self._cannot(change.address, parts, fault, ran) from fault
        if found.action == "no-op" and (change.changes or change.rename):
            found.action = "update"
        self._tables[fold(full_name)] = found
        if change.rename is not None:
            self._rename(found, change.rename, statement)
        return ""

    def _nowhere(self, change: Alter, parts: Parts) -> str:
        """Return why a change of a table that nobody knows has no effect; raises `Trouble`."""
        full_name = join_name(parts)
        if change.view or fold(full_name) in self._views:
            return OTHER
        if change.if_exists:
            return NOWHERE
        if gone := self._is_gone(parts):
            new = self.renamed.get(full_name)
            how = f"renamed to {new}" if new else "dropped"
            raise Trouble(
                f"this {change.address} can't run: {full_name} was {how} in {gone}",
                "Correct the statement.",
                full_name,
            )
        where, remedy = "", "name the estate: --with INVENTORY or --with databricks."
        if self._estate:
            where = f" and {self._estate} doesn't show"
            remedy = "correct the name. If the table exists, collect the estate again."
        raise Trouble(
            f"this {change.address} is about {full_name}, which no file creates{where}",
            f"Add the file that creates it, or {remedy}",
            full_name,
        )

    def _rename(self, draft: Draft, name: Path, statement: Statement) -> None:
        old = draft.full_name
        parts = self._renamed(draft.parts, name)
        new = join_name(parts)
        if fold(new) == fold(old):
            return
        if self._find(parts) is not None:
            self._lose(draft.parts)
            raise Trouble(
                f"{old} can't be renamed: {new} is there already",
                f"Correct the statement. Until then {old} isn't decided.",
                old,
            )
        del self._tables[fold(old)]
        self._gone(old, statement)
        draft.parts = parts
        self.renamed[old] = new
        self.dropped.pop(new, None)
        self._tables[fold(new)] = draft

    def _renamed(self, parts: Parts, name: Path) -> Parts:
        """Return the new parts of a table that is renamed; a short name is one in its schema."""
        if len(name) > len(parts):
            raise self._cannot("ALTER", parts, StateFault(f"{sql_name(name)} has too many parts"))
        return self._naming.table((*parts[: len(parts) - len(name)], *name))

    def _place(self, draft: Draft, address: str, statement: Statement) -> None:
        draft.definition = structs.replace(
            draft.definition, tool="sql", address=address, file=self._file, line=statement.line
        )

    def _find(self, parts: Parts) -> Draft | _Lost | None:
        full_name = join_name(parts)
        found = self._tables.get(fold(full_name))
        if found is not None or self._is_gone(parts):
            return found
        known = self._known(full_name)
        return None if known is None else Draft.of(known)

    def _is_gone(self, parts: Parts) -> str:
        """Return where a table was dropped, alone or with its schema; empty where it wasn't."""
        return self.dropped.get(join_name(parts), "") or next(
            (self._emptied[parts[:some]] for some in (1, 2) if parts[:some] in self._emptied), ""
        )


def _covers(statement: Statement, trouble: Trouble) -> Literal["table", "statement", "file"]:
    if statement.open:
        return "file"
    return "table" if trouble.name else "statement"


def _remedy_of_fault(statement: Statement) -> str:
    if statement.open:
        return "Close it. What follows isn't read."
    if _OF_DBT.search(statement.fault):
        return "Of a dbt project, read the manifest: --source dbt:target/manifest.json."
    return "Render the templates first, and name the rendered files."
