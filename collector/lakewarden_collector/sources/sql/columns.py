"""A table's columns while statements change them: fields of a Spark schema, nested ones too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from msgspec import Struct

from lakewarden_collector.patterns import fold
from lakewarden_collector.sources.sql.data_types import DECLARED, DEFAULT, DataType
from lakewarden_collector.spark_schema import sql_type

Path = tuple[str, ...]
"""A column's name, and those of the fields in it."""

Field = dict[str, Any]
"""`name`, `type`, `nullable` and `metadata`, as in Spark's JSON; a `type` of None isn't known."""


class StateFault(Exception):  # noqa: N818 -- it is told as a failure, never raised to a user
    """A statement that can't run on the tables as they are."""


class Position(Struct, frozen=True):
    """Where a column goes: first, or after another."""

    after: str = ""


class ColumnSpec(Struct, frozen=True, kw_only=True):
    """A column as a statement declares it."""

    path: Path
    data_type: DataType | None
    metadata: Mapping[str, Any]
    nullable: bool = True
    comment: str | None = None
    position: Position | None = None
    mask: Mapping[str, Any] | None = None
    primary_key: bool = False

    def field(self) -> Field:
        """Return it as a field of a schema."""
        metadata = dict(self.metadata)
        if self.comment is not None:
            metadata["comment"] = self.comment
        return {
            "name": self.path[-1],
            "type": self.data_type,
            "nullable": self.nullable and not self.primary_key,
            "metadata": metadata,
        }


