"""What is wrong with one table, before it becomes a failure record."""

from __future__ import annotations

from lakewarden_collector.errors import Problem
from lakewarden_collector.inventory import Failure


class TableFaultError(Problem):
    """One table, or one folder of tables, cannot be read; the others can."""

    def failure(self, name: str) -> Failure:
        """Return the failure record of the table or folder `name`."""
        return Failure(what=name, where=self.where, reason=self.what, remedy=self.remedy)


def first_line(error: BaseException) -> str:
    """Return what an error of a library says, without the traces that follow its first line."""
    text = str(error).strip()
    return text.splitlines()[0].strip() if text else type(error).__name__
