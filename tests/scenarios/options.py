"""What pytest is told about where the scenarios look: options of its command line."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec import Struct


class Place(Struct, frozen=True, kw_only=True):
    """Where the integration and production layers work, as the user said it."""

    source: str
    """KIND[:LOCATION], as `lakewarden evaluate --source` takes it."""
    arguments: tuple[str, ...]
    """Further options of `lakewarden evaluate`."""
    tables_in: str | None
    """CATALOG.SCHEMA in which the integration layer may make and drop tables."""
    previous: Path | None
    """A previous JSON report to compare with."""

    @property
    def workspace(self) -> bool:
        """Whether the source is a Databricks workspace."""
        return self.source.partition(":")[0] == "databricks"


def add_options(parser: pytest.Parser) -> None:
    """Declare the options."""
    group = parser.getgroup("scenarios", "where the scenarios look (see docs/scenarios.md)")
    group.addoption(
        "--source",
        default="demo",
        metavar="KIND[:LOCATION]",
        help="what the production layer evaluates; `databricks` also makes the integration layer "
        "work there (default: demo, and a local double of a workspace)",
    )
    group.addoption(
        "--evaluate-with",
        action="append",
        default=[],
        metavar="OPTION",
        help="a further option of `lakewarden evaluate`; may be repeated",
    )
    group.addoption(
        "--tables-in",
        metavar="CATALOG.SCHEMA",
        help="where the integration layer may make and drop tables of a workspace",
    )
    group.addoption(
        "--previous",
        type=Path,
        metavar="REPORT",
        help="a previous JSON report that the production layer compares with",
    )


def place(config: pytest.Config) -> Place:
    """Return what the options say."""
    return Place(
        source=config.getoption("--source"),
        arguments=tuple(config.getoption("--evaluate-with")),
        tables_in=config.getoption("--tables-in"),
        previous=config.getoption("--previous"),
    )
