"""What a collection from Databricks is asked to do."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Final, Literal

import msgspec
from msgspec import Struct

Evidence = Literal["on-demand", "all", "none"]

MAX_AGE: Final = timedelta(hours=24)


class DatabricksOptions(Struct, frozen=True, kw_only=True):
    """One collection. All of it comes from the command line; authentication never does.

    `profiles` name sections of the SDK's configuration file; none means its default and the
    environment. `journal` is where the collection is written while it runs; without one, it cannot
    be resumed.
    """

    profiles: tuple[str, ...] = ()
    warehouse_id: str | None = None
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    required: bool = True
    """Whether what `include` names has to be there: not so where a plan may make it."""
    evidence: Evidence = "on-demand"
    max_statements: int | None = None
    reuse: Path | None = None
    max_age: timedelta = MAX_AGE
    journal: Path | None = None
    resume: bool = False

    @property
    def purpose(self) -> str:
        """Say what is collected, so that a journal is continued by the same collection only.

        Other credentials, a larger budget or a warehouse that was missing may well continue it.
        """
        asked: dict[str, object] = {
            "profiles": self.profiles,
            "include": self.include,
            "exclude": self.exclude,
            "evidence": self.evidence,
        }
        if not self.required:
            asked["required"] = False
        return msgspec.json.encode(asked).decode()
