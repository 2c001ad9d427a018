"""Drops tables that an earlier run left behind, since it was killed.

    python -m tests.factory.sweep CATALOG.SCHEMA [--older-than HOURS] [--dry-run]

Only tables are looked at whose name is exactly of the factory's form, only in the schema that is
named, and only those of runs that began longer ago than so many hours (6 unless you say otherwise).
The workspace is found as by the Databricks CLI. Exit 0 when all that is due is dropped, 1 where
something could not be, 2 for a wrong command line.
"""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime, timedelta
from typing import Final

from databricks.sdk import WorkspaceClient

from tests.factory.dropping import Dropped, Left, drop, left
from tests.factory.errors import FactoryError
from tests.factory.place import Schema

AGE: Final = timedelta(hours=6)
"""A run of the scenarios takes minutes, so what is older has been left behind."""


def sweep(client: WorkspaceClient, schema: Schema, *, age: timedelta = AGE) -> Dropped:
    """Drop the tables of runs that began longer ago than `age`; raises `FactoryError`."""
    return drop(client, schema, due(client, schema, age))


def due(client: WorkspaceClient, schema: Schema, age: timedelta) -> list[Left]:
    """Return the tables of runs that began longer ago than `age`; raises `FactoryError`."""
    now = datetime.now(UTC)
    return [each for each in left(client, schema) if each.run.older_than(age, now)]


def _hours(text: str) -> timedelta:
    """Read an age; raises `argparse.ArgumentTypeError` for none, such as one below 0."""
    try:
        age = timedelta(hours=float(text))
    except (ValueError, OverflowError) as error:
        raise argparse.ArgumentTypeError(f"{text!r} isn't a number of hours") from error
    if age < timedelta(0):
        raise argparse.ArgumentTypeError(f"{text!r} is below 0")
    return age


def main(arguments: list[str] | None = None) -> int:
    """Sweep a schema as the command line says, and print what was dropped."""
    parser = argparse.ArgumentParser(prog="python -m tests.factory.sweep")
    parser.add_argument("schema", metavar="CATALOG.SCHEMA")
    parser.add_argument("--older-than", type=_hours, default=AGE, metavar="HOURS")
    parser.add_argument("--dry-run", action="store_true", help="only say what would be dropped")
    asked = parser.parse_args(arguments)
    try:
        schema = Schema.named(asked.schema)
    except ValueError as error:
        parser.error(str(error))
    try:
        client = WorkspaceClient()
        found = due(client, schema, asked.older_than)
        if asked.dry_run:
            sys.stdout.writelines(f"would drop {schema.full_name(each.name)}\n" for each in found)
            return 0
        swept = drop(client, schema, found)
    except (FactoryError, ValueError) as error:  # the SDK raises ValueError without credentials
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.writelines(f"dropped {schema.full_name(name)}\n" for name in swept.names)
    sys.stderr.writelines(f"{failure}\n" for failure in swept.failures)
    return 1 if swept.failures else 0


if __name__ == "__main__":
    sys.exit(main())
