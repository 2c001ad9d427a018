"""ALTER of tables, streaming tables and materialized views: what each action changes.

An action becomes functions that change a draft. Actions that leave a table as documents describe
it (constraints, partitions, row filters, schedules) become none; they are read all the same.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final

from msgspec import Struct

from lakewarden_collector.sources.sql import clauses
from lakewarden_collector.sources.sql.columns import ColumnSpec, Path
from lakewarden_collector.sources.sql.create import schedule
from lakewarden_collector.sources.sql.cursor import Cursor
from lakewarden_collector.sources.sql.data_types import data_type
from lakewarden_collector.sources.sql.draft import Draft

Change = Callable[[Draft], Any]
"""Changes a draft; raises `StateFault` where the statement couldn't run."""

_UNTOUCHED: Final = (
    ("DROP", "PRIMARY", "KEY"),
    ("DROP", "FOREIGN", "KEY"),
    ("DROP", "FEATURE"),
    ("ADD", "PARTITION"),
    ("ADD", "IF", "NOT", "EXISTS", "PARTITION"),
    ("DROP", "PARTITION"),
    ("DROP", "IF", "EXISTS", "PARTITION"),
    ("RECOVER", "PARTITIONS"),
    ("PARTITION",),
    ("DROP", "ROW", "FILTER"),
    ("DROP", "SCHEDULE"),
    ("DROP", "TRIGGER"),
    ("SET", "SERDE"),
    ("SET", "SERDEPROPERTIES"),
)


class Rename(Struct, frozen=True):
    """The new name of a table."""

    name: Path


def action(cursor: Cursor) -> Rename | Sequence[Change]:
    """Pass what follows the table's name in ALTER; raises `SyntaxFault`."""
    if cursor.take("RENAME", "TO"):
        name = cursor.name()
        cursor.end()
        return Rename(name)
    changes = _action(cursor)
    cursor.end()
    return changes


def _action(cursor: Cursor) -> Sequence[Change]:  # noqa: C901, PLR0911, PLR0912 -- one branch for each action
    if any(cursor.at(*words) for words in _UNTOUCHED):
        while not cursor.done:
            cursor.parentheses() if cursor.at("(") else cursor.next()
        return ()
    if cursor.at("SET") or cursor.at("UNSET") or cursor.at("OWNER"):
        return _set(cursor)
    if cursor.take("ADD"):
        return _add(cursor)
    if cursor.at("DROP"):
        return _drop(cursor)
    if cursor.take("REPLACE"):
        return _replace(cursor)
    if cursor.take("RENAME", "COLUMN"):
        path = cursor.name("a column's name")
        cursor.expect("TO")
        return (partial(_rename, path=path, name=cursor.name("a column's name")[-1]),)
    if cursor.take("CLUSTER", "BY"):
        return (partial(Draft.cluster_by, keys=clauses.clustering(cursor)),)
    if cursor.take("DEFAULT", "COLLATION"):
        cursor.name("a collation")
        return ()
    if word := cursor.take_any("ENABLE", "DISABLE", "INHERIT"):
        cursor.expect("PREDICTIVE", "OPTIMIZATION")
        enabled = {"ENABLE": True, "DISABLE": False}.get(word)
        return (partial(Draft.optimize, enabled=enabled),)
    if cursor.take("ALTER", "SCHEDULE") or cursor.take("ALTER", "TRIGGER"):
        while not cursor.done:
            cursor.next()
        return ()
    if cursor.take_any("ALTER", "CHANGE"):
        return _alter_columns(cursor)
    raise cursor.fault("an action of ALTER")


