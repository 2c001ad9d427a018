"""The router is sent every waiver that may matter, and hardly any other."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from lakewarden.evaluation.question import WaiverLookup
from lakewarden.settings.waivers import Waiver

_NAMES = st.sampled_from(["a.b.c", "a.b.d", "a.x.c", "größe.b.c"])
_PATTERNS = st.sampled_from(["*", "a.*", "*.c", "a.?.c", "gr??e.*", "a.b.c", "b*"])


def waiver(**where: Any) -> Waiver:  # noqa: ANN401 -- fields of any type
    return Waiver(
        policy="p.q", reason="r", owner="o", approved_by="a", expires="2027-01-31", **where
    )


_WAIVERS = _NAMES.map(lambda name: waiver(table=name)) | _PATTERNS.map(
    lambda pattern: waiver(pattern=pattern)
)


@given(waivers=st.lists(_WAIVERS, max_size=6), names=st.sets(_NAMES, max_size=3))
def test_those_that_cover_a_table_are_found_in_their_order(
    waivers: list[Waiver], names: set[str]
) -> None:
    found = WaiverLookup(waivers).covering(names)
    assert found == [each for each in waivers if any(_covers(each, name) for name in names)]


def _covers(each: Waiver, name: str) -> bool:
    """No pattern here has a bracket, so that the shell's are the same."""
    return each.table == name or (isinstance(each.pattern, str) and fnmatchcase(name, each.pattern))
