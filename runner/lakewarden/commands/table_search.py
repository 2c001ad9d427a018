"""Finds the one table of a report that a person names."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from lakewarden.evaluation.name_patterns import NEAR, there_is
from lakewarden.model.errors import ConfigurationError
from lakewarden.model.report import Report, TableReport
from lakewarden_collector.errors import clause
from lakewarden_collector.inventory import Failure
from lakewarden_collector.names import is_full, split_name
from lakewarden_collector.patterns import Pattern, fold

_OPTION: Final = "--table"
_PARENTS: Final = ("schema", "catalog")


def find_table(report: Report, name: str) -> TableReport:
    """Return the table of that name, written with or without back-quotes.

    Case doesn't matter, unless several tables differ in nothing else. Catalog, or catalog and
    schema, may be left out where one table alone can be meant. Raises `ConfigurationError` where
    there is no such table, or not one alone.
    """
    wanted, tail = _keys(name), _tail(name)
    found: list[TableReport] = []
    names: list[str] = []
    ending: list[str] = []
    first: TableReport | None = None
    for table in report.tables():
        names.append(table.full_name)
        if not wanted.isdisjoint(map(fold, _spellings(table))):
            found.append(table)
        elif tail and _ends((table.schema_name, table.name), tail):
            ending.append(table.full_name)
            first = first or table
    exact = [table for table in found if name in _spellings(table)]
    chosen = found if len(found) == 1 else exact
    if len(chosen) == 1:
        return chosen[0]
    if found:
        raise _several([table.full_name for table in found], name)
    failures = report.completeness.failures
    _refuse_unread(failures, wanted, name)
    unread = sorted({each for failure in failures for each in filter(is_full, _named(failure))})
    ending += [each for each in unread if tail and _ends(split_name(each), tail)]
    if len(ending) > 1:
        raise _several(ending, name)
    if first:
        return first
    if ending:
        _refuse_unread(failures, _keys(ending[0]), ending[0])
    raise _missing(report, name, wanted, [*names, *unread])


def _keys(name: str) -> set[str]:
    try:
        return {fold(name), fold(".".join(split_name(name)))}
    except ValueError:
        return {fold(name)}  # not as SQL writes a name, but a name's plain text all the same


def _tail(name: str) -> tuple[str, ...]:
    """Return the parts of a name without catalog, or without catalog and schema; else nothing."""
    try:
        parts = tuple(map(fold, split_name(name)))
    except ValueError:
        return ()
    return parts if 0 < len(parts) <= len(_PARENTS) and all(parts) else ()


def _ends(parts: Sequence[str], tail: tuple[str, ...]) -> bool:
    return tuple(map(fold, parts[-len(tail) :])) == tail


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


def _refuse_unread(failures: Iterable[Failure], wanted: set[str], name: str) -> None:
    """Say of a table that couldn't be read or listed why; raises `ConfigurationError`."""
    for failure in failures:
        if not wanted.isdisjoint(key for each in _named(failure) for key in _keys(each)):
            why = "couldn't be read in this run, so nothing was decided about it"
        elif _holds(failure.what, wanted):
            why = f"isn't in the report, and {failure.what} couldn't be listed"
        else:
            continue
        raise ConfigurationError(
            f"{name} {why}: {failure.reason}", where=_OPTION, remedy=failure.remedy
        )


def _missing(
    report: Report, name: str, wanted: set[str], names: Sequence[str]
) -> ConfigurationError:
    """Say that there is no such table, or what it may be hidden in, and which names are near."""
    for each in report.completeness.left_out:
        if not wanted.isdisjoint(_keys(each.what)) or _holds(each.what, wanted):
            what = each.what if _holds(each.what, wanted) else "it"
            return ConfigurationError(
                f"the report has no table {name}: {what} was left out: {each.reason}",
                where=_OPTION,
                remedy=there_is(name, names),
            )
    asked = [each.removeprefix(f"{_OPTION} ") for each in report.run.narrowed]
    patterns = [text for each, text in zip(report.run.narrowed, asked, strict=True) if each != text]
    if patterns and not any(Pattern(text).matches(name) for text in patterns):
        return ConfigurationError(
            f"the report has no table {name}: the run was limited to {', '.join(patterns)}",
            where=_OPTION,
            remedy=there_is(name, names),
        )
    lost = [each for each in report.completeness.failures if _may_hide(each, name)]
    if not lost:
        return ConfigurationError(
            f"the report has no table {name}", where=_OPTION, remedy=there_is(name, names)
        )
    more = [f"and {len(lost) - NEAR:,} more"] if len(lost) > NEAR else []
    return ConfigurationError(
        f"the report has no table {name}, but it may be among what couldn't be read or decided:",
        where=_OPTION,
        remedy=" ".join(dict.fromkeys((lost[0].remedy, there_is(name, names)))),
        details=[*(f"{each.what}: {clause(each.reason)}" for each in lost[:NEAR]), *more],
    )


def _may_hide(failure: Failure, name: str) -> bool:
    """Whether a failure that doesn't say so may be about the table of that name."""
    if failure.covers == "table":
        whole, *each = _named(failure)
        return not is_full(whole) and not all(map(is_full, each))
    kind, _, parent = failure.what.partition(" ")
    # A schema or catalog that doesn't hold a full name has been looked at.
    return not (kind == failure.covers and kind in _PARENTS and parent and is_full(name))


def _named(failure: Failure) -> list[str]:
    """Return the tables that a failure is about: several if they differ in case alone."""
    if failure.covers != "table":
        return []
    what = failure.what.removeprefix("table ")
    return [what, *what.split(", ")]


def _holds(what: str, wanted: set[str]) -> bool:
    """Whether a table of one of these names would be in a schema or catalog: `schema prod.web`."""
    kind, _, name = what.partition(" ")
    within = tuple(f"{key}." for key in _keys(name))
    return kind in _PARENTS and any(each.startswith(within) for each in wanted)
