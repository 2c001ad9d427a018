"""A lake is walked as `<root>/<catalog>/<schema>/<table>`, and nothing is lost on the way."""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Generator
from contextlib import closing
from pathlib import Path
from typing import cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lakewarden_collector.document import TableDocument
from lakewarden_collector.errors import SourceError
from lakewarden_collector.inventory import Failure
from lakewarden_collector.sources.delta import DeltaSource
from lakewarden_collector.sources.delta.entry import Entry
from lakewarden_collector.sources.delta.layout import find_tables
from lakewarden_collector.sources.delta.reading import find_entries
from tests.unit.collector.delta.logs import make_table


def names(location: Path | str) -> list[str]:
    found = list(DeltaSource(str(location)).tables())
    assert all(isinstance(item, TableDocument) for item in found), found
    return [item.full_name for item in found if isinstance(item, TableDocument)]


def test_tables_come_sorted_by_full_name(tmp_path: Path) -> None:
    """`a-b.x` sorts before `a.x`, though the folder `a` comes first."""
    for name in ("a/s/t", "a-b/s/t", "a/s-x/t", "a/s/t.1"):
        make_table(tmp_path / name)
    found = names(tmp_path)
    assert found == sorted(found) == ["a-b.s.t", "a.s-x.t", "a.s.`t.1`", "a.s.t"]


def test_hidden_folders_and_stray_files_are_no_tables(tmp_path: Path) -> None:
    make_table(tmp_path / "c/s/t")
    for name in ("_tmp/s/t", ".git/s/t", "c/_old/t", "c/s/_staging", "c/s/.t"):
        (tmp_path / name).mkdir(parents=True)
    for name in ("README", "c/README", "c/s/README"):
        (tmp_path / name).write_text("hello")
    (tmp_path / "c/empty_schema").mkdir()
    (tmp_path / "empty_catalog").mkdir()
    assert names(tmp_path) == ["c.s.t"]


def test_links_to_tables_are_tables(tmp_path: Path) -> None:
    make_table(tmp_path / "elsewhere")
    (tmp_path / "lake/c/s").mkdir(parents=True)
    (tmp_path / "lake/c/s/t").symlink_to(tmp_path / "elsewhere")
    assert names(tmp_path / "lake") == ["c.s.t"]


def test_file_uri_is_the_folder_it_names(tmp_path: Path) -> None:
    make_table(tmp_path / "my lake" / "c/s/t")
    uri = (tmp_path / "my lake").as_uri()
    assert names(uri) == names(uri.replace("file:///", "file:/")) == ["c.s.t"]


def test_empty_root_has_no_tables(tmp_path: Path) -> None:
    assert names(tmp_path) == []


@pytest.mark.parametrize(
    ("location", "reason"),
    [
        ("nowhere", "no such folder"),
        ("only_files", "no catalog"),
        ("only_hidden", "no catalog"),
        ("a_table", "a Delta table lies where the root was expected"),
        ("bogus://somewhere", "start with bogus:"),
        ("memory:///", "start with memory:"),
    ],
)
def test_wrong_root_is_an_error_with_a_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, location: str, reason: str
) -> None:
    """A mistyped location must not look like a lake without violations."""
    monkeypatch.chdir(tmp_path)
    make_table(tmp_path / "a_table")
    (tmp_path / "only_files").mkdir()
    (tmp_path / "only_files/x.parquet").touch()
    (tmp_path / "only_hidden/_x").mkdir(parents=True)
    with pytest.raises(SourceError, match=reason) as raised:
        DeltaSource(location).tables()
    assert raised.value.where
    assert raised.value.remedy


