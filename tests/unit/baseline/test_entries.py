"""A baseline's text: read as it was written, whatever names and keys hold."""

from __future__ import annotations

import re
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakewarden.baseline.entries import HEADER, Entry, read_entries, written
from lakewarden.model.errors import ConfigurationError
from lakewarden_collector.names import join_name

_TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)
_WORDS = _TEXT.filter(lambda text: bool(text.strip()))
_ENTRIES = st.builds(
    Entry,
    policy=st.sampled_from(["clustering.keys_exist", "documentation.table_commented"]),
    table=st.tuples(_TEXT, _TEXT, _TEXT).map(join_name),
    key=st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=6),
    table_id=st.none() | _TEXT,
    since=st.dates().map(str),
    reason=st.none() | _WORDS,
)


@given(st.lists(_ENTRIES, max_size=6, unique_by=lambda each: each.place))
def test_what_was_written_is_read_and_its_order_is_no_matter(entries: list[Entry]) -> None:
    text = written(entries)
    assert written(reversed(entries)) == text
    assert text.count("\n") == len(entries) + 1, "one line each"
    with TemporaryDirectory() as folder:
        path = Path(folder) / "baseline"
        path.write_text(text, encoding="utf-8")
        found = read_entries(path)
    assert found == tuple(sorted(entries, key=lambda each: each.place))


LINE = '{"policy":"a.b","table":"c.s.t","since":"2026-01-01"}'


@pytest.mark.parametrize(
    ("lines", "at", "why"),
    [
        (["not JSON"], 2, "isn't an entry of a baseline"),
        (["{}"], 2, "isn't an entry of a baseline"),
        ([LINE.replace("since", "sinse")], 2, "sinse"),
        ([LINE.replace("2026-01-01", "soon")], 2, "soon isn't a day"),
        ([LINE.replace("2026-01-01", "2026-02-30")], 2, "2026-02-30 isn't a day"),
        ([LINE.replace("c.s.t", "t")], 2, "t isn't a full name"),
        ([LINE.replace('"a.b"', '" "')], 2, "policy"),
        (["[" * 10_000], 2, "isn't an entry of a baseline"),
        ([LINE, "", LINE.replace("c.s.t", "C.s.T")], 4, "is the same violation as line 2"),
        (["<<<<<<< HEAD", LINE], 2, "a merge that isn't finished"),
        ([LINE, "======="], 3, "a merge that isn't finished"),
    ],
)
def test_a_line_that_is_none_is_named(tmp_path: Path, lines: list[str], at: int, why: str) -> None:
    path = tmp_path / "baseline"
    path.write_text("\n".join([HEADER, *lines]))
    with pytest.raises(ConfigurationError, match=re.escape(why)) as caught:
        read_entries(path)
    assert caught.value.where == f"{path}:{at}"


def test_names_and_ends_of_lines_may_be_written_otherwise(tmp_path: Path) -> None:
    path = tmp_path / "baseline"
    path.write_bytes(f"# ours\r\n{LINE.replace('c.s.t', '`c`.s.t')}\r\n\r\n# end".encode())
    assert [each.table for each in read_entries(path)] == ["c.s.t"]


@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
def test_what_cannot_be_read_is_refused(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "baseline"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigurationError, match="can't be read"):
        read_entries(path)
