"""Options that say which tables a run is about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import typer

from lakewarden.model.errors import ConfigurationError
from lakewarden.origin import Origin, parse_origin


def complete_source(incomplete: str) -> list[str]:
    """Return the beginnings of sources that begin so, for the shell."""
    return [
        each for each in ("demo", "delta:", "databricks", "dbt:") if each.startswith(incomplete)
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
            "list file), databricks (Unity Catalog) or dbt:MANIFEST (the tables that a dbt project "
            "will make).",
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
        return self.source


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
            return Origin(source_kind="inventory", location=self.inventory)
        return super().origin()
