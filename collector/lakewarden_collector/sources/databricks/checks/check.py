"""One thing that was looked at in a workspace, and what the checks need of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Protocol

from lakewarden_collector.names import join_name
from lakewarden_collector.sources.databricks.client.interface import Api
from lakewarden_collector.sources.interface import Check

__all__ = ["STATEMENT", "TROUBLE", "Check", "Checked", "counted"]

TROUBLE: Final = (OSError, ValueError)
"""What a request may fail with: the SDK's errors are `OSError`, a bad answer is a `ValueError`."""

STATEMENT: Final = "check"
"""The kind of the statements that only checks send."""

_NAMED: Final = 5


class Checked(Api, Protocol):
    """The workspace that is checked."""

    @property
    def host(self) -> str:
        """Return its URL."""
        ...

    @property
    def metastore_id(self) -> str:
        """Return the id of the metastore that is attached to it."""
        ...

    @property
    def principal(self) -> str:
        """Return the user's name, or the service principal's application id."""
        ...

    @property
    def warehouse_id(self) -> str | None:
        """Return the SQL warehouse that statements run on, if one is configured."""
        ...


def counted(names: Sequence[str], thing: str, things: str) -> str:
    """Return how many there are, and the first of them by name."""
    listed = ", ".join(join_name([name]) for name in names[:_NAMED])
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"{len(names)} {thing if len(names) == 1 else things} ({listed}{more})"
