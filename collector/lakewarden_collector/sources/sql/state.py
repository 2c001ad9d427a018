"""The tables as the statements leave them, applied one after another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from msgspec import Struct, structs

from lakewarden_collector.document import TableDocument
from lakewarden_collector.inventory import Failure
from lakewarden_collector.names import join_name, sql_name
from lakewarden_collector.patterns import fold
from lakewarden_collector.sources.sql.columns import ColumnSpec, Path, StateFault
from lakewarden_collector.sources.sql.create import Create
from lakewarden_collector.sources.sql.draft import Draft
from lakewarden_collector.sources.sql.lexer import Statement
from lakewarden_collector.sources.sql.statement import (
    Alter,
    Drop,
    DropAll,
    NotUnderstood,
    Skipped,
    Understood,
    Use,
    address_of,
    understand,
)

_FORMATS_OF_PATHS: Final = frozenset(
    {"delta", "parquet", "iceberg", "csv", "json", "orc", "avro", "text", "binaryfile"}
)
_TABLE_TYPES: Final = {
    "TABLE": "MANAGED",
    "STREAMING TABLE": "STREAMING_TABLE",
    "MATERIALIZED VIEW": "MATERIALIZED_VIEW",
}
_DOCS: Final = "docs/sql.md lists the statements that are understood."
_BY_PATH: Final = "a table by its path"

Parts = tuple[str, str, str]


class Context(Struct):
    """The current catalog and schema; `lost` says why nobody knows them."""

    catalog: str | None = None
    schema: str | None = None
    lost: str = ""


class _Lost(Struct, frozen=True):
    """A table that nobody knows any more since a statement about it failed."""

    full_name: str


class _ByPath(Exception):  # noqa: N818 -- caught where it is raised
    """A table that no catalog has."""


class Trouble(Exception):  # noqa: N818 -- it is told as a failure, never raised to a user
    """A statement that can't be applied, and what to do about it."""

    def __init__(self, reason: str, remedy: str, name: str = "", line: int = 0) -> None:
        super().__init__(reason)
        self.remedy = remedy
        self.name = name
        self.line = line


