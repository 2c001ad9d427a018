"""What can go wrong while collecting, told to a person."""

from __future__ import annotations

from collections.abc import Iterable


class Problem(Exception):  # noqa: N818 -- the base of every error here; its subclasses end in Error
    """An error with its place and its remedy.

    `where` names the file, line, URI or setting; `remedy` says what the reader can do about it.
    `details` are further lines; the others are one line each, whatever stands in them.
    """

    def __init__(
        self, what: str, *, where: str = "", remedy: str = "", details: Iterable[str] = ()
    ) -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.remedy = remedy
        self.details = tuple(details)

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        return "\n  ".join([f"{place}{self.what}", *self.details])


def clause(text: str) -> str:
    """Return what a server or a library said without its full stop, so that a sentence goes on."""
    text = text.rstrip()
    return text if text.endswith("..") else text.removesuffix(".")


class SourceError(Problem):
    """A source that cannot be opened at all: nothing was collected."""


class WrongInputError(SourceError):
    """A source that was given something else than it reads, such as another kind of file."""


class InventoryError(Problem):
    """An inventory, or what is kept of one that is being made, that cannot be read or written."""


class OutputError(Problem):
    """An output that could be opened, and that broke while it was written: a full disk, for one."""
