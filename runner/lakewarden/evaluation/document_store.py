"""The spool: one inventory's documents on disk, checked, before any of them is decided.

A second document of the same table can stand anywhere behind the first, and then neither may be
decided; so the whole inventory is read once before the first batch leaves. What stays in memory
is the tables' names and the failures.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Iterator, Sequence
from types import TracebackType
from typing import Final, Protocol, Self

import msgspec

from lakewarden.evaluation.name_patterns import TablePatterns
from lakewarden_collector.decoding import decoder
from lakewarden_collector.document import TableDocument
from lakewarden_collector.inventory import Failure
from lakewarden_collector.patterns import fold


class Items(Protocol):
    """Documents and failures, with the place of the one last yielded."""

    @property
    def where(self) -> str:
        """The place of the item last yielded."""
        ...

    def __iter__(self) -> Iterator[TableDocument | Failure]: ...


class _Name(msgspec.Struct, frozen=True):
    full_name: str


_decode_name: Final = decoder(_Name).decode


_Found = tuple[str, str]
"""A table's name as a document spells it, and where the document is."""


class DocumentStore:
    """Takes an inventory in, gives the decidable documents out, and counts the rest."""

    def __init__(self, patterns: Sequence[str] = ()) -> None:
        self.failures: list[Failure] = []
        self.left_out = 0
        self.patterns = TablePatterns(patterns)
        self._found: dict[str, _Found] = {}
        """By names without case: Unity Catalog has no two tables whose names differ in it alone."""
        self._twice: dict[str, list[_Found]] = {}
        self._file = tempfile.TemporaryFile(prefix="lakewarden-")  # noqa: SIM115 -- closed by __exit__
        self._encoder = msgspec.json.Encoder()
        self._digest = hashlib.sha256()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()

    def fill(self, items: Items, advance: Callable[[int], None] = lambda _: None) -> None:
        """Take everything in; `advance` is told the number of items, one by one."""
        for item in items:
            advance(1)
            line = self._encoder.encode(item)
            self._digest.update(line + b"\n")
            if isinstance(item, Failure):
                self.failures.append(item)
                self.patterns.note(item)
                continue
            if not self.patterns.choose(item.full_name):
                self.left_out += 1
                continue
            name, found = fold(item.full_name), (item.full_name, items.where)
            if name in self._found:
                self._twice.setdefault(name, [self._found[name]]).append(found)
            else:
                self._found[name] = found
                self._file.write(line + b"\n")
        self.failures.extend(map(_duplicate, self._twice.values()))

    def __len__(self) -> int:
        return len(self._found) - len(self._twice)

    @property
    def digest(self) -> str:
        """SHA-256 over every document and failure in order, whatever the file's layout was."""
        return f"sha256:{self._digest.hexdigest()}"

    def documents(self) -> Iterator[bytes]:
        """Yield each decidable document as JSON, in the inventory's order."""
        self._file.seek(0)
        if not self._twice:
            yield from self._file
            return
        for line in self._file:
            if fold(_decode_name(line).full_name) not in self._twice:
                yield line


def _duplicate(found: Sequence[_Found]) -> Failure:
    return Failure(
        what=", ".join(dict.fromkeys(name for name, _ in found)),
        where=", ".join(where for _, where in found),
        reason="the inventory has more than one document of this table, so none was decided",
        remedy="Keep the one that is true, or collect again.",
    )