def test_table_above_its_level_is_named(tmp_path: Path) -> None:
    """Its partitions would else be taken for schemas and tables."""
    make_table(tmp_path / "c/s/t")
    make_table(tmp_path / "loose")
    make_table(tmp_path / "c/loose")
    first, table, last = DeltaSource(str(tmp_path)).tables()
    assert isinstance(table, TableDocument)
    assert isinstance(first, Failure)
    assert isinstance(last, Failure)
    assert (first.what, last.what) == ("c.loose", "loose")
    assert "where a schema was expected" in first.reason
    assert "where a catalog was expected" in last.reason


FOLDER_NAMES = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="/\\"), min_size=1, max_size=8
).filter(lambda name: name[0] not in "._")


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40
)
@given(st.tuples(FOLDER_NAMES, FOLDER_NAMES, FOLDER_NAMES))
def test_any_folder_name_is_a_name(tmp_path: Path, parts: tuple[str, str, str]) -> None:
    """Percent signs and hashes must reach delta-rs as they are; a backslash it cannot read."""
    original = tmp_path / "original"
    if not original.exists():
        make_table(original)  # copied below, because delta-rs panics on writing to some names
    root = tmp_path / str(len([*tmp_path.iterdir()]))
    shutil.copytree(original, root.joinpath(*parts))
    (document,) = DeltaSource(str(root)).tables()
    assert isinstance(document, TableDocument), document
    assert (document.catalog_name, document.schema_name, document.name) == parts


def test_list_of_tables_holds_no_failure_for_what_is_not_read_yet(tmp_path: Path) -> None:
    (tmp_path / "c/s/no_table").mkdir(parents=True)
    (entry,) = find_tables(str(tmp_path))
    assert isinstance(entry, Entry)
    assert find_entries(str(tmp_path)) == [entry]


def test_closing_early_reads_nothing_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After Ctrl-C nothing may go on reading thousands of tables."""
    begun: list[str] = []

    def slow(entry: Entry, _: object) -> None:
        begun.append(entry.full_name)
        time.sleep(0.05)
        raise ValueError(entry.full_name)

    monkeypatch.setattr("lakewarden_collector.sources.delta.reading.read_document", slow)
    lines = [f"c.s.t{number} = {tmp_path}" for number in range(500)]
    (tmp_path / "list").write_text("\n".join(lines))
    others = set(threading.enumerate())  # those of other tests may end at any time

    with closing(cast("Generator[object]", DeltaSource(str(tmp_path / "list")).tables())) as tables:
        next(tables)
        workers = set(threading.enumerate()) - others
    at_close = len(begun)
    for worker in workers:
        worker.join(5)

    assert workers
    assert not any(worker.is_alive() for worker in workers)
    assert len(begun) <= at_close + len(workers)


def test_an_odd_name_hides_no_other(tmp_path: Path) -> None:
    """What is not UTF-8 is one failure; all other names are read as they are."""
    schema = tmp_path / "c" / "s"
    odd = ["tab\there", "line\nbreak", "a b", "a%20b", "q?s#t", "back\\slash", "é"]
    for name in odd:  # moved, since delta-rs decodes some of them
        make_table(schema / "made").rename(schema / name)
    make_table(schema / "made").rename(schema / os.fsdecode(b"\xff\xfe"))

    found = list(DeltaSource(str(tmp_path)).tables())

    assert sorted(t.name for t in found if isinstance(t, TableDocument)) == sorted(odd)
    (failure,) = (t for t in found if isinstance(t, Failure))
    assert failure.what == "c.s.\\xff\\xfe"
    assert failure.reason == "its name is not UTF-8"


def test_a_stray_file_in_a_log_is_passed_over(tmp_path: Path) -> None:
    log = make_table(tmp_path / "c" / "s" / "t") / "_delta_log"
    for name in (b"\xff\xfe.json", b"a\tb", b"1.json", b".00000000000000000001.json.crc"):
        (log / os.fsdecode(name)).write_text("junk")
    (log / "00000000000000000007.json").mkdir()
    (document,) = DeltaSource(str(tmp_path)).tables()
    assert isinstance(document, TableDocument), document
    assert document.size.files == 1
