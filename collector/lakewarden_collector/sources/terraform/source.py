"""The source of tables that Terraform plans declare."""

from __future__ import annotations

from collections.abc import Callable, Collection, Generator, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from msgspec import UNSET
from msgspec.structs import replace

from lakewarden_collector.document import Action, Definition, TableDocument
from lakewarden_collector.inventory import Failure, LeftOut
from lakewarden_collector.names import join_name
from lakewarden_collector.patterns import fold
from lakewarden_collector.planned import declared_once
from lakewarden_collector.sources.interface import EvidenceWay
from lakewarden_collector.sources.terraform.attributes import (
    Attributes,
    Hidden,
    ShapeError,
    mapping,
)
from lakewarden_collector.sources.terraform.configuration import (
    TABLE,
    Configuration,
    Expression,
    Knowledge,
    key_of,
)
from lakewarden_collector.sources.terraform.names import Names
from lakewarden_collector.sources.terraform.plan_file import (
    COMMANDS,
    STANDARD_INPUT,
    Plan,
    find_plans,
    read_plan,
)
from lakewarden_collector.sources.terraform.planned_table import planned_table
from lakewarden_collector.sources.terraform.source_files import SourceFiles

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
            "Tables that other resources make aren't read.",
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
_DEPOSED: Final = "The plan deletes what was replaced before and left behind."
_ITS_METRICS: Final = "Databricks defines the tables with its metrics."
_ITS_COPY: Final = "Databricks defines the copy of another table that it makes."
_OTHER_KINDS: Final = {
    "databricks_table": f"databricks_table is deprecated and isn't read; use {TABLE}.",
    "databricks_pipeline": "The code of the pipeline defines its tables, not the plan.",
    "databricks_quality_monitor": _ITS_METRICS,
    "databricks_lakehouse_monitor": _ITS_METRICS,
    "databricks_data_quality_monitor": _ITS_METRICS,
    "databricks_online_table": _ITS_COPY,
    "databricks_database_synced_database_table": _ITS_COPY,
    "databricks_postgres_synced_table": _ITS_COPY,
    "databricks_vector_search_index": _ITS_COPY,
    "databricks_ai_search_index": _ITS_COPY,
    "databricks_feature_engineering_materialized_feature": _ITS_COPY,
}
"""Kinds of resources that make tables too, and why none of those is decided about.

From docs/resources of the provider, v1.70.0 and v1.128.0.
"""
_ONE_TABLE: Final = frozenset({"databricks_table", "databricks_online_table"})
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
        readers = [_PlanReader(plan, self.left_out.append) for plan in self._plans]
        items = [item for reader in readers for item in reader]
        providers: dict[str, set[str]] = {}
        for reader in readers:
            for name, key in reader.providers:
                providers.setdefault(name, set()).add(key)
        for item in declared_once(items):
            if isinstance(item, Failure) and len(several := providers.get(fold(item.what), ())) > 1:
                yield _of_workspaces(item, several)
            else:
                yield item


