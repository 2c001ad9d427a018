"""CREATE of tables, streaming tables and materialized views."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any, Final, Literal

from msgspec import Struct

from lakewarden_collector.sources.sql import clauses
from lakewarden_collector.sources.sql.columns import ColumnSpec, Path
from lakewarden_collector.sources.sql.cursor import Cursor, SyntaxFault
from lakewarden_collector.sources.sql.lexer import Token

TableKind = Literal["TABLE", "STREAMING TABLE", "MATERIALIZED VIEW"]

_QUERY: Final = ("SELECT", "WITH", "VALUES", "FROM", "TABLE", "(")


class Create(Struct, kw_only=True):
    """A statement that makes a table. What it doesn't say is None, or empty."""

    address: str
    """The statement's kind, such as `CREATE OR REPLACE TABLE`."""
    kind: TableKind
    name: Path
    replace: bool = False
    refresh: bool = False
    if_not_exists: bool = False
    columns: Sequence[ColumnSpec] | None = None
    partition_columns: Sequence[ColumnSpec] = ()
    """Columns that PARTITIONED BY declares, with types."""
    primary_key: Sequence[str] = ()
    partitioned_by: Sequence[str] = ()
    clustered: bool = False
    clustering: Sequence[Path] | None = None
    """None stands for AUTO; it counts where `clustered`."""
    properties: dict[str, str] = {}
    comment: str | None = None
    location: str | None = None
    external: bool = False
    format: str | None = None
    tags: dict[str, str] = {}
    like: Path | None = None
    clone: Path | None = None
    versioned: bool = False
    """Whether a version of the cloned table is named, other than the newest."""
    query: bool = False


def create(cursor: Cursor, found: Create) -> None:
    """Pass what follows the new table's name; raises `SyntaxFault`."""
    if cursor.take("LIKE"):
        found.like = cursor.name()
    elif cursor.at("SHALLOW", "CLONE") or cursor.at("DEEP", "CLONE") or cursor.at("CLONE"):
        cursor.take_any("SHALLOW", "DEEP")
        cursor.expect("CLONE")
        found.clone = cursor.name()
        found.versioned = _version(cursor)
    elif cursor.at("(") and not _is_query(cursor):
        _columns(cursor, found)
    seen: set[str] = set()
    while not cursor.done:
        if _is_query(cursor):
            cursor.take("AS")
            check_query(cursor.rest)
            found.query = True
            return
        clause = _clause(cursor, found)
        if clause in seen:
            raise cursor.fault(f"{clause} once")
        seen.add(clause)


def _is_query(cursor: Cursor) -> bool:
    if cursor.at("AS"):
        return True
    if any(cursor.at("WITH", word) for word in ("ROW", "TAG", "TAGS")):
        return False
    if any(cursor.at(word) for word in _QUERY[:-1]):
        return True
    return any(cursor.at("(", word) for word in _QUERY)


def check_query(tokens: Sequence[Token]) -> None:
    """Raise `SyntaxFault` unless sqlglot reads the query."""
    if not tokens:
        raise SyntaxFault("a query is missing after AS", 1)
    # It takes a fifth of a second to import: only queries wait for it.
    import sqlglot  # noqa: PLC0415 -- see above

    logging.getLogger("sqlglot").setLevel(logging.ERROR)  # it warns of what it doesn't read
    text = ""
    line = tokens[0].line
    for token in tokens:  # the lines stay as they are in the file
        if token.value == "STREAM":
            continue  # a pipeline's word before what it reads, which sqlglot knows only in part
        text += "\n" * (token.line - line) or ("" if token.joined else " ")
        line = token.line + token.text.count("\n")
        text += token.text
    try:
        tree = sqlglot.parse_one(text, read="databricks")
    except sqlglot.errors.SqlglotError as error:
        at = error.errors[0] if isinstance(error, sqlglot.errors.ParseError) else {}
        raise SyntaxFault(
            f"its query can't be parsed: {at.get('description') or 'a quote or a bracket is open'}",
            tokens[0].line + (at.get("line") or 1) - 1,
        ) from error
    except RecursionError as error:
        raise SyntaxFault("its query is nested too deep", tokens[0].line) from error
    if not isinstance(tree, sqlglot.exp.Query | sqlglot.exp.Values):
        raise SyntaxFault("a query was expected after AS", tokens[0].line)


def _version(cursor: Cursor) -> bool:
    if cursor.take("@"):
        cursor.next()
        return True
    cursor.take("FOR")
    cursor.take("SYSTEM")
    found = cursor.take_any("VERSION", "TIMESTAMP")
    if found:
        cursor.expect("AS", "OF")
        cursor.expression(
            "TBLPROPERTIES", "LOCATION", "CLUSTER BY", "COMMENT", "USING", "PARTITIONED"
        )
    return bool(found)


