"""Options that say which tables a run is about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import typer
from msgspec import structs

from lakewarden.model.errors import ConfigurationError
from lakewarden.origin import Origin, parse_origin
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

    def origin(self) -> Origin:
        """Return where the tables come from; raises `ConfigurationError` if that isn't said."""
        if self.source is None:
            raise ConfigurationError(
                "say where the tables come from",
                where="--source",
                remedy="Try --source demo, set source in lakewarden.toml, or see --help.",
            )
        if self.default_schema is None:
            return self.source
        return structs.replace(
            self.source, default_schema=_schema(self.default_schema, self.source.source_kind)
        )


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
        if self.inventory is not None:
            if self.default_schema is not None:
                _schema(self.default_schema, "an inventory")
            return Origin(source_kind="inventory", location=self.inventory)
        return super().origin()
