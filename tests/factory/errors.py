"""What can go wrong when tables are made: one error, which says what, where and what to do."""

from __future__ import annotations

from enum import Enum
from typing import Final

_SHOWN: Final = 200


class Trouble(Enum):
    """Why a table could not be made, filled, described or dropped."""

    NO_WAREHOUSE = "no warehouse"
    DENIED = "no grant"
    TIMED_OUT = "timed out"
    GONE = "not there"
    UNREACHABLE = "unreachable"
    INTERRUPTED = "interrupted"
    FAILED = "failed"


class FactoryError(Exception):
    """One thing that the factory could not do.

    `statement` and `output` (the workspace's own words, with its SQLSTATE) are None where there is
    none.
    """

    def __init__(
        self,
        what: str,
        trouble: Trouble,
        *,
        remedy: str,
        statement: str | None = None,
        output: str | None = None,
    ) -> None:
        lines = [
            what,
            *([f"  Statement: {shortened(statement)}"] if statement else []),
            *([f"  Answer: {output}"] if output else []),
            f"  Remedy: {remedy}",
        ]
        super().__init__("\n".join(lines))
        self.what = what
        self.trouble = trouble
        self.remedy = remedy

    @property
    def lacking(self) -> bool:
        """Whether the place does not offer what is needed; nothing is wrong with the tables."""
        return self.trouble in (Trouble.NO_WAREHOUSE, Trouble.DENIED)

    @property
    def final(self) -> bool:
        """Whether the next statement can be expected to fail alike, and as slowly."""
        return self.trouble not in (Trouble.DENIED, Trouble.GONE, Trouble.FAILED)


def shortened(statement: str) -> str:
    """Return a statement on one line, its middle left out where it is long."""
    text = " ".join(statement.split())
    half = _SHOWN // 2
    return text if len(text) <= _SHOWN else f"{text[:half]} … {text[-half:]}"
