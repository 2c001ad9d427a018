"""Two paths are one file where the protocol, or Spark, says so; else they are two."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakewarden_collector.sources.delta.file_key import ODD, TableRoot, file_key, with_vector

ROOT = TableRoot.of_folder("/data/my lake/t")
REMOTE = TableRoot.of("s3://Bucket/my%20lake/t/")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("%c3%a9", "%C3%A9"),
        ("é", "%C3%A9"),
        ("%41.parquet", "A.parquet"),
        ("a b", "a%20b"),
        ("/abs/f", "file:/abs/f"),
        ("/abs/f", "file:///abs/f"),
        ("file://localhost/abs/f", "FILE:/abs/f"),
        ("/abs/%c3%a9", "file:/abs/é"),
        ("./f", "f"),
        ("a/../f", "f"),
        ("a//f", "a/f"),
        ("s3://b//f", "s3a://B/f"),
        ("foo:/x/f", "foo:///x/f"),
        ("/data/my%20lake/t/p=1/f", "p=1/f"),
        ("file:/data/my%20lake/t/%66", "f"),
    ],
)
def test_one_file(one: str, other: str) -> None:
    assert file_key(one, ROOT) == file_key(other, ROOT)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("%2541", "%41"),
        ("a+b", "a b"),
        ("f?x", "f"),
        ("f#x", "f%23x"),
        ("A", "a"),
        ("e\u0301", "é"),
        ("%ff", "%fe"),
        ("/abs/f", "abs/f"),
        ("/abs/f", "s3://abs/f"),
        ("s3://b/f", "s3://c/f"),
        ("/data/my%20lake/table/f", "able/f"),
        ("/data/my%2520lake/t/f", "f"),
        ("", "f"),
    ],
)
def test_two_files(one: str, other: str) -> None:
    assert file_key(one, ROOT) != file_key(other, ROOT)


def test_a_path_below_the_root_of_a_store_is_the_relative_one() -> None:
    for path in ("s3://bucket/my%20lake/t/a%20b", "s3a://bucket/my lake/t/a b"):
        assert file_key(path, REMOTE) == "a b"
    assert file_key("/my%20lake/t/a", REMOTE) != "a"  # Spark takes it for a local file


NAMES = st.text("abc%/:?#. é\n+", min_size=1, max_size=12).filter(lambda name: name.strip("."))


@given(NAMES, NAMES)
def test_encoding_a_name_and_reading_it_gives_the_name(one: str, other: str) -> None:
    """Whatever a file is called, two names are two files, and a name's encodings are one."""
    keys = [file_key(f"p/{quote(name, safe='')}", ROOT) for name in (one, other)]
    assert (keys[0] == keys[1]) is (one == other)


@given(st.text("ab%/:?#.é", max_size=8))
def test_what_is_not_odd_is_its_own_key(path: str) -> None:
    """Checkpoints are looked through for odd paths by RE2, all others are taken as they are."""
    if not re.search(ODD, path):
        assert file_key(path, ROOT) == path


def test_a_deletion_vector_is_part_of_the_key() -> None:
    keys = {
        "f",
        with_vector("f", "u", "ab", None),
        with_vector("f", "u", "ab", 1),
        with_vector("f", "p", "ab", 1),
        with_vector("fu", "", "ab", 1),
    }
    assert len(keys) == 5
