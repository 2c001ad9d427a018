"""An estate that also understands the table factory's statements: no Spark is needed.

    estate = PlainEstate("scratch")
    with Workspace(estate) as w: …

A row takes 20 bytes for each column. What a test changes counts from the next request on.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Mapping
from typing import ClassVar, Final

from tests.factory.type_text import Scalar, Struct, parse
from tests.workspace.estate import Column, Table, Value
from tests.workspace.handmade import HandmadeEstate
from tests.workspace.handmade_tables import MadeTable
from tests.workspace.spark_ledger import no_such_table

CATALOG: Final = "main"
BYTES: Final = 20
"""Of one value."""

_NAME: Final = r"`(?P<catalog>[^`]+)`\.`(?P<schema>[^`]+)`\.`(?P<name>[^`]+)`"
_DESCRIBED: Final = tuple(map(Column, ("col_name", "data_type", "comment")))
_NOTHING: Final = Table((), ())

Run = Callable[["PlainEstate", re.Match[str]], Table]


class PlainEstate(HandmadeEstate):
    """One catalog, `main`, with some schemas."""

    def __init__(self, *schemas: str) -> None:
        super().__init__()
        self.catalog(CATALOG)
        for schema in schemas:
            self.catalog(CATALOG).schema(schema)
        self.meddling: Callable[[str], None] = lambda _: None
        """Called with each statement before it is run, for what others do meanwhile."""
        self._lock = threading.RLock()

    def names(self, schema: str) -> set[str]:
        """Return the tables of a schema."""
        with self._lock:
            return {table.name for table in self.every_table() if table.schema == schema}

    def execute(self, sql: str, parameters: Mapping[str, Value]) -> Table:
        self.meddling(sql)
        with self._lock:
            for pattern, run in self._statements.items():
                if found := re.fullmatch(pattern.replace("NAME", _NAME), sql):
                    return run(self, found)
            return super().execute(sql, parameters)

    def _create_schema(self, found: re.Match[str]) -> Table:
        self.catalog(CATALOG).schema(found["schema"])
        return _NOTHING

    def _create(self, found: re.Match[str]) -> Table:
        kind = parse(f"struct<{found['columns']}>")
        assert isinstance(kind, Struct)
        columns = [(name, of.name) for name, of in kind.fields if isinstance(of, Scalar)]
        keys = re.search(r"CLUSTER BY \((\w+)\)", found["rest"])
        if found["name"] not in self.names(found["schema"]):
            self.catalog(CATALOG).schema(found["schema"]).table(
                found["name"],
                columns=tuple(columns),
                bytes=0,
                properties=dict(re.findall(r"'([^']+)' = '([^']+)'", found["rest"])),
                clustering=[[keys[1]]] if keys else None,
            )
        return _NOTHING

    def _describe(self, found: re.Match[str]) -> Table:
        columns = self._made(found).columns
        return Table(_DESCRIBED, [(name, kind, None) for name, kind in columns])

    def _insert(self, found: re.Match[str]) -> Table:
        table = self._made(found)
        if table.bytes is not None:
            table.bytes += int(found["rows"]) * len(table.columns) * BYTES
        return _NOTHING

    def _drop(self, found: re.Match[str]) -> Table:
        if found["name"] in self.names(found["schema"]):
            self.catalog(CATALOG).schema(found["schema"]).drop(found["name"])
        return _NOTHING

    def _made(self, found: re.Match[str]) -> MadeTable:
        parts = (found["catalog"], found["schema"], found["name"])
        table = self._find(parts)
        if table is None:
            raise no_such_table(parts)
        return table

    _statements: ClassVar[Mapping[str, Run]] = {
        r"CREATE SCHEMA IF NOT EXISTS `main`\.`(?P<schema>[^`]+)`": _create_schema,
        r"CREATE TABLE IF NOT EXISTS NAME \((?P<columns>[^()]*)\)(?P<rest>.*)": _create,
        r"DESCRIBE TABLE NAME": _describe,
        r"INSERT INTO NAME \(.*\) SELECT .* FROM range\((?P<rows>\d+)\)": _insert,
        r"DROP TABLE IF EXISTS NAME": _drop,
    }
