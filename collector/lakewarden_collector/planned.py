"""What the sources of plans share: tables that are declared and may not exist yet.

A planned document describes the table as it is once the plan is applied. Its `definition` says
where it is declared. What only applying tells has evidence of status `known_after_apply`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from operator import itemgetter
from pathlib import Path
from typing import Any, Final

from msgspec import UNSET, structs

from lakewarden_collector.document import (
    Absence,
    Access,
    PredictiveOptimization,
    Size,
    TableDocument,
)
from lakewarden_collector.inventory import Failure
from lakewarden_collector.patterns import fold

OTHER_PROPERTIES: Final = "properties.*"
"""The key of `evidence` for all properties that a document doesn't list: any of them may be set."""

_OF_ESTATES: Final = "size", "access", "predictive_optimization", "tags"
"""What no plan knows: only a table that exists has it."""

_NOTHING: Final = (UNSET, Size(), Access(), PredictiveOptimization())
_ADDS_TAGS: Final = "dbt"
"""The tool that only adds tags to a table; what an SQL file says of tags is all of them."""

_OPEN: Final = "not_requested", "known_after_apply"

Lookup = Callable[[str], TableDocument | None]
"""Finds a table that exists by its full name, case aside."""


def find_nothing(_: str) -> None:
    """Find no table, as a `Lookup`: nothing is known of those that exist."""


def is_within(path: Path, folder: Path) -> bool:
    """Whether a path that a plan names lies in a folder, wherever links lead; never raises."""
    try:
        return path.resolve().is_relative_to(folder.resolve())
    except (OSError, ValueError, RuntimeError):
        return False


def known_after_apply(reason: str) -> Absence:
    """Return why a part of a planned document is absent."""
    return Absence(status="known_after_apply", reason=reason)


def of_table(why: Absence) -> dict[str, Absence]:
    """Return the evidence that no plan has, with the reason why a table lacks it."""
    return dict.fromkeys(_OF_ESTATES, why)


def of_new_table() -> dict[str, Absence]:
    """Return the evidence that any table lacks that doesn't exist yet."""
    return of_table(known_after_apply("The table doesn't exist yet."))


def of_existing_table(reason: str) -> dict[str, Absence]:
    """Return the evidence that a plan lacks about a table that exists already, with its reason."""
    return of_table(Absence(status="not_requested", reason=reason))


def declared_once(
    items: Iterable[TableDocument | Failure],
) -> Iterator[TableDocument | Failure]:
    """Return items sorted by name, and one failure for each table that is declared several times.

    Case doesn't count in a table's name.
    """
    tables: dict[str, list[TableDocument]] = {}
    found: list[tuple[str, TableDocument | Failure]] = []
    for item in items:
        if isinstance(item, Failure):
            found.append((item.what, item))
        else:
            tables.setdefault(fold(item.full_name), []).append(item)
    found += [(same[0].full_name, _only(same)) for same in tables.values()]
    return (item for _, item in sorted(found, key=itemgetter(0)))


def as_it_stands(planned: TableDocument, existing: TableDocument, estate: str) -> TableDocument:
    """Return a planned table with what only the table as it exists tells, and no plan.

    These are its id, size, access, tags and predictive optimization, or why they aren't known. What
    the plan itself says stays. A table that the plan replaces is a new one: it keeps only the
    predictive optimization that it inherits. So is one that takes the place of a view. `estate`
    says where `existing` comes from.
    """
    if existing.table_type == "VIEW" and planned.table_type not in {UNSET, "VIEW"}:
        planned = _lacking(planned, known_after_apply("A view has its name now."))
        planned = structs.replace(
            planned, definition=structs.replace(planned.definition, action="replace")
        )
    definition = planned.definition
    if definition.action is UNSET:
        definition = structs.replace(definition, action="update")
    kinds: tuple[str, ...] = _OF_ESTATES
    if definition.action == "replace":
        inherited = existing.predictive_optimization.inherited_from is not UNSET
        kinds = ("predictive_optimization",) if inherited else ()
    changes: dict[str, Any] = {}
    evidence = dict(planned.evidence)
    for kind in kinds:
        if getattr(planned, kind) not in _NOTHING or _is_changed(planned, kind):
            continue
        value = getattr(existing, kind)
        evidence.pop(kind, None)
        if value not in _NOTHING:
            changes[kind] = value
        else:
            reason = f"{estate} doesn't have it."
            evidence[kind] = Absence(status="not_requested", reason=reason)
        evidence |= {
            key: why
            for key, why in existing.evidence.items()
            if key == kind or key.startswith(f"{kind}.")
        }
    if kinds == _OF_ESTATES and definition.tool == _ADDS_TAGS:
        own, there = planned.tags, existing.tags
        if isinstance(own, dict) and isinstance(there, dict):
            changes["tags"] = {**there, **own}
    if kinds == _OF_ESTATES and planned.table_id is UNSET:
        changes["table_id"] = existing.table_id
    return structs.replace(planned, definition=definition, evidence=evidence, **changes)


def _is_changed(planned: TableDocument, kind: str) -> bool:
    """Whether the plan changes it in a way that only applying tells, such as tags by a hook."""
    why = planned.evidence.get(kind)
    return kind == "tags" and why is not None and why.status == "known_after_apply"


def not_there(planned: TableDocument, estate: str) -> TableDocument:
    """Return a planned table that an estate, whose tables are all known, doesn't have."""
    definition = planned.definition
    if definition.action in {"update", "no-op"}:
        # The plan knows of a table that the estate doesn't show: neither is to be believed alone.
        why = Absence(status="not_requested", reason=f"{estate} has no table of this name.")
    else:
        why = known_after_apply(f"The table is new: {estate} has none of this name.")
    if definition.action is UNSET:
        definition = structs.replace(definition, action="create")
    return structs.replace(_lacking(planned, why), definition=definition)


def not_read(planned: TableDocument, why: Absence) -> TableDocument:
    """Return a planned table of which nobody could tell whether and how it exists, and why."""
    if planned.definition.action in {"create", "replace"}:
        return planned
    return _lacking(planned, why)


def _lacking(planned: TableDocument, why: Absence) -> TableDocument:
    evidence = dict(planned.evidence)
    for kind in _OF_ESTATES:
        stated = evidence.get(kind)
        if stated is not None and stated.status in _OPEN and not _is_changed(planned, kind):
            evidence[kind] = why
    return structs.replace(planned, evidence=evidence)


def _only(same: list[TableDocument]) -> TableDocument | Failure:
    if len(same) == 1:
        return same[0]
    return Failure(
        what=same[0].full_name,
        where=", ".join(each.definition.place for each in same),
        reason=f"{len(same)} declarations make this table",
        remedy="Keep one of them.",
    )