class Columns:
    """The columns of one table. Every method raises `StateFault` for a column that isn't there."""

    def __init__(self, fields: list[Field], partitioned_by: list[str] | None = None) -> None:
        self.fields = fields
        self.partitioned_by = partitioned_by or []
        self.masks: dict[str, Any] = {}
        """By the column's name without case."""

    def add(self, spec: ColumnSpec, *, if_not_exists: bool = False) -> None:
        """Add a column, or a field of a struct."""
        level = self._level(spec.path)
        _refuse_parts(level, spec.path)
        if _index(level, spec.path[-1]) >= 0:
            if if_not_exists:
                return
            raise StateFault(f"there is a column {'.'.join(spec.path)} already")
        at = _place(level, spec.position)
        level.insert(at, field := spec.field())
        self._declare(spec.path, field)
        if spec.mask is not None:
            self.masks[fold(spec.path[-1])] = dict(spec.mask)

    def drop(self, path: Path, *, if_exists: bool) -> bool:
        """Drop a column or field; return whether it was there."""
        try:
            level, at = self._find(path)
        except StateFault:
            if if_exists:
                return False
            raise
        _refuse_parts(level, path)
        if len(path) == 1:
            if fold(path[0]) in map(fold, self.partitioned_by):
                raise StateFault(f"the table is partitioned by {path[0]}, which can't be dropped")
            self.masks.pop(fold(path[0]), None)
        del level[at]
        return True

    def rename(self, path: Path, name: str) -> None:
        """Rename a column or field."""
        level, at = self._find(path)
        _refuse_parts(level, path)
        if fold(name) != fold(path[-1]) and _index(level, name) >= 0:
            raise StateFault(f"there is a column {name} already")
        if len(path) == 1:
            self.partitioned_by = [
                name if fold(each) == fold(path[0]) else each for each in self.partitioned_by
            ]
            if (mask := self.masks.pop(fold(path[0]), None)) is not None:
                self.masks[fold(name)] = mask
        level[at]["name"] = name

    def move(self, path: Path, position: Position) -> None:
        """Put a column or field somewhere else."""
        level, at = self._find(path)
        _refuse_parts(level, path)
        field = level.pop(at)
        level.insert(_place(level, position), field)

    def retype(self, path: Path, data_type: DataType, metadata: Mapping[str, Any]) -> None:
        """Change the type of a column or field, or of what an array or a map holds."""
        level, at = self._find(path)
        field = level[at]
        field["type"] = data_type
        if isinstance(level, _Parts):
            level.holder[_PARTS[field["name"]]] = data_type
        field["metadata"] = {
            **{key: value for key, value in field["metadata"].items() if key != DECLARED},
            **metadata,
        }
        self._declare(path, field)

    def _declare(self, path: Path, field: Field) -> None:
        """Have the column say what size strings in it have, as Spark writes it down.

        Spark forgets those of the strings that were there before.
        """
        if len(path) == 1 or DECLARED not in field["metadata"]:
            return
        declared, stored = field["metadata"].pop(DECLARED), field["type"]
        column = self.find(path[:1])
        field["type"] = declared
        column["metadata"][DECLARED] = sql_type(column["type"])
        field["type"] = stored

    def set_nullable(self, path: Path, *, nullable: bool) -> None:
        """Allow or forbid NULL."""
        self._own(path)["nullable"] = nullable

    def describe(self, path: Path, comment: str) -> None:
        """Comment on a column or field."""
        field = self._own(path)
        field["metadata"] = {**field["metadata"], "comment": comment}

    def default(self, path: Path, text: str | None) -> None:
        """Set or drop a column's default."""
        field = self.find(path)
        others = {key: value for key, value in field["metadata"].items() if key != DEFAULT}
        field["metadata"] = others if text is None else {**others, DEFAULT: text}

    def mask(self, path: Path, mask: Mapping[str, Any] | None) -> None:
        """Set or drop a column's mask."""
        self.find(path)
        if mask is None:
            self.masks.pop(fold(path[0]), None)
        else:
            self.masks[fold(path[0])] = dict(mask)

    def replace(self, specs: Sequence[ColumnSpec]) -> None:
        """Put other columns in place of all."""
        self.fields = []
        self.masks = {}
        for spec in specs:
            self.add(spec)

    def put_last(self, names: Sequence[str]) -> None:
        """Put some columns behind the others."""
        last = [self.find((name,)) for name in names]
        self.fields = [field for field in self.fields if field not in last] + last

    def find(self, path: Path) -> Field:
        """Return a column or field."""
        level, at = self._find(path)
        return level[at]

    def _own(self, path: Path) -> Field:
        """Return a column or field, which has a name of its own."""
        level, at = self._find(path)
        _refuse_parts(level, path)
        return level[at]

    def spelled(self, path: Path) -> list[str]:
        """Return a path in the letters of the schema."""
        return [self.find(path[: depth + 1])["name"] for depth in range(len(path))]

    def _find(self, path: Path) -> tuple[list[Field], int]:
        level = self._level(path)
        at = _index(level, path[-1])
        if at < 0:
            raise StateFault(f"there is no column {'.'.join(path)}")
        return level, at

    def _level(self, path: Path) -> list[Field]:
        """Return the fields among which the last part of a path is, or would be."""
        level = self.fields
        for depth, part in enumerate(path[:-1]):
            at = _index(level, part)
            if at < 0:
                raise StateFault(f"there is no column {'.'.join(path[: depth + 1])}")
            level = _inside(level[at]["type"], ".".join(path[: depth + 1]))
        return level


_PARTS: Final = {"element": "elementType", "key": "keyType", "value": "valueType"}


class _Parts(list[Field]):
    """What an array or a map holds, as fields; `holder` is the array or map."""

    def __init__(self, holder: dict[str, Any]) -> None:
        super().__init__(
            {"name": part, "type": holder[key], "nullable": True, "metadata": {}}
            for part, key in _PARTS.items()
            if key in holder
        )
        self.holder = holder


def _refuse_parts(level: Sequence[Field], path: Path) -> None:
    if isinstance(level, _Parts):
        raise StateFault(f"{'.'.join(path[:-1])} isn't a struct")


def _inside(data_type: Any, name: str) -> list[Field]:  # noqa: ANN401 -- any type
    if isinstance(data_type, dict) and data_type["type"] == "struct":
        fields: list[Field] = data_type["fields"]
        return fields
    if isinstance(data_type, dict):
        return _Parts(data_type)
    raise StateFault(f"{name} isn't a struct")


def _index(level: Sequence[Field], name: str) -> int:
    folded = fold(name)
    return next((at for at, field in enumerate(level) if fold(field["name"]) == folded), -1)


def _place(level: Sequence[Field], position: Position | None) -> int:
    if position is None:
        return len(level)
    if not position.after:
        return 0
    at = _index(level, position.after)
    if at < 0:
        raise StateFault(f"there is no column {position.after}")
    return at + 1
