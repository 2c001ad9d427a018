"""What a check has to say: something is wrong at a place, and there is something to do about it."""

from __future__ import annotations

from msgspec import Struct


class Finding(Struct, frozen=True, kw_only=True, order=True):
    """One thing that is wrong with a user's policies.

    `file` is the user's own file or folder, as it was named on the command line; `line` counts
    from 1. `check` is the name of the convention that found it, empty for a tool's finding. What
    one correction is likely to end has the same `cause`, and all but the first of it `follows`.
    """

    file: str
    line: int = 1
    what: str
    remedy: str
    check: str = ""
    cause: str = ""
    follows: bool = False
