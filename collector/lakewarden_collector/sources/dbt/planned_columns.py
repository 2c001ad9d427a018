"""The columns of a table, where a dbt project knows them all.

A model lists the columns that somebody described. They're all columns only where its contract is
enforced; otherwise the catalog file has them, as the table was when it was written. A seed has the
columns of its file.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, Final

from msgspec import UNSET, UnsetType

from lakewarden_collector.document import Absence, Column, Text
from lakewarden_collector.patterns import fold
from lakewarden_collector.planned import is_within, known_after_apply
from lakewarden_collector.sources.dbt.values import (
    NodeError,
    boolean,
    mapping,
    objects,
    optional_text,
)

_UNKNOWN: Final = known_after_apply(
    "Only the warehouse knows all columns: the model has no enforced contract, and no catalog file "
    "has its table."
)
_KEEPS_COMMENTS: Final = frozenset({"incremental", "snapshot"})
"""What isn't made again by each run."""

_WORD: Final = re.compile(r"[A-Za-z]+")
_SYNONYMS: Final = {
    "byte": "tinyint",
    "short": "smallint",
    "integer": "int",
    "long": "bigint",
    "real": "float",
    "dec": "decimal",
    "numeric": "decimal",
    "text": "string",
}


def planned_columns(
    node: Mapping[str, Any],
    existing: Mapping[str, Any],
    partitions: Sequence[str],
    *,
    root: Path | None,
    comments: bool,
    evidence: dict[str, Absence],
) -> list[Column] | UnsetType:
    """Return all columns; `UNSET` where they aren't known, with the reason in `evidence`.

    `existing` is the table's entry in the catalog file, `root` the folder of its project or
    package, `comments` says whether descriptions become comments.
    """
    config = mapping(node.get("config"))
    declared = {
        fold(_name(key, value)): (_name(key, value), mapping(value))
        for key, value in objects(node, "columns").items()
    }
    if len(declared) < len(objects(node, "columns")):
        raise NodeError("two of its columns have one name", "Describe each column once.")
    described = {
        key: optional_text(value, "description") or "" if comments else ""
        for key, (_, value) in declared.items()
    }
    indices = {fold(name): index for index, name in enumerate(partitions)}
    if boolean(mapping(config.get("contract")), "enforced") and declared:
        not_null = _not_null(node)
        columns = []
        for position, (key, (name, value)) in enumerate(declared.items()):
            type_text = optional_text(value, "data_type")
            if not type_text:
                evidence[f"columns.{name}.type_text"] = known_after_apply("The query decides.")
            columns.append(
                Column(
                    name=name,
                    type_text=normal_type(type_text) if type_text else UNSET,
                    nullable=False if key in not_null else UNSET,
                    comment=described[key],
                    position=position,
                    partition_index=indices.get(key, UNSET),
                    mask=_mask(value),
                )
            )
        return columns
    if config.get("materialized") == "seed" and (header := _header(node, root)):
        types = {fold(name): text for name, text in objects(config, "column_types").items()}
        return [
            _seeded(name, position, types.get(fold(name)), described.get(fold(name), ""), evidence)
            for position, name in enumerate(header)
        ]
    found = objects(existing, "columns")
    if not found:
        evidence["columns"] = _UNKNOWN
        return UNSET
    keeps = config.get("materialized") in _KEEPS_COMMENTS
    return [
        Column(
            name=name,
            type_text=normal_type(type_text) if (type_text := _text(value, "type")) else UNSET,
            comment=(
                described[fold(name)]
                if comments and fold(name) in described
                else _text(value, "comment")
                if keeps
                else ""
            ),
            position=position,
            partition_index=indices.get(fold(name), UNSET),
            mask=_mask(declared[fold(name)][1]) if fold(name) in declared else UNSET,
        )
        for position, (name, value) in enumerate(_ordered(found))
    ]


def _header(node: Mapping[str, Any], root: Path | None) -> list[str]:
    """Return the names in the first row of a seed's file; none where that can't tell them all."""
    file = optional_text(node, "original_file_path")
    delimiter = optional_text(mapping(node.get("config")), "delimiter") or ","
    if root is None or not file or len(delimiter) > 1:
        return []
    path = root / file.replace("\\", "/")
    if not is_within(path, root):
        return []
    try:
        if not path.is_file():
            return []
        with path.open(encoding="utf-8-sig", newline="") as stream:
            rows = csv.reader(stream, delimiter=delimiter)
            (names,) = islice(rows, 1)
    except (OSError, ValueError, csv.Error):
        return []
    # dbt makes up names for columns without one, and renames the second of two.
    return names if all(names) and len({fold(name) for name in names}) == len(names) else []


def _seeded(
    name: str, position: int, declared: object, comment: str, evidence: dict[str, Absence]
) -> Column:
    typed = isinstance(declared, str) and bool(declared)
    if not typed:
        evidence[f"columns.{name}.type_text"] = known_after_apply("The rows of its file decide.")
    return Column(
        name=name,
        type_text=normal_type(str(declared)) if typed else UNSET,
        comment=comment,
        position=position,
    )


def normal_type(text: str) -> str:
    """Return a type as Unity Catalog writes it: lower case, by its own name.

    The names of a struct's fields keep their case, so a nested type stays as it is.
    """
    text = text.strip()
    if "<" in text or "`" in text:
        return text
    return _WORD.sub(lambda found: _SYNONYMS.get(found[0], found[0]), text.lower(), count=1)


def _ordered(columns: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    """Return the columns of a catalog entry in the table's order."""
    found = [(_name(key, value), mapping(value)) for key, value in columns.items()]
    indices = [value.get("index") for _, value in found]
    if all(type(index) is int for index in indices):
        found.sort(key=lambda each: each[1]["index"])
    return found


def _name(key: str, value: object) -> str:
    return optional_text(mapping(value), "name") or key


def _text(value: Mapping[str, Any], key: str) -> str:
    return optional_text(value, key) or ""


def _not_null(node: Mapping[str, Any]) -> set[str]:
    """Return the folded names of columns that an enforced contract keeps from being null."""
    names = {
        fold(key)
        for key, value in objects(node, "columns").items()
        if any(each.get("type") == "not_null" for each in _constraints(mapping(value)))
    }
    for each in _constraints(node):
        columns = each.get("columns")
        if each.get("type") == "not_null" and isinstance(columns, list):
            names |= {fold(name) for name in columns if isinstance(name, str)}
    return names


def _constraints(values: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    found = values.get("constraints")
    if found is None:
        return []
    if not isinstance(found, list):
        raise NodeError("its `constraints` aren't a list", "Run `dbt parse` again.")
    return [mapping(each) for each in found]


def _mask(column: Mapping[str, Any]) -> dict[str, Any] | UnsetType:
    function: Text = mapping(column.get("column_mask")).get("function", UNSET)
    return {"function_name": function} if isinstance(function, str) else UNSET
