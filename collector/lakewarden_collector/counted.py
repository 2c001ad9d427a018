"""Numbers of things, in words."""

from __future__ import annotations


def counted(number: int, thing: str) -> str:
    """Return `1 table`, `2 tables`, `3 days`, `1,234 policies`."""
    if number == 1:
        return f"1 {thing}"
    ends_in_y = thing.endswith("y") and thing[-2:-1] not in "aeiou"
    plural = f"{thing[:-1]}ies" if ends_in_y else f"{thing}s"
    return f"{number:,} {plural}"
