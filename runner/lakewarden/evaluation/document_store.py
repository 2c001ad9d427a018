"""Takes an inventory in, whole, before any of its tables is decided.

A second document of the same table can stand anywhere behind the first, and then neither may be
decided; so everything is read once before the first batch leaves. What stays in memory is the
tables' names and the failures. The documents wait on disk: in a file of the store, or where their
source keeps them anyway.
"""

from __future__ import annotations

import hashlib
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from itertools import repeat
from types import TracebackType
from typing import Protocol, Self

import msgspec

from lakewarden.evaluation.name_patterns import TablePatterns
from lakewarden_collector.document import EncodedDocument, TableDocument, encoded
from lakewarden_collector.inventory import Failure
from lakewarden_collector.patterns import fold

Item = TableDocument | EncodedDocument | Failure


class Items(Protocol):
    """Documents and failures, with the place of the one last yielded."""

    @property
    def where(self) -> str:
        """The place of the item last yielded."""
        ...

    def __iter__(self) -> Iterator[Item]: ...


_Found = tuple[str, str]
"""A table's name as a document spells it, and where the document is."""


class TableIntake(ABC):
    """Takes an inventory in, gives the decidable documents out, and counts the rest."""

    def __init__(self, patterns: Sequence[str] = ()) -> None:
        self.failures: list[Failure] = []
        self.left_out = 0
        self.documents_read = self.failures_read = 0
        """What was taken in, whether it can be decided or not."""
        self.patterns = TablePatterns(patterns)
        self._found: dict[str, _Found] = {}
        """By names without case: Unity Catalog has no two tables whose names differ in it alone."""
        self._twice: dict[str, list[_Found]] = {}
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
        self.close()

    @abstractmethod
    def close(self) -> None:
        """Forget the documents."""

    @abstractmethod
    def _keep(self, document: EncodedDocument) -> None:
        """Keep the first document of a table."""

    @abstractmethod
    def _kept(self, names: Iterable[tuple[str, bool]]) -> Iterator[EncodedDocument]:
        """Yield the documents that are wanted; `names` are of all that was kept, in that order."""

    def fill(self, items: Items, advance: Callable[[int], None] = lambda _: None) -> None:
        """Take everything in; `advance` is told the number of items, one by one."""
        for item in items:
            advance(1)
            if isinstance(item, Failure):
                self.failures_read += 1
                self._digest.update(self._encoder.encode(item) + b"\n")
                self.failures.append(item)
                self.patterns.note(item)
                continue
            self.documents_read += 1
            document = encoded(item)
            self._digest.update(document.data + b"\n")
            if not self.patterns.choose(document.full_name):
                self.left_out += 1
                continue
            name, found = fold(document.full_name), (document.full_name, items.where)
            if name in self._found:
                self._twice.setdefault(name, [self._found[name]]).append(found)
            else:
                self._found[name] = found
                self._keep(document)
        self.failures.extend(map(_duplicate, self._twice.values()))

    @property
    def names(self) -> Container[str]:
        """The names of its tables, case folded, once everything was taken in."""
        return self._found.keys()

    def __len__(self) -> int:
        return len(self._found) - len(self._twice)

    @property
    def digest(self) -> str:
        """SHA-256 over every document and failure in order, whatever the file's layout was."""
        return f"sha256:{self._digest.hexdigest()}"

    def documents(self, chosen: Iterable[int] | None = None) -> Iterator[EncodedDocument]:
        """Yield each decidable document, in the inventory's order.

        `chosen` has a number for each of them, which is 0 where a document is left out.
        """
        wanted = iter(chosen) if chosen is not None else repeat(1)
        return self._kept(
            (full_name, name not in self._twice and next(wanted) != 0)
            for name, (full_name, _) in self._found.items()
        )


class DocumentStore(TableIntake):
    """An intake that keeps the documents in a temporary file."""

    def __init__(self, patterns: Sequence[str] = ()) -> None:
        super().__init__(patterns)
        self._file = tempfile.TemporaryFile(prefix="lakewarden-")  # noqa: SIM115 -- closed by close

    def close(self) -> None:
        """Remove the file."""
        self._file.close()

    def _keep(self, document: EncodedDocument) -> None:
        self._file.write(document.data + b"\n")

    def _kept(self, names: Iterable[tuple[str, bool]]) -> Iterator[EncodedDocument]:
        self._file.seek(0)
        for line, (full_name, is_wanted) in zip(self._file, names, strict=True):
            if is_wanted:
                yield EncodedDocument(full_name, line[:-1])


class CollectedTables(TableIntake):
    """An intake whose source gives each document again, so that it keeps none."""

    def __init__(
        self, read: Callable[[str], EncodedDocument], patterns: Sequence[str] = ()
    ) -> None:
        super().__init__(patterns)
        self._read = read

    def close(self) -> None:
        """Do nothing: the source keeps the documents."""

    def _keep(self, document: EncodedDocument) -> None:
        """Do nothing: the source keeps it."""

    def _kept(self, names: Iterable[tuple[str, bool]]) -> Iterator[EncodedDocument]:
        return (self._read(full_name) for full_name, is_wanted in names if is_wanted)


def _duplicate(found: Sequence[_Found]) -> Failure:
    return Failure(
        what=", ".join(dict.fromkeys(name for name, _ in found)),
        where=", ".join(where for _, where in found),
        reason="the inventory has more than one document of this table, so none was decided",
        remedy="Keep the correct one, or collect again.",
    )
