"""The seal is the digest of all bytes before it, however they were written."""

from __future__ import annotations

import io
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakewarden.packs.seal import BLANK, SealedStream, seal_holds


@given(st.lists(st.binary(max_size=200), max_size=8), st.data())
def test_it_replaces_the_last_bytes_however_they_come(
    pieces: list[bytes], data: st.DataObject
) -> None:
    cut = data.draw(st.integers(0, len(BLANK)))
    out = io.BytesIO()
    sealed = SealedStream(out)
    for each in (*pieces, BLANK[:cut], BLANK[cut:]):
        assert sealed.write(each) == len(each)
    sealed.seal()
    content = b"".join(pieces)
    assert out.getvalue() == content + b"sha256:" + sha256(content).hexdigest().encode()
    with TemporaryDirectory() as folder:
        path = Path(folder) / "file"
        path.write_bytes(out.getvalue())
        assert seal_holds(path)
        path.write_bytes(b"x" + out.getvalue())
        assert not seal_holds(path)


def test_its_place_has_to_be_kept() -> None:
    sealed = SealedStream(io.BytesIO())
    sealed.write(b"no room")
    with pytest.raises(ValueError, match="the place of its seal"):
        sealed.seal()


@pytest.mark.parametrize("content", [b"", b"short", BLANK])
def test_a_short_file_has_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "file").write_bytes(content)
    assert not seal_holds(tmp_path / "file")
