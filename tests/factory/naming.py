"""Names of the factory's tables, by which a later run knows them and their age.

`lakewarden_test_20261123t163658z_1a2b3c4d_large`: who made it, when (UTC), in which run, what it
is. Two runs never share a name, and nothing is ours whose name is not of exactly this form.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

PREFIX: Final = "lakewarden_test"
_TIME: Final = "%Y%m%dt%H%M%Sz"
_WORD: Final = r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*"
_NAME: Final = re.compile(rf"{PREFIX}_(\d{{8}}t\d{{6}}z)_([0-9a-f]{{8}})_({_WORD})", re.ASCII)
_LONGEST: Final = 40
"""Characters of a specification's name; all of a table's name then fits anywhere."""


@dataclass(frozen=True)
class Run:
    """One run of the factory; its tables share the beginning of their names."""

    made_at: datetime
    """In UTC, to the second."""
    key: str

    @classmethod
    def begin(cls, now: datetime | None = None) -> Run:
        """Return a run that begins now, or at another time in UTC."""
        return cls((now or datetime.now(UTC)).replace(microsecond=0), secrets.token_hex(4))

    @property
    def beginning(self) -> str:
        """What the names of all its tables begin with."""
        return f"{PREFIX}_{self.made_at.strftime(_TIME)}_{self.key}_"

    def name(self, specification: str) -> str:
        """Return the name of the table of a specification.

        Raises `ValueError` where that isn't a plain word, or too long.
        """
        if re.fullmatch(_WORD, specification, re.ASCII) is None or len(specification) > _LONGEST:
            raise ValueError(
                f"{specification!r} cannot be part of a table's name: it must be small letters,"
                f" digits and single underscores, at most {_LONGEST}"
            )
        return self.beginning + specification

    def older_than(self, age: timedelta, now: datetime) -> bool:
        """Whether it began longer ago than `age`, seen from `now`."""
        return now - self.made_at > age


@dataclass(frozen=True)
class Ours:
    """What the name of a table of ours says."""

    run: Run
    specification: str


def recognise(name: str) -> Ours | None:
    """Return what a table's name says, None unless the factory made it."""
    found = _NAME.fullmatch(name)
    if found is None or len(found[3]) > _LONGEST:
        return None
    try:
        made_at = datetime.strptime(found[1], _TIME).replace(tzinfo=UTC)
    except ValueError:  # a 31st of February
        return None
    return Ours(Run(made_at, found[2]), found[3])
