"""Collects from a double in this process: the real source and SDK, quick clocks, a fake adviser."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final
from unittest.mock import patch

from msgspec import UNSET

from lakewarden_collector.decoding import decoder
from lakewarden_collector.document import TableDocument
from lakewarden_collector.inventory import Failure, LeftOut
from lakewarden_collector.sources.databricks.concurrency.pace import Pace
from lakewarden_collector.sources.databricks.options import DatabricksOptions
from lakewarden_collector.sources.databricks.source import DatabricksSource
from lakewarden_collector.sources.interface import Advice, Adviser, ProgressState
from tests.workspace.server import Address

GIB: Final = 1024**3
NOW: Final = datetime(2026, 11, 23, 5, 10, tzinfo=UTC)
SPEED: Final = 0.001
"""A second of waiting takes a millisecond."""

_decode: Final = decoder(TableDocument).decode
_ENVIRONMENT: Final = ("DATABRICKS_CONFIG_PROFILE", "DATABRICKS_CONFIG_FILE")


@dataclass(frozen=True, kw_only=True, repr=False)  # it is megabytes long
class Collected:
    """What one collection gave."""

    documents: tuple[TableDocument, ...]
    failures: tuple[Failure, ...]
    left_out: tuple[LeftOut, ...]
    spent: dict[str, int]

    def document(self, full_name: str) -> TableDocument:
        """Return the document of one table."""
        return next(each for each in self.documents if each.full_name == full_name)

    def named(self) -> set[str]:
        """Return the names of all that was decided about, or lost, or left out."""
        return {
            *(each.full_name for each in self.documents),
            *(each.what for each in self.failures),
            *(each.what for each in self.left_out),
        }


@dataclass
class Heard:
    """A watcher that keeps what it hears; `on_show` may interrupt."""

    notes: list[str] = field(default_factory=list)
    shown: list[ProgressState] = field(default_factory=list)
    on_show: Callable[[ProgressState], None] = lambda _: None

    def note(self, text: str) -> None:
        """Keep a sentence."""
        self.notes.append(text)

    def show(self, state: ProgressState) -> None:
        """Keep a state."""
        self.shown.append(state)
        self.on_show(state)


def judge(documents: Sequence[TableDocument]) -> Sequence[Advice]:
    """Judge as a rule about size would: tables of a GiB and more must be clustered.

    A size that is not exact decides only under a half and over the double of that.
    """
    return [_advice(document) for document in documents]


def _advice(document: TableDocument) -> Advice:
    properties = {} if document.properties is UNSET else document.properties
    if "clusteringColumns" in properties or document.table_type == "VIEW":
        return Advice(frozenset(), b"pass")
    size = document.size.bytes
    if size is UNSET:
        return Advice(frozenset({"size"}), b"unknown")
    if document.size.exact is not True and GIB // 2 <= size <= 2 * GIB:
        return Advice(frozenset({"size"}), b"unknown")
    return Advice(frozenset(), b"exempt" if size < GIB else b"fail")


@contextmanager
def signed_in(workspace: Address, *, warehouse: bool = True) -> Iterator[None]:
    """Let the environment name a double as the workspace."""
    variables = {"DATABRICKS_HOST": workspace.url, "DATABRICKS_TOKEN": workspace.token}
    if warehouse:
        variables["DATABRICKS_WAREHOUSE_ID"] = workspace.warehouse_id
    with patch.dict("os.environ", variables):
        for name in _ENVIRONMENT:
            os.environ.pop(name, None)
        yield


def collect(
    workspace: Address,
    *,
    adviser: Adviser | None = judge,
    watcher: Heard | None = None,
    warehouse: bool = True,
    now: datetime = NOW,
    paces: list[Pace] | None = None,
    **options: Any,  # noqa: ANN401 -- the fields of DatabricksOptions
) -> Collected:
    """Collect everything; the options are those of `DatabricksOptions`.

    `paces` is given the pace that is used, for a test that stops it.
    """

    def pace() -> Pace:
        made = Pace.default(speed=SPEED)
        if paces is not None:
            paces.append(made)
        return made

    source = DatabricksSource(
        DatabricksOptions(**options), watcher or Heard(), pace=pace, now=lambda: now
    )
    source.adviser = adviser
    with signed_in(workspace, warehouse=warehouse):
        items = list(source.documents())
        source.close()
    return Collected(
        documents=tuple(_decode(each.data) for each in items if not isinstance(each, Failure)),
        failures=tuple(each for each in items if isinstance(each, Failure)),
        left_out=tuple(source.left_out),
        spent=source.spent,
    )


def threads_left(seconds: float = 5) -> list[str]:
    """Return the names of threads that a collection has left behind.

    Those that list end with the request that they have under way.
    """
    ours = ("listing", "describe", "look-up", "decide")
    until = time.monotonic() + seconds
    while left := [t.name for t in threading.enumerate() if t.name.startswith(ours)]:
        if time.monotonic() > until:
            break
        time.sleep(0.01)
    return left