class State:
    """All tables that the statements so far make or change.

    `known` finds a table that exists already by its full name, case aside.
    """

    def __init__(
        self, known: Callable[[str], TableDocument | None], default: Path | None = None
    ) -> None:
        self.dropped: dict[str, str] = {}
        """Full names of tables that are gone, and where they were dropped."""
        self.skipped: Counter[str] = Counter()
        """How many statements of which kind make and change no table."""
        self._known = known
        self._default = default
        self._context = Context()
        self._file = ""
        self._tables: dict[str, Draft | _Lost] = {}

    def begin(self, file: str) -> None:
        """Begin a file: what another one said by USE doesn't count in it."""
        self._file = file
        catalog, schema = self._default or (None, None)
        self._context = Context(catalog, schema)

    def apply(self, statement: Statement) -> Iterator[Failure]:
        """Apply a statement; yield why it can't be."""
        try:
            understood = self._understood(statement)
            self._apply(understood, statement)
        except _ByPath:
            self.skipped[_BY_PATH] += 1
        except Trouble as trouble:
            yield Failure(
                what=trouble.name or address_of(statement.tokens),
                where=f"{self._file}:{trouble.line or statement.line}",
                reason=str(trouble),
                remedy=trouble.remedy,
            )

    def documents(self) -> Iterator[TableDocument | Failure]:
        """Yield all tables that the statements leave, but for those that a failure is about."""
        for table in self._tables.values():
            if isinstance(table, _Lost):
                continue
            try:
                yield table.document()
            except ValueError as error:
                definition = table.definition
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
            self._context.lost = f"the USE in line {statement.line} couldn't be read"
        until = f" Until it can be read, {lost} isn't decided." if lost else ""
        if statement.fault:
            raise Trouble(
                statement.fault,
                _remedy_of_fault(statement) + until,
                lost,
                statement.line,
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
            parts = self._resolved(name)
        except (Trouble, _ByPath):
            return ""
        full_name = join_name(parts)
        self._tables[fold(full_name)] = _Lost(full_name)
        return full_name

    def _apply(self, understood: Understood, statement: Statement) -> None:
        match understood:
            case Skipped(kind):
                self.skipped[kind] += 1
            case Use() as use:
                self._use(use)
            case DropAll() as drop:
                self._drop_all(drop, statement)
            case Drop() as drop:
                self._drop(drop, statement)
            case Create() as create:
                self._create(create, statement)
            case Alter() as change:
                self._alter(change, statement)

    def _use(self, use: Use) -> None:
        if use.catalog is not None:
            self._context.catalog = use.catalog.lower()
            self._context.schema, self._context.lost = "default", ""
        if use.schema is not None:
            self._context.schema = use.schema.lower()

    def _drop_all(self, drop: DropAll, statement: Statement) -> None:
        parts = list(drop.name)
        if not drop.catalog and len(parts) == 1:
            parts.insert(0, self._current("catalog", parts[0]))
        prefix = tuple(part.lower() for part in parts)
        for key, table in list(self._tables.items()):
            if isinstance(table, Draft) and table.parts[: len(prefix)] == prefix:
                if not drop.cascade:
                    raise Trouble(
                        f"{sql_name(prefix)} isn't empty: {table.full_name} is in it",
                        "Drop its tables first, or add CASCADE.",
                    )
                del self._tables[key]
                self._gone(table.full_name, statement)

    def _drop(self, drop: Drop, statement: Statement) -> None:
        parts = self._resolved(drop.name)
        full_name = join_name(parts)
        key = fold(full_name)
        found = self._find(parts)
        if found is None:
            # A view isn't among the tables, and a table that exists needn't be in any file.
            return
        if drop.view and isinstance(found, Draft) and found.table_type != "MATERIALIZED_VIEW":
            raise Trouble(
                f"{full_name} is a table, and DROP VIEW drops none", "Use DROP TABLE.", full_name
            )
        self._tables.pop(key, None)
        self._gone(full_name, statement)

    def _gone(self, full_name: str, statement: Statement) -> None:
        self.dropped[full_name] = f"{self._file}:{statement.line}"

    def _create(self, create: Create, statement: Statement) -> None:
        parts = self._resolved(create.name)
        full_name = join_name(parts)
        present = self._tables.get(fold(full_name))
        existing = None if full_name in self.dropped else self._known(full_name)
        if create.if_not_exists and not create.refresh:
            if isinstance(present, Draft):
                return
            if present is None and existing is not None:
                draft = Draft.of(existing)
                self._place(draft, create.address, statement)
                self._tables[fold(full_name)] = draft
                return
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
        draft.exists = existing is not None and not create.replace
        draft.action = "replace" if create.replace else "update" if draft.exists else "create"
        self._place(draft, create.address, statement)
        try:
            self._fill(draft, create)
        except StateFault as fault:
            self._lose(parts)
            raise Trouble(
                f"this {create.address} can't run: {fault}",
                f"Correct the statement. Until then {full_name} isn't decided.",
                full_name,
            ) from fault
        self._tables[fold(full_name)] = draft
        self.dropped.pop(full_name, None)

    def _fill(self, draft: Draft, create: Create) -> None:  # noqa: C901 -- one branch for each clause
        draft.table_type = _TABLE_TYPES[create.kind]
        draft.format = create.format or "DELTA"
        origin = create.like or create.clone
        if origin is not None:
            self._copy(draft, create, origin)
        elif create.columns or create.partition_columns:
            keys = {fold(key) for key in create.primary_key}
            for spec in (*(create.columns or ()), *create.partition_columns):
                implied = fold(spec.path[0]) in keys
                draft.known_columns().add(_required(spec) if implied else spec)
        elif create.query:
            draft.columns, draft.columns_absence = None, "The query gives the table its columns."
        elif create.location is not None:
            draft.columns = None
            draft.columns_absence = draft.other_properties = (
                "What lies at the location already gives it."
            )
        if create.location is not None:
            draft.set_location(create.location)
        elif create.external:
            draft.table_type = "EXTERNAL"
        if create.comment is not None:
            draft.comment = create.comment
        draft.set_properties(create.properties)
        draft.partition_by(create.partitioned_by)
        if create.clustered:
            draft.cluster_by(create.clustering)
        if create.tags:
            draft.set_tags(create.tags)

    def _copy(self, draft: Draft, create: Create, origin: Path) -> None:
        """Take over what LIKE and CLONE copy, as far as it is known."""
        absence = f"{sql_name(origin)} gives it."
        try:
            source = self._find(self._resolved(origin))
        except (_ByPath, Trouble):
            source = None
        draft.other_properties = absence
        draft.comment = None
        if not isinstance(source, Draft) or create.versioned:
            draft.columns, draft.columns_absence = None, absence
            draft.format = create.format
            return
        draft.copy_columns(source)
        draft.format = create.format or source.format
        if create.clone and source.properties is not None and not source.other_properties:
            draft.properties, draft.other_properties = dict(source.properties), ""
            draft.comment = source.comment

    def _alter(self, change: Alter, statement: Statement) -> None:
        parts = self._resolved(change.name)
        full_name = join_name(parts)
        found = self._find(parts)
        if isinstance(found, _Lost):
            return  # a failure tells of it already
        if found is None:
            if change.view:
                self.skipped[change.address] += 1
                return
            if change.if_exists:
                return
            raise self._no_table(change, full_name)
        if not found.definition.address:
            self._place(found, change.address, statement)
        try:
            for each in change.changes:
                each(found)
        except StateFault as fault:
            self._lose(parts)
            raise Trouble(
                f"this {change.address} can't run: {fault}",
                f"Correct the statement. Until then {full_name} isn't decided.",
                full_name,
            ) from fault
        if found.action == "no-op" and (change.changes or change.rename):
            found.action = "update"
        self._tables[fold(full_name)] = found
        if change.rename is not None:
            self._rename(found, change, statement)

    def _no_table(self, change: Alter, full_name: str) -> Trouble:
        if full_name in self.dropped:
            return Trouble(
                f"this {change.address} can't run: {full_name} was dropped in "
                f"{self.dropped[full_name]}",
                "Correct the statement.",
                full_name,
            )
        return Trouble(
            f"this {change.address} is about {full_name}, which no file creates",
            "Add the file that creates it, or collect the table from the workspace.",
            full_name,
        )

    def _rename(self, draft: Draft, change: Alter, statement: Statement) -> None:
        assert change.rename is not None  # noqa: S101 -- the caller has looked
        name = change.rename
        old = draft.full_name
        parts = self._resolved((*draft.parts[: 3 - len(name)], *name))
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
        self.dropped.pop(new, None)
        self._tables[fold(new)] = draft

    def _place(self, draft: Draft, address: str, statement: Statement) -> None:
        draft.definition = structs.replace(
            draft.definition, tool="sql", address=address, file=self._file, line=statement.line
        )

    def _find(self, parts: Parts) -> Draft | _Lost | None:
        full_name = join_name(parts)
        found = self._tables.get(fold(full_name))
        if found is not None or full_name in self.dropped:
            return found
        known = self._known(full_name)
        return None if known is None else Draft.of(known)

    def _resolved(self, name: Sequence[str]) -> Parts:
        """Return the three parts of a table's name, in lower case as Unity Catalog keeps them."""
        if len(name) > 1 and name[0].lower() in _FORMATS_OF_PATHS and _is_path(name[1]):
            raise _ByPath
        if len(name) > 3:  # noqa: PLR2004 -- catalog, schema, table
            raise Trouble(f"{sql_name(name)} has more than three parts", "Correct the name.")
        parts = [part.lower() for part in name]
        if len(parts) == 1:
            parts.insert(0, self._current("schema", name[-1]))
        if len(parts) == 2:  # noqa: PLR2004 -- schema, table
            parts.insert(0, self._current("catalog", name[-1]))
        catalog, schema, table = parts
        return catalog, schema, table

    def _current(self, what: str, name: str) -> str:
        found: str | None = getattr(self._context, what)
        if self._context.lost or found is None:
            why = f": {self._context.lost}" if self._context.lost else ""
            raise Trouble(
                f"which {what} {name} lies in isn't known{why}",
                "Write all three parts of the name, say USE CATALOG and USE SCHEMA in the file, "
                "or name the schema by --default-schema CATALOG.SCHEMA.",
            )
        return found.lower()


def _required(spec: ColumnSpec) -> ColumnSpec:
    return structs.replace(spec, primary_key=True)


def _is_path(text: str) -> bool:
    return "/" in text or ":" in text


def _remedy_of_fault(statement: Statement) -> str:
    if "template" in statement.fault:
        return "Render the templates first, and name the rendered files."
    return "Close it. The rest of the file isn't read."