def _set(cursor: Cursor) -> Sequence[Change]:  # noqa: PLR0911 -- one for each action
    if cursor.take("SET", "TBLPROPERTIES"):
        return (partial(Draft.set_properties, properties=clauses.properties(cursor)),)
    if cursor.take("UNSET", "TBLPROPERTIES"):
        tolerant = cursor.if_exists()
        return (partial(Draft.unset_properties, keys=clauses.keys(cursor), if_exists=tolerant),)
    if cursor.take("SET", "OWNER", "TO") or cursor.take("OWNER", "TO"):
        return (partial(Draft.set_owner, owner=clauses.principal(cursor)),)
    if cursor.take("SET", "TAGS"):
        return (partial(Draft.set_tags, tags=clauses.tags(cursor)),)
    if cursor.take("UNSET", "TAGS"):
        return (partial(Draft.unset_tags, keys=clauses.keys(cursor)),)
    if cursor.take("SET", "LOCATION"):
        return (partial(Draft.set_location, location=cursor.string("a location")),)
    if cursor.take("SET", "ROW", "FILTER"):
        clauses.row_filter(cursor)
        return ()
    if cursor.take("SET", "MANAGED"):
        cursor.take("TRUNCATE", "HISTORY")
        cursor.take("MOVE") or cursor.take("COPY")
        return (Draft.set_managed,)
    raise cursor.fault("an action of ALTER … SET")


def _add(cursor: Cursor) -> Sequence[Change]:
    if clauses.at_table_constraint(cursor):
        return _add_constraint(cursor)
    if cursor.at("SCHEDULE") or cursor.at("TRIGGER"):
        schedule(cursor)
        return ()
    if cursor.take("ROW", "FILTER"):
        clauses.row_filter(cursor)
        return ()
    cursor.take_any("COLUMNS", "COLUMN")
    tolerant = cursor.if_not_exists()
    return [
        partial(_add_column, spec=spec, if_not_exists=tolerant) for spec in _column_list(cursor)
    ]


def _add_constraint(cursor: Cursor) -> Sequence[Change]:
    if (name := _check_name(cursor)) is None:
        keys = clauses.table_constraint(cursor)
        return (partial(Draft.require, keys=keys),) if keys else ()
    cursor.expect("CHECK")
    condition = cursor.rest
    cursor.parentheses()
    # Delta keeps the words of a condition with one space between.
    words = condition[1 : len(condition) - len(cursor.rest) - 1]
    text = " ".join(token.text for token in words)
    clauses.constraint_options(cursor)
    return (partial(Draft.constrain, name=name, condition=text),)


def _check_name(cursor: Cursor) -> str | None:
    """Pass the name of a CHECK constraint; None, passing nothing, where none comes next."""
    rest = cursor.rest
    if not cursor.at("CONSTRAINT") or rest[2].value != "CHECK":
        return None
    cursor.take("CONSTRAINT")
    return cursor.part()


def _column_list(cursor: Cursor) -> Sequence[ColumnSpec]:
    if cursor.at("("):
        found = cursor.listed(clauses.column)
    else:
        found = [clauses.column(cursor)]
        while cursor.take(","):
            found.append(clauses.column(cursor))
    for spec in found:
        if spec.data_type is None:
            raise cursor.fault(f"the type of {'.'.join(spec.path)}")
    return found


def _drop(cursor: Cursor) -> Sequence[Change]:
    cursor.expect("DROP")
    if cursor.take("CONSTRAINT"):
        cursor.if_exists()
        name = cursor.part()
        cursor.take("RESTRICT") or cursor.take("CASCADE")
        return (partial(Draft.unconstrain, name=name),)
    if not cursor.take_any("COLUMNS", "COLUMN"):
        raise cursor.fault("COLUMN, or what else can be dropped,")
    tolerant = cursor.if_exists()
    if cursor.at("("):
        paths = cursor.listed(Cursor.name)
    else:
        paths = [cursor.name()]
        while cursor.take(","):
            paths.append(cursor.name())
    return [partial(_drop_column, path=path, if_exists=tolerant) for path in paths]


def _replace(cursor: Cursor) -> Sequence[Change]:
    if cursor.take("PARTITIONED", "BY"):
        cursor.expect("WITH", "CLUSTER", "BY")
        return (partial(Draft.replace_partitions, keys=clauses.clustering(cursor)),)
    cursor.expect("COLUMNS")
    specs = _column_list(cursor)
    return (lambda draft: draft.known_columns().replace(specs),)