class _PlanReader:
    """Reads one plan: each change of a table is a document, a failure or left out."""

    def __init__(self, plan: Plan, leave_out: Callable[[LeftOut], None]) -> None:
        self._plan = plan
        self._leave_out = leave_out
        self._files = SourceFiles(plan.folder)
        self._configuration = Configuration(plan.content, self._files)
        self._names = Names(self._configuration, self._files)
        self._mentioned: set[object] = set()
        self.providers: list[tuple[str, str]] = []
        """The folded name of each table, and the configuration of the provider that makes it."""

    def __iter__(self) -> Iterator[TableDocument | Failure]:
        yield from self._incomplete()
        for place, change in enumerate(self._plan.content["resource_changes"]):
            if not isinstance(change, dict):
                address = f"resource_changes[{place}]"
                yield self._failure(address, "it isn't an object", _AGAIN)
            elif change.get("mode") == "data":
                continue
            elif change.get("type") == TABLE:
                yield from self._changed(change, place)
            elif (kind := _text(change.get("type"))) in _OTHER_KINDS:
                what = _text(change.get("address")) or f"resource_changes[{place}]"
                tables = 1 if kind in _ONE_TABLE else UNSET
                self._leave_out(LeftOut(what=what, reason=_OTHER_KINDS[kind], tables=tables))
        yield from self._deferred()
        yield from self._unmentioned()

    def _changed(self, change: Mapping[str, Any], place: int) -> Iterator[TableDocument | Failure]:
        address = _text(change.get("address")) or f"resource_changes[{place}]"
        self._mentioned.add(key_of(change))
        planned = mapping(change.get("change"))
        listed = planned.get("actions")
        actions = tuple(map(str, listed)) if isinstance(listed, list) else ()
        if actions in _GONE:
            name = _name_before(planned)
            what = f"{name} ({address})" if name else address
            reason = _DEPOSED if "deposed" in change else _GONE[actions]
            self._leave_out(LeftOut(what=what, reason=reason, tables=1))
        elif actions not in _ACTIONS:
            shown = ", ".join(actions) or "nothing"
            yield self._failure(address, f"its planned action isn't known: {shown}", _AGAIN)
        else:
            if (old := _text(change.get("previous_address"))) and old != address:
                reason = "The plan moves them to other addresses, under which they are read."
                self._leave_out(LeftOut(what=f"{old} (now {address})", reason=reason, tables=0))
            item = self._table(change, address, planned, _ACTIONS[actions])
            before = _name_before(planned)
            if isinstance(item, TableDocument) and before and fold(before) != fold(item.full_name):
                what, reason = f"{before} ({address})", f"The plan makes {item.full_name} of it."
                self._leave_out(LeftOut(what=what, reason=reason, tables=0))
            yield item

    def _table(
        self, change: Mapping[str, Any], address: str, planned: Mapping[str, Any], action: Action
    ) -> TableDocument | Failure:
        try:
            attributes = Attributes(
                planned.get("after"), planned.get("after_unknown"), planned.get("after_sensitive")
            )
            parts: list[str] = []
            for name in ("catalog_name", "schema_name", "name"):
                part = attributes.text(name)
                if part is Hidden.UNKNOWN and attributes.is_sensitive(name):
                    part = Hidden.SENSITIVE
                if part is Hidden.UNKNOWN and name != "name":
                    part = self._names.find(change, name) or part
                if isinstance(part, Hidden):
                    return self._nameless(change, address, name, part)
                parts.append(part)
            declared = self._declared(change)
            table = planned_table(
                attributes,
                mapping(planned.get("before_sensitive")),
                (parts[0], parts[1], parts[2]),
                self._definition(change, address, action),
                written=_keys(declared.get("expressions")),
            )
        except (ShapeError, ValueError) as error:
            return self._failure(address, f"it can't be read: {error}", _AGAIN, change)
        provider = _text(declared.get("provider_config_key"))
        self.providers.append((fold(table.full_name), f"{provider} of {self._plan.where}"))
        return table

    def _nameless(
        self, change: Mapping[str, Any], address: str, attribute: str, hidden: Hidden
    ) -> Failure:
        if hidden is Hidden.SENSITIVE:
            reason = f"its {attribute} is sensitive, so the table can't be named"
            remedy = f"Give {attribute} a value that isn't sensitive, such as nonsensitive(…)."
        else:
            reason = f"its {attribute} is known only after apply, so the table can't be named"
            remedy = (
                f"Give {attribute} a value that is known when planning: a constant, a variable, or "
                "the `name` of a databricks_catalog or databricks_schema, not its `id`."
            )
            if attribute != "name" and not self._names.is_written(change, attribute):
                remedy += (
                    " Or write the plan into the folder of its `.tf` files: there Lakewarden sees "
                    "whether it's the id of a databricks_catalog alone."
                )
        return self._failure(address, reason, remedy, change)

    def _definition(self, change: Mapping[str, Any], address: str, action: Action) -> Definition:
        found = self._line(change)
        if found is None:
            return Definition(tool="terraform", address=address, action=action)
        file, line = found
        return Definition(tool="terraform", address=address, file=file, line=line, action=action)

    def _declared(self, change: Mapping[str, Any]) -> Mapping[str, Any]:
        key, module = key_of(change), self._configuration.module_of(change)
        return self._configuration.declared(module, *key[1:]) if key and module else {}

    def _line(self, change: Mapping[str, Any]) -> tuple[str, int] | None:
        module = self._configuration.module_of(change)
        return self._files.line(module, _text(change.get("name")))

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
            entry = mapping(each)
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
            if reason := self._doubt(module.counts(resource)):
                path = "".join(f"module.{each}." for each in module.path)
                yield self._uncertain(f"{path}{TABLE}.{name}", reason)

    def _doubt(self, counts: Sequence[Expression]) -> str:
        """Say why a table without a change may exist all the same; empty where it can't.

        Of a complete plan Terraform knew every count and for_each, so there are no instances. A
        plan before Terraform 1.8 doesn't say whether it is complete.
        """
        configuration = self._configuration
        empty = [configuration.is_empty(each) for each in counts]
        if any(empty):
            return ""
        known = [configuration.knowledge(each) for each in counts]
        if any(each and set(each) == {Knowledge.UNKNOWN} for each in known):
            return "its count or for_each, or its module's, is known only after apply"
        complete = self._plan.content.get("complete")
        if complete is True and self._plan.content.get("errored") is not True:
            return ""
        settled = all(set(each) <= {Knowledge.KNOWN} for each in known)
        if complete is None and settled and any(each is None for each in empty):
            return ""
        return "the configuration declares it, but the plan says nothing about it"

    def _uncertain(self, address: str, reason: str) -> Failure:
        remedy = (
            "Apply what its count or for_each depends on first, or make it depend on variables; "
            f"then plan everything. {COMMANDS}"
        )
        return self._failure(address, f"it may or may not exist: {reason}", remedy)

    def _failure(
        self, what: str, reason: str, remedy: str, change: Mapping[str, Any] | None = None
    ) -> Failure:
        where = self._plan.where
        if change is not None and (found := self._line(change)):
            where = f"{where}, declared in {found[0]}:{found[1]}"
        return Failure(what=what, where=where, reason=reason, remedy=remedy)


def _of_workspaces(failure: Failure, providers: Iterable[str]) -> Failure:
    """Say of declarations of one name that they may be tables of several workspaces."""
    return replace(
        failure,
        reason=(
            f"tables of this name are made by several providers: {', '.join(sorted(providers))}; "
            "a run decides about one workspace"
        ),
        remedy="Plan each workspace on its own, and evaluate each plan in a run of its own. If "
        "they are one table, keep one of the declarations.",
    )


def _name_before(planned: Mapping[str, Any]) -> str:
    """Return the name of a table before the plan is applied; empty where it can't be told."""
    try:
        before = Attributes(planned.get("before"), None, planned.get("before_sensitive"))
        parts = [before.text(name) for name in ("catalog_name", "schema_name", "name")]
    except ShapeError:
        return ""
    texts = [part for part in parts if isinstance(part, str) and part]
    return join_name(texts) if len(texts) == len(parts) else ""


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _keys(value: object) -> Collection[str] | None:
    return value.keys() if isinstance(value, dict) else None
