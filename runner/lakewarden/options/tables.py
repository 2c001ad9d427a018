"""Options that say which tables a run is about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import typer
from msgspec import structs

from lakewarden.model.errors import ConfigurationError
from lakewarden.origin import PLANS, Origin, parse_origin
from lakewarden_collector.names import split_name


def complete_source(incomplete: str) -> list[str]:
    """Return the beginnings of sources that begin so, for the shell."""
    return [
        each
        for each in ("demo", "delta:", "databricks", "dbt:", "sql:", "terraform:")
        if each.startswith(incomplete)
    ]


@dataclass(frozen=True, kw_only=True)
class SourceOptions:
    """Where tables are collected from."""

    source: Annotated[
        Origin | None,
        typer.Option(
            "--source",
            "-s",
            metavar="SOURCE",
            parser=parse_origin,
            autocompletion=complete_source,
            help="Where to collect tables: demo, delta:LOCATION (a folder, an object store or a "
            "list file), databricks (Unity Catalog), dbt:MANIFEST (the tables that a dbt project "
            "will make), sql:PATTERN (those that SQL files make) or terraform:PLAN (those of a "
            "plan from `terraform show -json`).",
        ),
    ] = None

    default_schema: Annotated[
        str | None,
        typer.Option(
            "--default-schema",
            metavar="CATALOG.SCHEMA",
            help="Where SQL files make a table whose name says no catalog and schema. It belongs "
            "to --source sql.",
        ),
    ] = None

    beside: Annotated[
        str | None,
        typer.Option(
            "--with",
            metavar="INVENTORY",
            help="The estate that a plan changes: an inventory, or databricks. Adds what no plan "
            "knows of tables that exist (size, reads, tags), and tells what the plan breaks and "
            "fixes. It belongs to --source dbt, sql and terraform.",
        ),
    ] = None

    def origin(self) -> Origin:
        """Return where the tables come from; raises `ConfigurationError` if that isn't said."""
        if self.source is None:
            raise ConfigurationError(
                "say where the tables come from",
                where="--source",
                remedy="Try --source demo, set source in lakewarden.toml, or see --help.",
            )
        kind = self.source.source_kind
        schema = None if self.default_schema is None else _schema(self.default_schema, kind)
        beside = None if self.beside is None else _estate(self.beside, self.source)
        return structs.replace(self.source, default_schema=schema, beside=beside)


def _schema(text: str, source_kind: str) -> tuple[str, str]:
    """Read `CATALOG.SCHEMA`; raises `ConfigurationError`, also for other sources."""
    if source_kind != "sql":
        raise ConfigurationError(
            f"only SQL files have names without a schema, not {source_kind}",
            where="--default-schema",
            remedy="Leave it out, or name SQL files: --source sql:'migrations/**/*.sql'.",
        )
    try:
        catalog, schema = split_name(text)
    except ValueError as error:
        raise ConfigurationError(
            f"{text!r} isn't a catalog and a schema",
            where="--default-schema",
            remedy="Write --default-schema CATALOG.SCHEMA, such as main.sales.",
        ) from error
    return catalog, schema


def _estate(text: str, plan: Origin) -> Origin:
    """Read what a plan changes; raises `ConfigurationError`, also where there isn't a plan."""
    if plan.source_kind not in PLANS:
        raise ConfigurationError(
            f"adds the estate to a plan, and {plan} isn't one",
            where="--with",
            remedy="Leave it out, or name a plan: --source terraform:PLAN, dbt:MANIFEST or "
            "sql:PATTERN.",
        )
    if not text:
        raise _nameless("--with")
    if text == "-" == plan.location:
        raise ConfigurationError(
            "standard input can't be the plan and the inventory",
            where="--with",
            remedy="Write one of them to a file.",
        )
    if text.partition(":")[0] == "databricks":
        return parse_origin(text, "--with")
    return Origin(source_kind="inventory", location=text)


def _nameless(option: str) -> ConfigurationError:
    return ConfigurationError(
        "is empty",
        where=option,
        remedy="Name an inventory. A variable of the shell may be unset.",
    )


@dataclass(frozen=True, kw_only=True)
class TableOptions(SourceOptions):
    """Which tables are decided: those of a source or of an inventory, or some of them."""

    inventory: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="Read the tables from an inventory that `lakewarden collect` wrote, or from any "
            "NDJSON or JSON array of table documents; - for standard input.",
        ),
    ] = None
    tables: Annotated[
        tuple[str, ...],
        typer.Option(
            "--table",
            metavar="PATTERN",
            help="Only tables whose full name matches, such as 'prod.*'. May be repeated.",
        ),
    ] = ()

    def origin(self) -> Origin:
        """Return where the tables come from; raises `ConfigurationError` unless it's said once."""
        if (self.source is None) == (self.inventory is None):
            raise ConfigurationError(
                "say where the tables come from, once",
                where="--source or --inventory",
                remedy="Try --source demo, set source in lakewarden.toml, or see --help.",
            )
        if self.inventory == "":
            raise _nameless("--inventory")
        if self.inventory is not None:
            origin = Origin(source_kind="inventory", location=self.inventory)
            if self.default_schema is not None:
                _schema(self.default_schema, "an inventory")
            if self.beside is not None:
                _estate(self.beside, origin)
            return origin
        return super().origin()