def _alter_columns(cursor: Cursor) -> Sequence[Change]:
    cursor.take_any("COLUMNS", "COLUMN")
    changes = list(_alter_column(cursor))
    while cursor.take(","):
        changes += _alter_column(cursor)
    return changes


def _alter_column(cursor: Cursor) -> Sequence[Change]:  # noqa: C901, PLR0911 -- one for each action
    path = cursor.name("a column's name")
    if cursor.take("TYPE"):
        kind, metadata = data_type(cursor)
        changes: list[Change] = [
            partial(_on_columns, "retype", path=path, data_type=kind, metadata=metadata)
        ]
        return changes + _and_more(cursor, path)
    if (words := cursor.take("SET", "NOT", "NULL")) or cursor.take("DROP", "NOT", "NULL"):
        return (partial(_on_columns, "set_nullable", path=path, nullable=not words),)
    if cursor.take("SET", "DEFAULT"):
        return (partial(_on_columns, "default", path=path, text=cursor.expression()),)
    if cursor.take("DROP", "DEFAULT"):
        return (partial(_on_columns, "default", path=path, text=None),)
    if cursor.take("SYNC", "IDENTITY"):
        return (partial(_on_columns, "find", path=path),)
    if cursor.take("SET", "MASK") or cursor.at("MASK"):
        cursor.take("MASK")
        return (partial(_on_columns, "mask", path=path, mask=clauses.mask(cursor)),)
    if cursor.take("DROP", "MASK"):
        return (partial(_on_columns, "mask", path=path, mask=None),)
    if cursor.take("SET", "TAGS"):
        clauses.tags(cursor)
        return (partial(_on_columns, "find", path=path),)
    if cursor.take("UNSET", "TAGS"):
        clauses.keys(cursor)
        return (partial(_on_columns, "find", path=path),)
    if more := _and_more(cursor, path):
        return more
    return _hive_change(cursor, path)


def _and_more(cursor: Cursor, path: Path) -> list[Change]:
    """Pass COMMENT and FIRST or AFTER, which may come together."""
    changes: list[Change] = []
    while True:
        if cursor.take("COMMENT"):
            changes.append(partial(_on_columns, "describe", path=path, comment=cursor.string()))
        elif (position := clauses.column_position(cursor)) is not None:
            changes.append(partial(_on_columns, "move", path=path, position=position))
        else:
            return changes


def _hive_change(cursor: Cursor, path: Path) -> Sequence[Change]:
    """Pass `CHANGE [COLUMN] name name type …`, which can't rename."""
    new = cursor.name("what to do with the column")
    kind, metadata = data_type(cursor)
    if new[-1].lower() != path[-1].lower():
        raise cursor.fault("RENAME COLUMN: CHANGE doesn't rename")
    return [
        partial(_on_columns, "retype", path=path, data_type=kind, metadata=metadata),
        *_and_more(cursor, path),
    ]


def describe(path: Path, comment: str) -> Change:
    """Return what COMMENT ON COLUMN changes."""
    return partial(_on_columns, "describe", path=path, comment=comment)


def _on_columns(method: str, draft: Draft, **arguments: Any) -> None:  # noqa: ANN401 -- passed on
    """Call a method of the columns; of unknown ones only what leaves them unknown."""
    if draft.columns is None and draft.columns_absence:
        return  # what a query gives stays to be known after apply, whatever is done to one column
    getattr(draft.known_columns(), method)(**arguments)


def _add_column(draft: Draft, *, spec: ColumnSpec, if_not_exists: bool) -> None:
    _on_columns("add", draft, spec=spec, if_not_exists=if_not_exists)


def _drop_column(draft: Draft, *, path: Path, if_exists: bool) -> None:
    draft.change_keys(path, None)
    _on_columns("drop", draft, path=path, if_exists=if_exists)


def _rename(draft: Draft, *, path: Path, name: str) -> None:
    _on_columns("rename", draft, path=path, name=name)
    draft.change_keys(path, name)
