"""Holds the listing against what else knows of tables, so that none is lost without a word.

A listing shows what the principal may see. Tables that the table summaries, the metrics history or
a previous inventory know and the listing does not have are looked up one by one: they were dropped,
or they are named as failures.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Final

from msgspec import Struct

from lakewarden_collector.daemon_pool import Workers
from lakewarden_collector.document import TableDocument
from lakewarden_collector.inventory import Failure, LeftOut
from lakewarden_collector.names import join_name, split_name
from lakewarden_collector.sources.databricks.client.workspace import Workspace
from lakewarden_collector.sources.databricks.listing.documents import RowError, table_document
from lakewarden_collector.sources.databricks.listing.lookup import look_up
from lakewarden_collector.sources.databricks.listing.scope import Scope

MOST_LOOKUPS: Final = 5000
"""Tables that are looked up one by one; beyond, they are named without."""

_WORKERS: Final = 16


class FoundLater(Struct, frozen=True, kw_only=True):
    """A table that the listing missed and that is there."""

    metastore: str
    document: TableDocument
    hint: int


class Candidate(Struct, frozen=True):
    """A table that somebody knows; `parts` is one text where its parts are unclear."""

    parts: tuple[str, ...]
    known_to: str
    table_id: str = ""

    @property
    def full_name(self) -> str:
        """Its name as documents have it, or as it was given."""
        return join_name(self.parts) if len(self.parts) > 1 else self.parts[0]

    @property
    def summarised(self) -> str:
        """Its name as table summaries write it."""
        return ".".join(self.parts)


def from_summaries(names: Iterable[str], catalog: str) -> Iterator[Candidate]:
    """Yield the tables of one catalog's summaries, whose names are parts with dots between."""
    for name in names:
        parts = tuple(name.split("."))
        whole = len(parts) == 3 and parts[0] == catalog  # noqa: PLR2004 -- catalog, schema, name
        yield Candidate(parts if whole else (name,), "the table summaries")


def as_summarised(full_name: str) -> str:
    """Return a document's name as table summaries write it: unquoted."""
    return ".".join(split_name(full_name)) if "`" in full_name else full_name


def missing(
    candidates: Iterable[Candidate],
    *,
    listed: Collection[str],
    ids: Collection[str],
    scope: Scope,
    refused: Collection[str] = (),
) -> Iterator[Candidate]:
    """Yield the candidates in scope that the listing has neither by name nor by id.

    `listed` are names as table summaries write them; `refused` are catalogs that were left out, as
    `join_name` writes them.
    """
    for candidate in candidates:
        if candidate.summarised in listed or (candidate.table_id and candidate.table_id in ids):
            continue
        if len(candidate.parts) > 1 and not _in_scope(scope, candidate.parts):
            continue
        if join_name(candidate.parts[:1]) in refused:
            continue
        yield candidate


def _in_scope(scope: Scope, parts: tuple[str, ...]) -> bool:
    catalog, schema, name = parts
    return (
        scope.refuses_catalog(catalog) is None
        and scope.refuses_schema(catalog, schema) is None
        and scope.matches(catalog, schema, name)
    )


def explain(
    candidates: Iterable[Candidate],
    *,
    unlisted: Mapping[tuple[str, ...], Failure],
    workspaces: Sequence[Workspace],
) -> Iterator[Failure | LeftOut | FoundLater]:
    """Say of each missing table what became of it: dropped, lost for a reason, or there after all.

    The tables of what could not be listed share its reason and are not looked up.
    """
    left: list[Candidate] = []
    for candidate in candidates:
        failure = unlisted.get(candidate.parts[:2]) or unlisted.get(candidate.parts[:1])
        if failure is None:
            left.append(candidate)
        else:
            reason = f"known to {candidate.known_to}; {failure.what}: {failure.reason}"
            yield Failure(
                what=candidate.full_name, where=failure.where, reason=reason, remedy=failure.remedy
            )
    asked = [each for each in left if len(each.parts) > 1][:MOST_LOOKUPS]
    with Workers[Failure | LeftOut | FoundLater](_WORKERS, "look-up") as pool:
        found = [pool.submit(partial(_looked_up, each, workspaces)) for each in asked]
        for future in found:
            yield future.result()
    looked_up = set(asked)
    for candidate in left:
        if candidate not in looked_up:
            yield _lost(candidate, "it wasn't looked up", "")


def _looked_up(
    candidate: Candidate, workspaces: Sequence[Workspace]
) -> Failure | LeftOut | FoundLater:
    """Ask the workspaces for a table until one has it, or all have said what became of it."""
    outcomes: set[str] = set()
    reason = ""
    for workspace in workspaces:
        found = look_up(workspace, *candidate.parts)
        reason = found.reason
        if found.outcome == "there":
            try:
                document, hint = table_document(found.info)
            except RowError as error:
                reason = str(error)
            else:
                return FoundLater(
                    metastore=workspace.metastore_id, document=document, hint=hint or 0
                )
        outcomes.add(found.outcome)
    if outcomes == {"dropped"}:
        return LeftOut(
            what=candidate.full_name,
            reason=f"dropped: {candidate.known_to} still had it",
            tables=1,
        )
    return _lost(candidate, reason or "it can't be read", workspaces[0].host)


def _lost(candidate: Candidate, reason: str, where: str) -> Failure:
    return Failure(
        what=candidate.full_name,
        where=where,
        reason=f"known to {candidate.known_to} and not listed: {reason}",
        remedy="Grant the principal SELECT on it, or USE CATALOG and USE SCHEMA above it; then "
        "collect again.",
    )
