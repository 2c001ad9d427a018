"""What is wrong with one table, before it becomes a failure record."""

from __future__ import annotations

import re
from itertools import takewhile
from typing import Final

from lakewarden_collector.errors import Problem
from lakewarden_collector.inventory import Failure

_COLOUR: Final = re.compile(r"\x1b\[[0-9;]*m")
_ARROW: Final = "\u21b3"
_REQUEST: Final = re.compile(r"Error performing ([A-Z]+) ([^\s?]+)\S* in \S+(?:, after .*?)? +- ")


class TableFaultError(Problem):
    """One table, or one folder of tables, cannot be read; the others can."""

    def failure(self, name: str) -> Failure:
        """Return the failure record of the table or folder `name`."""
        return Failure(what=name, where=self.where, reason=self.what, remedy=self.remedy)


def said(error: BaseException) -> str:
    """Return what an error of a library says, on one line and without the traces that follow.

    delta-rs draws its chain of causes as lines with arrows; object_store adds how long it tried,
    which differs each time, and a URL whose query may hold a signature.
    """
    first, *rest = _COLOUR.sub("", str(error)).strip().splitlines() or [type(error).__name__]
    causes = takewhile(lambda line: line.lstrip().startswith(_ARROW), rest)
    chain = [first.strip(), *(line.strip().removeprefix(_ARROW).strip() for line in causes)]
    return _REQUEST.sub(r"\1 \2: ", ": ".join(chain))
