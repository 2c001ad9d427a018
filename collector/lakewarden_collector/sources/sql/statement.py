"""What a statement is: something about tables, something else, or nothing that is understood."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Final

from msgspec import Struct

from lakewarden_collector.sources.sql import alter, clauses
from lakewarden_collector.sources.sql.columns import Path
from lakewarden_collector.sources.sql.create import Create, TableKind, create
from lakewarden_collector.sources.sql.cursor import Cursor, SyntaxFault
from lakewarden_collector.sources.sql.draft import Draft
from lakewarden_collector.sources.sql.lexer import Token

_NO_TABLE: Final = frozenset(
    {
        *("SELECT", "WITH", "VALUES", "FROM", "TABLE", "(", "INSERT", "UPDATE", "DELETE", "MERGE"),
        *("TRUNCATE", "COPY", "LOAD", "GRANT", "REVOKE", "DENY", "SHOW", "DESCRIBE", "DESC"),
        *("EXPLAIN", "OPTIMIZE", "VACUUM", "ANALYZE", "REFRESH", "MSCK", "REPAIR", "CACHE"),
        *("UNCACHE", "CLEAR", "SET", "RESET", "FSCK", "REORG", "LIST", "ADD", "PUT", "GET"),
        *("REMOVE", "DECLARE", "APPLY", "AUTO", "COMMIT", "GENERATE"),
    }
)
"""First words of statements that make no table and change no table's definition."""

_NO_TABLE_MADE: Final = frozenset(
    {
        *("VIEW", "SCHEMA", "DATABASE", "CATALOG", "FUNCTION", "VOLUME", "CONNECTION", "SHARE"),
        *("RECIPIENT", "PROVIDER", "CREDENTIAL", "LOCATION", "POLICY", "SERVER", "FLOW", "INDEX"),
        *("VARIABLE", "METRIC", "WIDGET", "ROLE", "GROUP", "USER", "PROCEDURE", "CLEAN", "MODEL"),
    }
)
"""What CREATE, ALTER, DROP and COMMENT ON may be about, other than tables."""

_BEFORE_A_KIND: Final = frozenset(
    {
        *("OR", "REPLACE", "REFRESH", "TEMPORARY", "TEMP", "GLOBAL", "EXTERNAL", "STORAGE"),
        *("SERVICE", "FOREIGN", "AGGREGATE", "BLOOMFILTER", "MATERIALIZED", "LIVE", "PRIVATE"),
        *("STREAMING",),
    }
)
_SESSION: Final = ("TEMPORARY", "TEMP", "PRIVATE")


class Skipped(Struct, frozen=True):
    """A statement that makes and changes no table; `view` is the view that it makes, if any.

    `foreign` says that it is in another language, so that nobody knows.
    """

    kind: str
    view: Path | None = None
    foreign: bool = False


class Alter(Struct, frozen=True):
    """A change of a table that exists. `view` says that it may as well be a view."""

    address: str
    name: Path
    changes: Sequence[alter.Change] = ()
    rename: Path | None = None
    if_exists: bool = False
    view: bool = False


class Drop(Struct, frozen=True):
    """The end of a table; `view` says that it may as well be that of a view."""

    name: Path
    if_exists: bool
    view: bool


class DropAll(Struct, frozen=True):
    """The end of all tables of a schema or a catalog."""

    name: Path
    cascade: bool
    catalog: bool


class Evolve(Struct, frozen=True):
    """A write that may add columns to a table."""

    name: Path


class Use(Struct, frozen=True):
    """A change of the current catalog and schema; None leaves what is current."""

    catalog: str | None = None
    schema: str | None = None


Understood = Create | Alter | Drop | DropAll | Evolve | Use | Skipped


class NotUnderstood(Exception):  # noqa: N818 -- it is told as a failure, never raised to a user
    """A statement that may be about tables; `name` is the table's as far as it was read."""

    def __init__(self, fault: SyntaxFault, address: str, name: Path | None) -> None:
        super().__init__(str(fault))
        self.line = fault.line
        self.address = address
        self.name = name


