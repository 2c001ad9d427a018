"""Makes one table as its specification says, fills it, and reads its size back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from tests.factory.errors import FactoryError, Trouble
from tests.factory.filling import columns, insert
from tests.factory.place import Schema
from tests.factory.specs import Spec
from tests.factory.values import UnknownTypeError
from tests.factory.warehouse import Warehouse

_SIZE_COLUMN: Final = "sizeInBytes"


@dataclass(frozen=True)
class Made:
    """A table that is there, and has the size that was asked for."""

    spec: Spec
    name: str
    """The last part."""
    full_name: str
    """As reports have it."""
    sql: str
    """As statements have it."""
    size: int | None
    """Bytes, read back when it was filled; None for a view."""


def create(warehouse: Warehouse, schema: Schema, name: str, spec: Spec) -> None:
    """Make a table, without a row; raises `FactoryError`."""
    statement = spec.definition(schema.table(name))
    warehouse.run(statement, about=schema.full_name(name), whole=True)


def complete(warehouse: Warehouse, schema: Schema, name: str, spec: Spec) -> Made:
    """Fill a table that is made, change it as is specified, and measure it.

    Raises `FactoryError`, also where the size is not what the specification promises.
    """
    table, about = schema.table(name), schema.full_name(name)
    if spec.view is not None:
        return Made(spec, name, about, table, size=None)
    if spec.rows:
        found = columns(warehouse.run(f"DESCRIBE TABLE {table}", about=about))
        try:
            statement = insert(table, found, spec.rows)
        except UnknownTypeError as error:
            raise FactoryError(
                f"{about}: {error}",
                Trouble.FAILED,
                remedy="Add the type to tests/factory/values.py, or leave the column out.",
            ) from error
        warehouse.run(statement, about=about)
    for change in spec.after:
        warehouse.run(change.format(table=table), about=about)
    size = _size(warehouse, table, about)
    _check(spec, size, about)
    return Made(spec, name, about, table, size)


def _size(warehouse: Warehouse, table: str, about: str) -> int:
    """Return the bytes that DESCRIBE DETAIL tells."""
    statement = f"DESCRIBE DETAIL {table}"
    for row in warehouse.run(statement, about=about):
        size = row.get(_SIZE_COLUMN)
        if size is not None and size.isdecimal():
            return int(size)
    raise FactoryError(
        f"{about}: its size cannot be had",
        Trouble.FAILED,
        statement=statement,
        output=f"{_SIZE_COLUMN} is not in the answer, or NULL",
        remedy="Look at what DESCRIBE DETAIL answers there; only Delta tables have a size.",
    )


def _check(spec: Spec, size: int, about: str) -> None:
    """Raise `FactoryError` unless the size is what the specification promises."""
    if spec.over is not None and size <= spec.over:
        wrong = f"more than {spec.over}"
    elif spec.under is not None and size >= spec.under:
        wrong = f"less than {spec.under}"
    else:
        return
    raise FactoryError(
        f"{about}: it holds {size} bytes after the insert, but its specification says {wrong},"
        " so nothing can be judged by it",
        Trouble.FAILED,
        remedy=f"Change rows or columns of the specification {spec.name}.",
    )
