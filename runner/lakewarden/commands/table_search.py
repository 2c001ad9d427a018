"""Finds the one table of a report that a person names."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from lakewarden.evaluation.name_patterns import NEAR, is_full, there_is
from lakewarden.model.errors import ConfigurationError
from lakewarden.model.report import Report, TableReport
from lakewarden_collector.inventory import Failure
from lakewarden_collector.names import split_name
from lakewarden_collector.patterns import fold

_OPTION: Final = "--table"


def find_table(report: Report, name: str) -> TableReport:
    """Return the table of that full name, written with or without back-quotes.

    Case doesn't matter, unless several tables differ in nothing else. Raises `ConfigurationError`
    where there is no such table, or not one alone.
    """
    wanted = _keys(name)
    found: list[TableReport] = []
    names: list[str] = []
    for table in report.tables():
        names.append(table.full_name)
        if not wanted.isdisjoint(map(fold, _spellings(table))):
            found.append(table)
    exact = [table for table in found if name in _spellings(table)]
    chosen = found if len(found) == 1 else exact
    if len(chosen) == 1:
        return chosen[0]
    if found:
        raise _several([table.full_name for table in found], name)
    _refuse_unread(report, wanted, name)
    lost = {each for failure in report.completeness.failures for each in _named(failure)}
    names += filter(is_full, sorted(lost))
    raise ConfigurationError(
        f"the report has no table {name}", where=_OPTION, remedy=there_is(name, names)
    )


def _keys(name: str) -> set[str]:
    try:
        return {fold(name), fold(".".join(split_name(name)))}
    except ValueError:
        return {fold(name)}  # not as SQL writes a name, but a name's plain text all the same


def _spellings(table: TableReport) -> tuple[str, str]:
    return table.full_name, f"{table.catalog_name}.{table.schema_name}.{table.name}"


def _several(names: Iterable[str], name: str) -> ConfigurationError:
    first, *others = sorted(names)
    listed = ", ".join((first, *others[: NEAR - 1]))
    more = f" and {len(others) + 1 - NEAR:,} more" if len(others) >= NEAR else ""
    return ConfigurationError(
        f"the report has {len(others) + 1:,} tables that {name} can mean",
        where=_OPTION,
        remedy=f"Write one of them as it is: {listed}{more}.",
    )


def _refuse_unread(report: Report, wanted: set[str], name: str) -> None:
    """Say of a table that couldn't be read or listed why; raises `ConfigurationError`."""
    for failure in report.completeness.failures:
        if not wanted.isdisjoint(key for each in _named(failure) for key in _keys(each)):
            why = "couldn't be read in this run, so nothing was decided about it"
        elif _holds(failure, wanted):
            why = f"isn't in the report, and {failure.what} couldn't be listed"
        else:
            continue
        raise ConfigurationError(
            f"{name} {why}: {failure.reason}", where=_OPTION, remedy=failure.remedy
        )


def _named(failure: Failure) -> list[str]:
    """Return the tables that a failure is about: several if they differ in case alone."""
    if failure.covers != "table":
        return []
    what = failure.what.removeprefix("table ")
    return [what, *what.split(", ")]


def _holds(failure: Failure, wanted: set[str]) -> bool:
    """Whether a table of one of these names would be in the schema or catalog that was lost."""
    kind, _, name = failure.what.partition(" ")
    if kind != failure.covers or kind == "table":
        return False
    within = tuple(f"{key}." for key in _keys(name))
    return any(each.startswith(within) for each in wanted)
