"""The tables behind materialized views and streaming tables, which nobody named or can change.

A pipeline keeps its rows and its events in tables beside what it shows, owned by who runs it:
`event_log_<id>` and `__materialization_mat_<id>_<name>_<n>`, where `<id>` is the pipeline's id with
underscores; older ones in a schema `__dlt_materialization_schema_<id>`. What they lack nobody can
give them, so they are left out where the listing shows an object of that pipeline. Any other table
of such a name is somebody's own, and decided: so are those behind metric views, whose names have no
pipeline's id in full (`__materialization_mat_<8 digits>_…`), and sinks (`__<name>_sink`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from lakewarden_collector.inventory import LeftOut
from lakewarden_collector.names import join_name

# assumes backing-tables-have-the-pipeline-in-their-names
_ID: Final = r"([0-9a-f]{8}(?:[-_][0-9a-f]{4}){3}[-_][0-9a-f]{12})"
_PIPELINE: Final = re.compile(_ID, re.IGNORECASE)
_EVENTS: Final = re.compile(f"event_log_{_ID}", re.IGNORECASE)
_ROWS: Final = re.compile(rf"__materialization_[a-z]+_{_ID}_.+_\d+", re.IGNORECASE | re.DOTALL)
_SCHEMA: Final = re.compile(f"__dlt_materialization_schema_{_ID}", re.IGNORECASE)

_PROPERTY: Final = "pipelines.pipelineId"
_SHOWN: Final = frozenset({"MATERIALIZED_VIEW", "STREAMING_TABLE", "METRIC_VIEW"})
"""Kinds whose properties the pipeline writes: on any other table an owner could have set one."""
_ROLE: Final = "where its pipeline keeps the rows"
_KEPT: Final = frozenset({"MANAGED", ""})

Pipelines = Mapping[str, Iterable[str]]
"""Pipeline ids, as `pipeline_of` writes them, and the full names of what they show."""


def pipeline_of(info: Mapping[str, Any]) -> str:
    """Return the id of the pipeline that shows a table of the listing; "" where none does.

    `TableInfo.pipeline_id` says it, and the property that `DESCRIBE DETAIL` shows as well.
    """
    pipeline_id = info.get("pipeline_id")
    if (
        not pipeline_id
        and info.get("table_type") in _SHOWN
        and isinstance(info.get("properties"), dict)
    ):
        pipeline_id = info["properties"].get(_PROPERTY)
    if not isinstance(pipeline_id, str) or not _PIPELINE.fullmatch(pipeline_id):
        return ""
    name, schema = info.get("name"), info.get("schema_name")
    kept = isinstance(name, str) and isinstance(schema, str) and _behind(schema, name)
    return "" if kept and info.get("table_type") not in _SHOWN else _plain(pipeline_id)


def backing(parts: tuple[str, ...], table_type: str, pipelines: Pipelines) -> LeftOut | None:
    """Return why a table is left out that stands behind what a known pipeline shows.

    `table_type` is "" where it is not known.
    """
    _, schema, name = parts
    found = _behind(schema, name)
    if found is None or table_type not in _KEPT:
        return None
    pipeline, role = found
    names = sorted(pipelines.get(pipeline, ()))
    if not names:
        return None
    whole = f"{name}_".lower()
    own = [each for each in names if role == _ROLE and f"_{_last(each)}_".lower() in whole]
    first, *others = [*own, *(each for each in names if each not in own)]
    more = f" and {len(others)} more" if others and not own else ""
    return LeftOut(what=join_name(parts), reason=f"it belongs to {first}{more}: {role}", tables=1)


def may_be_backing(parts: tuple[str, ...]) -> bool:
    """Tell whether a table has the name of one that stands behind another."""
    return _behind(parts[1], parts[2]) is not None


def _behind(schema: str, name: str) -> tuple[str, str] | None:
    """Return the pipeline whose table has such a name, and what it is for."""
    if (events := _EVENTS.fullmatch(name)) is not None:
        return _plain(events[1]), "its pipeline's event log"
    rows = _ROWS.fullmatch(name) or _SCHEMA.fullmatch(schema)
    return None if rows is None else (_plain(rows[1]), _ROLE)


def _plain(pipeline: str) -> str:
    return pipeline.lower().replace("-", "_")


def _last(full_name: str) -> str:
    return full_name.rpartition(".")[2].strip("`")
