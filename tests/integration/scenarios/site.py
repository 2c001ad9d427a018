"""Where the scenarios' tables are made: a workspace that the user names, or a local double."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from databricks.sdk import WorkspaceClient
from databricks.sdk.core import Config

from tests.factory.place import Schema
from tests.integration.databricks.workspace_commands import variables
from tests.scenarios.options import Place
from tests.support.commandline import environment
from tests.workspace.server import Workspace
from tests.workspace.spark_estate import SparkEstate

LOCAL: Final = Schema("main", "pytest_test_data")
"""On the double; a schema for tests, as the settings call it."""

_SIGNING_IN: Final = ("--profile", "--warehouse-id")


class WrongPlaceError(Exception):
    """The options do not say where the tables are to be made; the text says what to pass."""


@dataclass(frozen=True)
class Site:
    """A workspace, and how the command line reaches the same one."""

    client: WorkspaceClient
    schema: Schema
    environment: Mapping[str, str]
    words: str
    """What it is, for people."""


def workspace(place: Place) -> Site:
    """Return the workspace that the SDK's own ways of authentication lead to.

    Raises `WrongPlaceError`.
    """
    if place.tables_in is None:
        raise WrongPlaceError(
            "--source databricks makes tables in a workspace: name a schema in which this run may"
            " make and drop them, with --tables-in CATALOG.SCHEMA (make: TABLES_IN=CATALOG.SCHEMA)."
            " Nothing else in it is touched, and it is made if it is not there."
        )
    for option in place.arguments:
        if option.partition("=")[0] in _SIGNING_IN:
            raise WrongPlaceError(
                f"{option} is not heard here: name the profile in DATABRICKS_CONFIG_PROFILE and the"
                " warehouse in DATABRICKS_WAREHOUSE_ID, which count for the command line, too."
            )
    try:
        schema = Schema.named(place.tables_in)
        client = WorkspaceClient()
    except ValueError as error:  # the SDK's, where it finds no credentials
        raise WrongPlaceError(str(error)) from error
    return Site(
        client,
        schema,
        {**os.environ, "NO_COLOR": "1"},
        f"tables in {schema} of the workspace {client.config.host}",
    )


@contextmanager
def double(spark: Any, home: Path) -> Iterator[Site]:  # noqa: ANN401 -- pyspark is untyped
    """Open a double with Spark behind it; `home` is a folder for the command line's home."""
    with SparkEstate(spark) as estate, Workspace(estate) as opened:
        config = Config(host=opened.url, token=opened.token, warehouse_id=opened.warehouse_id)
        yield Site(
            WorkspaceClient(config=config),
            LOCAL,
            environment(home, **variables(opened)),
            f"tables in {LOCAL} of a local double of a workspace, on Spark with Delta",
        )
