"""The source of tables that Terraform plans declare."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from typing import Any, Final

from lakewarden_collector.document import Action, Definition, TableDocument
from lakewarden_collector.inventory import Failure, LeftOut
from lakewarden_collector.planned import declared_once
from lakewarden_collector.sources.interface import EvidenceWay
from lakewarden_collector.sources.terraform.attributes import Attributes, Hidden, ShapeError
from lakewarden_collector.sources.terraform.configuration import (
    TABLE,
    Configuration,
    Knowledge,
    Module,
    key_of,
)
from lakewarden_collector.sources.terraform.plan_file import (
    COMMANDS,
    STANDARD_INPUT,
    Plan,
    find_plans,
    read_plan,
)
from lakewarden_collector.sources.terraform.planned_table import planned_table
from lakewarden_collector.sources.terraform.source_lines import SourceLines

WAYS: Final = (
    EvidenceWay(
        name="plan",
        gives=(
            *("full_name", "catalog_name", "schema_name", "name", "table_type", "owner"),
            *("data_source_format", "comment", "storage_location", "properties", "columns"),
            *("detail", "definition"),
        ),
        without="What is known only after apply is unknown, down to a property or a column.",
        blind=(
            "A plan has no sizes, and knows nothing of who reads a table.",
            "A table that isn't a `databricks_sql_table` is nothing that it knows of.",
        ),
    ),
)
"""What a plan says."""

_ACTIONS: Final[dict[tuple[str, ...], Action]] = {
    ("create",): "create",
    ("update",): "update",
    ("no-op",): "no-op",
    ("delete", "create"): "replace",
    ("create", "delete"): "replace",
    ("forget", "create"): "replace",
    ("create", "forget"): "replace",
}
_GONE: Final = {
    ("delete",): "The plan deletes it.",
    ("forget",): "The plan only removes it from Terraform's state; the table stays.",
}
_OLD_TABLE: Final = "databricks_table"
_AGAIN: Final = "Write the plan again: `terraform show -json plan.bin > plan.json`."


class TerraformSource:
    """The tables of one plan that `terraform show -json` wrote, of several, or of standard input.

    `location` is a path, a glob or `-`. The plans are read when the source is made: raises
    `WrongInputError` for what isn't a plan, and `SourceError` for a file that can't be read.
    """

    source_kind = "terraform"

    def __init__(self, location: str) -> None:
        self.scope = STANDARD_INPUT if location == "-" else location
        self.left_out: list[LeftOut] = []
        self._plans = [read_plan(path) for path in find_plans(location)]

    def tables(self) -> Generator[TableDocument | Failure, None, None]:
        """Yield every planned table, as `Source` says."""
        self.left_out.clear()
        items = [item for plan in self._plans for item in _PlanReader(plan, self.left_out.append)]
        yield from declared_once(items)


class _PlanReader:
    """Reads one plan: each change of a table is a document, a failure or left out."""

    def __init__(self, plan: Plan, leave_out: Callable[[LeftOut], None]) -> None:
        self._plan = plan
        self._leave_out = leave_out
        self._configuration = Configuration(plan.content)
        self._lines = SourceLines(plan.folder)
        self._mentioned: set[object] = set()

    def __iter__(self) -> Iterator[TableDocument | Failure]:
        yield from self._incomplete()
        for place, change in enumerate(self._plan.content["resource_changes"]):
            if not isinstance(change, dict):
                address = f"resource_changes[{place}]"
                yield self._failure(address, "it isn't an object", _AGAIN)
            elif change.get("type") in (TABLE, _OLD_TABLE) and change.get("mode") != "data":
                yield from self._changed(change, place)
        yield from self._deferred()
        yield from self._unmentioned()

    def _changed(self, change: Mapping[str, Any], place: int) -> Iterator[TableDocument | Failure]:
        address = _text(change.get("address")) or f"resource_changes[{place}]"
        self._mentioned.add(key_of(change))
        planned = change.get("change")
        planned = planned if isinstance(planned, dict) else {}
        listed = planned.get("actions")
        actions = tuple(map(str, listed)) if isinstance(listed, list) else ()
        if change.get("type") == _OLD_TABLE:
            reason = f"{_OLD_TABLE} is deprecated and isn't read; use {TABLE}."
            self._leave_out(LeftOut(what=address, reason=reason, tables=1))
        elif actions in _GONE:
            what = _with_name(address, planned)
            self._leave_out(LeftOut(what=what, reason=_GONE[actions], tables=1))
        elif actions not in _ACTIONS:
            shown = ", ".join(actions) or "nothing"
            yield self._failure(address, f"its planned action isn't known: {shown}", _AGAIN)
        else:
            if (old := _text(change.get("previous_address"))) and old != address:
                reason = "The plan moves them to other addresses, under which they are read."
                self._leave_out(LeftOut(what=f"{old} (now {address})", reason=reason, tables=0))
            yield self._table(change, address, planned, _ACTIONS[actions])

    def _table(
        self, change: Mapping[str, Any], address: str, planned: Mapping[str, Any], action: Action
    ) -> TableDocument | Failure:
        before = planned.get("before_sensitive")
        try:
            attributes = Attributes(
                planned.get("after"), planned.get("after_unknown"), planned.get("after_sensitive")
            )
            parts: list[str] = []
            for name in ("catalog_name", "schema_name", "name"):
                part = attributes.text(name)
                if part is Hidden.UNKNOWN and name != "name":
                    part = self._configuration.name(change, name) or part
                if isinstance(part, Hidden):
                    return self._nameless(address, name, part)
                parts.append(part)
            return planned_table(
                attributes,
                before if isinstance(before, dict) else {},
                (parts[0], parts[1], parts[2]),
                self._definition(change, address, action),
            )
        except (ShapeError, ValueError) as error:
            return self._failure(address, f"it can't be read: {error}", _AGAIN)

    def _nameless(self, address: str, attribute: str, hidden: Hidden) -> Failure:
        if hidden is Hidden.SENSITIVE:
            reason = f"its {attribute} is sensitive, so the table can't be named"
            remedy = f"Give {attribute} a value that isn't sensitive, such as nonsensitive(…)."
            return self._failure(address, reason, remedy)
        remedy = (
            f"Give {attribute} a value that is known when planning: a constant, a variable, or the "
            "name of a databricks_catalog or databricks_schema."
        )
        reason = f"its {attribute} is known only after apply, so the table can't be named"
        return self._failure(address, reason, remedy)

    def _definition(self, change: Mapping[str, Any], address: str, action: Action) -> Definition:
        key = key_of(change)
        module = self._configuration.modules.get(key[0]) if key else None
        found = self._lines.find(module, key[2]) if key else None
        if found is None:
            return Definition(tool="terraform", address=address, action=action)
        file, line = found
        return Definition(tool="terraform", address=address, file=file, line=line, action=action)

    def _incomplete(self) -> Iterator[Failure]:
        content = self._plan.content
        if content.get("errored") is True:
            reason = "planning ended with an error, so tables may be missing from the plan"
            remedy = f"Correct the error that `terraform plan` shows. {COMMANDS}"
        elif content.get("complete") is False:
            reason = (
                "it is incomplete: it was made with -target, or Terraform deferred a part of it"
            )
            remedy = f"Plan without -target, or apply this plan first. {COMMANDS}"
        else:
            return
        yield Failure(
            what="the plan",
            where=self._plan.where,
            reason=reason,
            remedy=remedy,
            covers="workspace",
        )

    def _deferred(self) -> Iterator[Failure]:
        deferred = self._plan.content.get("deferred_changes")
        for place, each in enumerate(deferred if isinstance(deferred, list) else []):
            entry = each if isinstance(each, dict) else {}
            change = entry.get("resource_change")
            if not isinstance(change, dict) or change.get("type") != TABLE:
                continue
            self._mentioned.add(key_of(change))
            address = _text(change.get("address")) or f"deferred_changes[{place}]"
            reason = _text(entry.get("reason")) or "no reason given"
            yield self._uncertain(address, f"Terraform defers it ({reason})")

    def _unmentioned(self) -> Iterator[Failure]:
        """Find the tables that are declared, but of which the plan says nothing."""
        for module, resource in self._configuration.tables():
            name = _text(resource.get("name"))
            if (module.path, TABLE, name) in self._mentioned:
                continue
            if reason := self._doubt(module.expressions(resource)):
                path = "".join(f"module.{each}." for each in module.path)
                yield self._uncertain(f"{path}{TABLE}.{name}", reason)

    def _doubt(self, expressions: Sequence[tuple[Module, object]]) -> str:
        """Say why a table without a change may exist all the same; empty where it can't.

        Of a complete plan Terraform knew every count and for_each, so there are no instances. A
        plan before Terraform 1.8 doesn't say whether it is complete.
        """
        configuration = self._configuration
        if any(configuration.is_empty(*each) for each in expressions):
            return ""
        known = [configuration.knowledge(*each) for each in expressions]
        if any(each and set(each) == {Knowledge.UNKNOWN} for each in known):
            return "its count or for_each, or its module's, is known only after apply"
        complete = self._plan.content.get("complete")
        if complete is True and self._plan.content.get("errored") is not True:
            return ""
        settled = all(set(each) <= {Knowledge.KNOWN} for each in known)
        if complete is None and expressions and settled:
            return ""
        return "the configuration declares it, but the plan says nothing about it"

    def _uncertain(self, address: str, reason: str) -> Failure:
        remedy = (
            "Apply what its count or for_each depends on first, or make it depend on variables; "
            f"then plan everything. {COMMANDS}"
        )
        return self._failure(address, f"it may or may not exist: {reason}", remedy)

    def _failure(self, what: str, reason: str, remedy: str) -> Failure:
        return Failure(what=what, where=self._plan.where, reason=reason, remedy=remedy)


def _with_name(address: str, planned: Mapping[str, Any]) -> str:
    """Return the name of a table that goes, and its address; the address alone where unnamed."""
    try:
        before = Attributes(planned.get("before"), None, planned.get("before_sensitive"))
        parts = [before.text(name) for name in ("catalog_name", "schema_name", "name")]
    except ShapeError:
        return address
    texts = [part for part in parts if isinstance(part, str) and part]
    return f"{'.'.join(texts)} ({address})" if len(texts) == len(parts) else address


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
