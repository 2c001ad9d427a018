"""Which nodes of a dbt project, and of its packages, are tables; others are left out by name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from msgspec import UNSET

from lakewarden_collector.document import Definition, TableDocument
from lakewarden_collector.inventory import Failure, LeftOut
from lakewarden_collector.sources.dbt.artifacts import Project
from lakewarden_collector.sources.dbt.config_lines import ConfigLines
from lakewarden_collector.sources.dbt.planned_table import planned_table
from lakewarden_collector.sources.dbt.values import (
    NodeError,
    boolean,
    mapping,
    optional_text,
    required_text,
)

_TABLES: Final = {
    "model": frozenset({"table", "incremental", "materialized_view", "streaming_table"}),
    "snapshot": frozenset({"snapshot"}),
    "seed": frozenset({"seed"}),
}
"""Materializations that make tables, by type of resource."""

_NO_TABLE: Final = {
    "ephemeral": "an ephemeral model makes no table",
    "view": "a view holds no data",
    "metric_view": "a metric view holds no data",
}
_OTHERS: Final = {
    "test": "a test makes no table but those of its own failing rows",
    "unit_test": "a unit test makes no table",
    "analysis": "an analysis is only compiled",
    "operation": "an operation is a hook of a run, whose statements aren't read",
    "sql_operation": "an inline query makes no table",
    "function": "a function isn't a table",
    "rpc": "an inline query makes no table",
}
_AGAIN: Final = "Run `dbt parse` again."


def read_nodes(project: Project, left_out: list[LeftOut]) -> Iterator[TableDocument | Failure]:
    """Yield a document or failure for each node that is a table; append the others to `left_out`.

    A node without a reason to leave it out that can't be read is a failure, never an absence.
    """
    lines = ConfigLines(project)
    for address, node in project.nodes.items():
        try:
            values = _object(node)
            reason = _left_out(values, project.name)
            if reason:
                left_out.append(LeftOut(what=address, reason=reason))
            else:
                definition = _definition(address, values, lines)
                yield planned_table(values, definition, project)
        except NodeError as error:
            yield _failure(_definition(address, mapping(node), lines), error.reason, error.remedy)
        except ValueError as error:  # the document's own checks
            definition = _definition(address, mapping(node), lines)
            yield _failure(definition, str(error), "Correct the model's configuration.")
    left_out += [
        LeftOut(what=address, reason="it is disabled")
        for address in project.disabled
        if address not in project.nodes
    ]


def _object(node: object) -> Mapping[str, Any]:
    if isinstance(node, dict):
        return node
    raise NodeError("the manifest has no object for it", _AGAIN)


def _left_out(node: Mapping[str, Any], project: str) -> str:
    """Say why a node makes no table of this project; empty if it makes one."""
    kind = required_text(node, "resource_type")
    if kind in _OTHERS:
        return _OTHERS[kind]
    if kind not in _TABLES:
        raise NodeError(
            f"{kind!r} isn't a type of resource that this Lakewarden knows",
            "Use a newer Lakewarden, or tell us about it.",
        )
    package = required_text(node, "package_name")
    if package != project and not optional_text(node, "original_file_path"):
        # What another project makes, and this one may refer to; packages have their files here.
        return f"it belongs to {package}, not to {project}"
    config = mapping(node.get("config"))
    if config.get("enabled") is not None and not boolean(config, "enabled"):
        return "it is disabled"
    made_as = required_text(config, "materialized")
    if kind == "model" and made_as in _NO_TABLE:
        return _NO_TABLE[made_as]
    if made_as not in _TABLES[kind]:
        raise NodeError(
            f"its materialization {made_as!r} isn't one of dbt-databricks, so what it makes "
            "isn't known",
            "Evaluate its table after a run, with --source databricks.",
        )
    return ""


def _definition(address: str, node: Mapping[str, Any], lines: ConfigLines) -> Definition:
    file, line = lines.find(node)
    return Definition(tool="dbt", address=address, file=file or UNSET, line=line or UNSET)


def _failure(definition: Definition, reason: str, remedy: str) -> Failure:
    address = definition.address or ""
    return Failure(what=address, where=definition.place, reason=reason, remedy=remedy)
