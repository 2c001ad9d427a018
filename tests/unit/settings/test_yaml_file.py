"""Both readers of YAML find the same, so that a fast one changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from hypothesis import example, given
from hypothesis import strategies as st

from lakewarden.model.errors import ConfigurationError
from lakewarden.settings.yaml_file import YamlFile, parse_nodes, parse_yaml

_PATH = Path("config/waivers.yaml")
_LINES = st.lists(
    st.sampled_from(
        [
            *("waivers:", "- a: 1", "  b: 2027-01-31", "  c: [x, 'y', \"\\u00e9\"]", "  d: .5", ""),
            *("# a note", "  e: |", "    text", "  b: again", "\t", "  f: {g: yes, h: ~}", "---"),
            *("  i: .inf", "  j: &k l", "  m: *k", "ä: ö", "  n: 0o17", "  p: 1e3", "  q: 'it''s'"),
        ]
    ),
    max_size=8,
)


@given(lines=_LINES, ending=st.sampled_from(["\n", "\r\n"]))
@example(lines=['a: "\\ud800"'], ending="\n")
@example(lines=["\ufeffa: 1"], ending="\n")
def test_the_fast_reader_finds_what_the_other_finds(lines: list[str], ending: str) -> None:
    text = ending.join(lines)
    fast, thorough = _read(parse_yaml, text), _read(lambda *given: parse_nodes(*given)[0], text)
    assert fast == thorough


def _read(parse: Callable[[Path, str], YamlFile], text: str) -> tuple[object, ...]:
    """Return what is found, or what is wrong and where; the line of an empty file says nothing."""
    try:
        found = parse(_PATH, text)
    except ConfigurationError as error:
        return error.what, error.where
    return found.value, found.lines if found.value else {}