class _Reader:
    """Reads one statement, and remembers which table it is about if it fails."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self.cursor = Cursor(tokens)
        self.address = address_of(tokens)
        self.name: Path | None = None

    def understood(self) -> Understood:  # noqa: C901, PLR0911, PLR0912 -- one for each first word
        cursor = self.cursor
        word = cursor.rest[0].value if cursor.rest[0].kind != "quoted" else ""
        match word:
            case "CREATE":
                return self._create()
            case "REPLACE":
                return self._create()
            case "ALTER":
                return self._alter()
            case "DROP":
                return self._drop()
            case "COMMENT":
                return self._comment()
            case "USE":
                return self._use()
            case "SET" if cursor.at("SET", "CATALOG"):
                return self._use()
            case "SET" | "UNSET" if cursor.at(word, "TAG", "ON"):
                return self._tag()
            case "BEGIN" if len(cursor.rest) == 1 or cursor.at("BEGIN", "TRANSACTION"):
                return Skipped("BEGIN")
            case "INSERT" | "MERGE" | "COPY":
                return self._write()
            case _ if word in _NO_TABLE:
                return Skipped(word if word != "(" else "SELECT")
            case _ if word.startswith("%"):
                return Skipped(f"a cell of {word.lower()}", foreign=True)
        fault = cursor.fault("a statement that Lakewarden knows")
        if word == "BEGIN" or (cursor.rest[1:2] and cursor.rest[1].text == ":"):
            raise SyntaxFault("nobody knows which statements of a script run", fault.line)
        cursor.next()
        if cursor.take("TABLE"):
            self.name = cursor.name()
        raise fault

    def _write(self) -> Understood:
        cursor = self.cursor
        word = cursor.next().value
        values = {token.value.casefold() for token in cursor.rest}
        evolves = cursor.take("WITH", "SCHEMA", "EVOLUTION") or (
            word == "COPY" and "mergeschema" in values
        )
        cursor.take_any("INTO", "OVERWRITE")
        cursor.take("TABLE")
        with suppress(SyntaxFault):
            return Evolve(cursor.name()) if evolves else Skipped(word)
        return Skipped(word)

    def _create(self) -> Understood:
        cursor = self.cursor
        words = [cursor.next().value]
        replace = words == ["REPLACE"]
        while not cursor.done and cursor.rest[0].value in _BEFORE_A_KIND:
            words.append(cursor.next().value)
        kind = cursor.rest[0].value if not cursor.done else ""
        if kind in _NO_TABLE_MADE and "MATERIALIZED" not in words and "LIVE" not in words:
            return Skipped(f"CREATE {kind}", self._view(words) if kind == "VIEW" else None)
        if any(word in _SESSION for word in words) or (
            kind == "VIEW" and "LIVE" in words and "MATERIALIZED" not in words
        ):
            return Skipped(f"CREATE TEMPORARY {kind}")
        if "FOREIGN" in words or kind not in ("TABLE", "VIEW"):
            raise cursor.fault("TABLE, or what else CREATE makes,")
        cursor.next()
        table: TableKind = "TABLE"
        if "STREAMING" in words:
            table = "STREAMING TABLE"
        elif "MATERIALIZED" in words or "LIVE" in words:
            table = "MATERIALIZED VIEW"
        found = Create(
            address=self.address,
            kind=table,
            name=(),
            replace=replace or "REPLACE" in words,
            refresh="REFRESH" in words,
            external="EXTERNAL" in words,
            if_not_exists=cursor.if_not_exists(),
        )
        self.name = found.name = cursor.name("the table's name")
        create(cursor, found)
        return found

    def _view(self, words: Sequence[str]) -> Path | None:
        cursor = self.cursor
        cursor.next()
        cursor.if_not_exists()
        with suppress(SyntaxFault):
            return None if any(word in _SESSION for word in words) else cursor.name()
        return None

    def _alter(self) -> Understood:
        cursor = self.cursor
        cursor.expect("ALTER")
        words = self._kind()
        if words[-1] in _NO_TABLE_MADE and words != ["VIEW"] and "MATERIALIZED" not in words:
            return Skipped(f"ALTER {words[-1]}")
        view = words == ["VIEW"]
        tolerant = cursor.if_exists()
        self.name = cursor.name("the table's name")
        if view and cursor.take("AS"):
            return Skipped("ALTER VIEW")
        if view and cursor.take("WITH"):
            return Skipped("ALTER VIEW")
        changes = alter.action(cursor)
        rename = changes.name if isinstance(changes, alter.Rename) else None
        return Alter(
            address=self.address,
            name=self.name,
            changes=() if isinstance(changes, alter.Rename) else changes,
            rename=rename,
            if_exists=tolerant,
            view=view,
        )

    def _kind(self) -> list[str]:
        """Pass the kind of thing that ALTER, DROP or COMMENT ON is about."""
        cursor = self.cursor
        words: list[str] = []
        while not cursor.done and cursor.rest[0].value in _BEFORE_A_KIND:
            words.append(cursor.next().value)
        kind = cursor.rest[0].value if not cursor.done else ""
        if kind != "TABLE" and kind not in _NO_TABLE_MADE:
            raise cursor.fault("TABLE, or another kind of thing,")
        cursor.next()
        return [*words, kind]

    def _drop(self) -> Understood:
        cursor = self.cursor
        cursor.expect("DROP")
        words = self._kind()
        kind = words[-1]
        if any(word in _SESSION for word in words):
            return Skipped(f"DROP TEMPORARY {kind}")
        if kind in ("SCHEMA", "DATABASE", "CATALOG"):
            cursor.if_exists()
            name = cursor.name()
            cascade = cursor.take("CASCADE")
            cascade or cursor.take("RESTRICT")
            cursor.end()
            return DropAll(name, cascade, catalog=kind == "CATALOG")
        if kind not in ("TABLE", "VIEW"):
            return Skipped(f"DROP {kind}")
        tolerant = cursor.if_exists()
        self.name = cursor.name("the table's name")
        cursor.take("PURGE")
        cursor.end()
        return Drop(self.name, tolerant, view=words == ["VIEW"])

    def _comment(self) -> Understood:
        cursor = self.cursor
        cursor.expect("COMMENT", "ON")
        if cursor.take("COLUMN"):
            *table, column = cursor.name("a column's name")
            if not table:
                raise cursor.fault("the table's name before the column's")
            self.name = tuple(table)
            change = alter.describe((column,), self._text())
            return Alter("COMMENT ON COLUMN", self.name, (change,))
        words = self._kind()
        if words[-1] not in ("TABLE", "VIEW"):
            return Skipped(f"COMMENT ON {words[-1]}")
        self.name = cursor.name("the table's name")
        text = self._text()
        return Alter(
            "COMMENT ON TABLE",
            self.name,
            (lambda draft: draft.set_comment(text),),
            view=words == ["VIEW"],
        )

    def _text(self) -> str:
        self.cursor.expect("IS")
        text = "" if self.cursor.take("NULL") else self.cursor.string()
        self.cursor.end()
        return text

    def _use(self) -> Use:
        cursor = self.cursor
        cursor.next()
        if cursor.take("CATALOG"):
            name = self._used()
            if len(name) > 1:
                raise cursor.fault("one name")
            return Use(catalog=name[0])
        cursor.take_any("SCHEMA", "DATABASE")
        name = self._used()
        if len(name) > 2:  # noqa: PLR2004 -- catalog and schema
            raise cursor.fault("a catalog and a schema")
        return Use(catalog=name[0] if name[1:] else None, schema=name[-1])

    def _used(self) -> Path:
        rest = self.cursor.rest
        if rest and rest[0].kind == "string":
            name: Path = (self.cursor.string(),)
        else:
            name = self.cursor.name()
        self.cursor.end()
        return name

    def _tag(self) -> Understood:
        cursor = self.cursor
        unset = cursor.next().value == "UNSET"
        cursor.expect("TAG", "ON")
        if not cursor.take("TABLE"):
            return Skipped("SET TAG")
        self.name = cursor.name("the table's name")
        key = clauses.property_key(cursor)
        value = clauses.property_key(cursor) if not unset and cursor.take("=") else ""
        cursor.end()

        def change(draft: Draft) -> None:
            if unset:
                draft.unset_tags([key])
            else:
                draft.set_tags({key: value})

        return Alter(self.address, self.name, (change,))


def understand(tokens: Sequence[Token]) -> Understood:
    """Return what a statement asks for; raises `NotUnderstood`."""
    reader = _Reader(tokens)
    try:
        return reader.understood()
    except SyntaxFault as fault:
        raise NotUnderstood(fault, reader.address, reader.name) from fault
    except RecursionError as error:
        deep = SyntaxFault("it is nested too deep", tokens[0].line)
        raise NotUnderstood(deep, reader.address, reader.name) from error


def address_of(tokens: Sequence[Token]) -> str:
    """Return a statement's kind in words, such as `CREATE OR REPLACE TABLE`."""
    words: list[str] = []
    for token in tokens[:6]:
        if token.kind != "word" or (words and token.value not in _KIND_WORDS):
            break
        words.append(token.value)
        if token.value in ("TABLE", "VIEW") or (words[0] not in _TWO_WORDS and len(words) == 1):
            break
    return " ".join(words) or "a statement"


_TWO_WORDS: Final = ("CREATE", "ALTER", "DROP", "COMMENT", "REPLACE", "SET", "UNSET", "UNDROP")
_KIND_WORDS: Final = _BEFORE_A_KIND | _NO_TABLE_MADE | {"TABLE", "ON", "COLUMN", "TAG", "CATALOG"}
