"""The rows of a statement that succeeded, chunk after chunk."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from databricks.sdk.service.sql import ExternalLink, ResultData, StatementResponse

from lakewarden_collector.sources.databricks.statements.errors import unusable
from lakewarden_collector.sources.databricks.statements.links import Links
from lakewarden_collector.sources.databricks.statements.statement import Rows

Chunk = Callable[[int], ResultData]
"""Asks for one chunk of the answer by its index."""


def read(response: StatementResponse, chunk: Chunk, links: Links, where: str) -> Rows:
    """Return all rows; raises `StatementError` rather than return some of them."""
    manifest = response.manifest
    if manifest is None or manifest.schema is None:
        raise unusable("it has no schema", where)
    if manifest.truncated:
        raise unusable("it was cut off by the workspace", where)
    columns = sorted(manifest.schema.columns or (), key=lambda column: column.position or 0)
    names = tuple(column.name or "" for column in columns)
    rows: list[tuple[str | None, ...]] = []
    for part in _parts(response.result, chunk, links, where):
        for row in part:
            if not isinstance(row, list) or len(row) != len(names):
                raise unusable(f"a row is not one of {len(names)} columns", where)
            rows.append(tuple(None if value is None else str(value) for value in row))
    if manifest.total_row_count is not None and manifest.total_row_count != len(rows):
        expected = f"{manifest.total_row_count:,} rows"
        raise unusable(f"{len(rows):,} rows came where there should be {expected}", where)
    return Rows(columns=names, rows=tuple(rows))


def _parts(data: ResultData | None, chunk: Chunk, links: Links, where: str) -> Iterator[list[Any]]:
    """Yield the chunks in order, each once: an answer has rows, or one link to a chunk or several.

    What follows is said by the last of the links, and by the answer itself where there is none.
    """
    expected, had = 0, set[int]()
    while data is not None:
        following = data.next_chunk_index
        several = sorted(data.external_links or (), key=lambda link: link.chunk_index or 0)
        for link in several:
            if link.chunk_index not in had:
                yield links.rows(link, partial(_renewed, link, chunk, where), where)
                had.add(link.chunk_index or 0)
        if data.data_array:
            yield data.data_array
        had.add(expected)
        if several and (several[-1].next_chunk_index is not None or following in had):
            following = several[-1].next_chunk_index
        if following is None:
            return
        if following in had:
            raise unusable(f"chunk {following} is said to follow twice", where)
        expected, data = following, chunk(following)


def _renewed(link: ExternalLink, chunk: Chunk, where: str) -> ExternalLink:
    for renewed in chunk(link.chunk_index or 0).external_links or ():
        if renewed.chunk_index == link.chunk_index:
            return renewed
    raise unusable(f"chunk {link.chunk_index} has no link any more", where)