def _columns(cursor: Cursor, found: Create) -> None:
    cursor.expect("(")
    columns: list[ColumnSpec] = []
    primary_key: list[str] = []
    while not cursor.take(")"):
        if columns or primary_key:
            # Constraints may follow the columns without a comma in older pipelines; nowhere else.
            cursor.expect(",")
        if clauses.at_table_constraint(cursor):
            primary_key += clauses.table_constraint(cursor)
        else:
            column = clauses.column(cursor)
            if len(column.path) > 1:
                raise SyntaxFault(
                    f"{'.'.join(column.path)} isn't a column's name", cursor.rest[0].line
                )
            if column.data_type is None and found.kind == "TABLE":
                raise cursor.fault(f"the type of {column.path[0]}")
            columns.append(column)
    found.columns, found.primary_key = columns, primary_key


def _clause(cursor: Cursor, found: Create) -> str:  # noqa: C901, PLR0911, PLR0912 -- one branch for each clause
    """Pass one clause; return what it is, since none comes twice."""
    if cursor.take("USING"):
        found.format = ".".join(cursor.name("a format")).upper()
        return "USING"
    if cursor.take("STORED", "AS"):
        found.format = cursor.part("a format").upper()
        return "USING"
    if cursor.take("PARTITIONED", "BY"):
        _partitions(cursor, found)
        return "PARTITIONED BY"
    if cursor.take("CLUSTER", "BY"):
        found.clustered, found.clustering = True, clauses.clustering(cursor)
        return "CLUSTER BY"
    if cursor.take("TBLPROPERTIES"):
        found.properties = clauses.properties(cursor)
        return "TBLPROPERTIES"
    if cursor.take("COMMENT"):
        found.comment = cursor.string()
        return "COMMENT"
    if cursor.take("LOCATION"):
        found.location = cursor.string("a location")
        if cursor.take("WITH"):
            cursor.expect("(")
            cursor.expression()
            cursor.expect(")")
        return "LOCATION"
    if cursor.take("OPTIONS"):
        options = clauses.properties(cursor)
        path = next((value for key, value in options.items() if key.lower() == "path"), None)
        found.location = path or found.location
        return "OPTIONS"
    if cursor.take("WITH", "TAGS") or cursor.take("WITH", "TAG"):
        found.tags = clauses.tags(cursor)
        return "WITH TAGS"
    if cursor.take("WITH", "ROW", "FILTER") or cursor.take("ROW", "FILTER"):
        clauses.row_filter(cursor)
        return "ROW FILTER"
    if cursor.take("DEFAULT", "COLLATION"):
        cursor.name("a collation")
        return "DEFAULT COLLATION"
    if cursor.at("CLUSTERED", "BY"):
        raise cursor.fault("a clause other than CLUSTERED BY (buckets aren't supported by Delta)")
    return _pipeline_clause(cursor, found)


def _pipeline_clause(cursor: Cursor, found: Create) -> str:
    if found.kind != "TABLE":
        if cursor.at("SCHEDULE") or cursor.at("TRIGGER"):
            schedule(cursor)
            return "SCHEDULE"
        if cursor.take("REFRESH", "POLICY"):
            cursor.next()
            cursor.take("STRICT")
            return "REFRESH POLICY"
        if cursor.take("FLOW"):
            raise cursor.fault("a clause other than FLOW")
    raise cursor.fault("a clause of CREATE")


def schedule(cursor: Cursor) -> None:
    """Pass a SCHEDULE or TRIGGER clause."""
    if cursor.take("TRIGGER"):
        cursor.expect("ON", "UPDATE")
        if cursor.take("AT", "MOST", "EVERY"):
            cursor.take("INTERVAL")
            cursor.next()
            cursor.part("a unit of time")
        return
    cursor.expect("SCHEDULE")
    cursor.take("REFRESH")
    if cursor.take("EVERY"):
        cursor.number()
        cursor.part("a unit of time")
        return
    cursor.expect("CRON")
    cursor.string()
    if cursor.take("AT", "TIME", "ZONE"):
        cursor.string()


def _partitions(cursor: Cursor, found: Create) -> None:
    columns = cursor.listed(_partition)
    typed = [column for column in columns if column.data_type is not None]
    if typed and len(typed) != len(columns):
        raise cursor.fault("PARTITIONED BY with types for all columns, or for none")
    found.partition_columns = typed
    found.partitioned_by = [column.path[0] for column in columns]


def _partition(cursor: Cursor) -> ColumnSpec:
    column = clauses.column(cursor) if not _is_transform(cursor) else None
    if column is None or len(column.path) > 1:
        raise cursor.fault("a column to partition by")
    return column


def _is_transform(cursor: Cursor) -> bool:
    rest: Sequence[Any] = cursor.rest
    return len(rest) > 1 and rest[1].text == "("
