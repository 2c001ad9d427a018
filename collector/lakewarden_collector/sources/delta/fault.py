"""What is wrong with one table, before it becomes a failure record."""

from __future__ import annotations

import re
from itertools import takewhile
from typing import Final

from lakewarden_collector.errors import Problem
from lakewarden_collector.inventory import Failure

_RESTORE: Final = "Restore the file from a backup, or RESTORE, re-create or drop the table."
_COLOUR: Final = re.compile(r"\x1b\[[0-9;]*m")
_ARROW: Final = "\u21b3"
_DEBUG: Final = "Debug source:"
_CAUSES: Final = (
    re.compile(r'message: "([^"]+)"'),
    re.compile(r"InvalidCertificate\(\s*(\w+)"),
    re.compile(r"source: (TimedOut)"),
)
_REQUEST: Final = re.compile(r"Error performing ([A-Z]+) ([^\s?]+)\S* in \S+(?:, after .*?)? +- ")


class TableFaultError(Problem):
    """One table, or one folder of tables, cannot be read; the others can."""

    def failure(self, name: str) -> Failure:
        """Return the failure record of the table or folder `name`."""
        return Failure(what=name, where=self.where, reason=self.what, remedy=self.remedy)


class DamagedFileError(TableFaultError):
    """A file of the log is damaged; `where` is its path, and the line if there is one."""


class NoTableError(TableFaultError):
    """Nothing in the folder is a Delta log."""


class LimitError(TableFaultError):
    """Reading the table would cost more than any table may; the message names the limit."""

    def __init__(self, what: str, where: str = "") -> None:
        super().__init__(
            f"a limit is exceeded: {what}",
            where=where,
            remedy="Check the file with the engine that writes it; a new checkpoint may help.",
        )


def damaged_file(where: str, error: BaseException) -> DamagedFileError:
    """Return the fault of a log file, `where` its path and line below the table's folder."""
    return damaged(where, error_text(error))


def damaged(where: str, reason: str) -> DamagedFileError:
    """Return the fault of a log file for a reason of our own."""
    return DamagedFileError(f"the log is damaged: {reason}", where=where, remedy=_RESTORE)


def error_text(error: BaseException) -> str:
    """Return what an error of a library says, on one line and without the traces that follow.

    Causes come as lines with arrows, or inside a dump of Rust's types. object_store adds how long
    it tried, which differs each time, and a URL whose query may hold a signature.
    """
    text, _, debug = _COLOUR.sub("", str(error)).partition(_DEBUG)
    first, *rest = text.strip().splitlines() or [type(error).__name__]
    causes = takewhile(lambda line: line.lstrip().startswith(_ARROW), rest)
    chain = [first.strip(), *(line.strip().removeprefix(_ARROW).strip() for line in causes)]
    deepest = next((found for cause in _CAUSES if (found := cause.findall(debug))), [])
    if deepest and deepest[-1] not in text:
        chain.append(deepest[-1].replace("TimedOut", "timed out"))
    return _REQUEST.sub(r"\1 \2: ", ": ".join(chain))
