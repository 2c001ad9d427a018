"""The journal of a collection: what is cut off, full or foreign, and what is read back from it."""

from __future__ import annotations

import resource
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import structs

from lakewarden_collector.document import Size, TableDocument
from lakewarden_collector.errors import InventoryError, OutputError, SourceError
from lakewarden_collector.inventory import Failure, LeftOut
from lakewarden_collector.names import join_name
from lakewarden_collector.sources.databricks.journal.events import (
    Attempt,
    Known,
    Listed,
    Noted,
    Spending,
    Summarised,
    Table,
    Walked,
)
from lakewarden_collector.sources.databricks.journal.journal import Journal

BEGUN = "2026-11-23T05:10:00Z"
LATER = "2026-11-24T05:10:00Z"
STRANGE = ("a`b", "a.b", "a b", "x'; DROP TABLE y; --", "größe_名前_🦆", "w" * 255, 'line"feed\\')


def _journal(path: Path, *, resume: bool = False, at: str = BEGUN) -> Journal:
    return Journal(path, "all", at, resume=resume)


def _listed(schema: str, names: Sequence[str]) -> Listed:
    documents = [
        TableDocument(
            full_name=join_name(["c", schema, n]), catalog_name="c", schema_name=schema, name=n
        )
        for n in names
    ]
    return Listed(catalog_name="c", schema_name=schema, documents=tuple(documents))


def _known(name: str) -> Known:
    return Known(metastore="m", summarised=Summarised(catalog_name="c", names=(f"c.s.{name}",)))


def _described(table: Table, size: int) -> Table:
    document = structs.replace(table.document, size=Size(bytes=size))
    return structs.replace(table, document=document, attempts=(Attempt(way="describe_detail"),))


@contextmanager
def _no_room_beyond(size: int) -> Iterator[None]:
    """Let no file of this process grow beyond so many bytes, as a disk that is full."""
    before, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (before, hard))


def test_what_was_written_last_is_read_back_whatever_the_names(tmp_path: Path) -> None:
    journal = _journal(tmp_path / "j")
    assert journal.add_schema("m", _listed("s", STRANGE)) == ()
    for number, name in enumerate(journal.names()):
        journal.put([_described(journal.table(name), number)])
    journal.close()
    again = _journal(tmp_path / "j", resume=True, at=LATER)
    assert (again.resumed, again.started_at, len(again)) == (True, BEGUN, len(STRANGE))
    assert list(again.names()) == list(journal.names())
    for number, name in enumerate(again.names()):
        assert again.table(name).document.size.bytes == number
        assert again.table(name).attempts == (Attempt(way="describe_detail"),)
    assert again.schemas.keys() == {("m", "c", "s")}


def test_a_table_that_stands_there_already_is_named_and_kept_as_it_was(tmp_path: Path) -> None:
    """Two metastores with one catalog's name: neither may silently replace the other."""
    journal = _journal(tmp_path / "j")
    journal.add_schema("m1", _listed("s", ["a", "b"]))
    assert journal.add_schema("m2", _listed("s", ["b", "c"])) == ("c.s.b",)
    assert journal.table("c.s.b").metastore == "m1"
    assert journal.table("c.s.c").metastore == "m2"


def test_everything_else_is_read_back_too(tmp_path: Path) -> None:
    """What is not would be asked again, or be missing from the inventory."""
    journal = _journal(tmp_path / "j")
    failure = Failure(what="table x", where="m", reason="r", remedy="f")
    journal.add(Noted(metastore="m", failure=failure))
    journal.add(Noted(metastore="m", left_out=LeftOut(what="catalog system", reason="theirs")))
    journal.add(_known("a"))
    journal.add(_known("b"))
    journal.add(Walked(metastore="m", catalogs=("c",)))
    journal.add(Spending(counts={"list_tables": 2}))
    journal.add(Spending(counts={"list_tables": 1, "tags": 1}))
    journal.close()
    again = _journal(tmp_path / "j", resume=True)
    assert again.failures == {("m", "table x"): failure}
    assert again.left_out.keys() == {("m", "catalog system")}
    assert again.known["m", "c"].summarised.names == ("c.s.a", "c.s.b"), "of both workspaces"
    assert again.walked == {"m": ("c",)}
    assert again.previous == {"list_tables": 3, "tags": 1}


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(share=st.floats(0, 1))
def test_cut_off_anywhere_it_is_a_journal_of_what_was_whole(
    tmp_path_factory: pytest.TempPathFactory, share: float
) -> None:
    """Whatever killed the process: a schema is there with all its tables or is listed again."""
    path = tmp_path_factory.mktemp("cut") / "j"
    journal = _journal(path)
    for schema in ("s1", "s2", "s3"):
        journal.add_schema("m", _listed(schema, STRANGE))
    journal.put([_described(journal.table("c.s1.`a b`"), 7)])
    journal.close()
    whole = path.read_bytes()
    path.write_bytes(whole[: round(len(whole) * share)])

    again = _journal(path, resume=True)
    schemas = {schema for _, _, schema in again.schemas}
    assert {again.table(n).document.schema_name for n in again.names()} == schemas
    assert len(again) == len(schemas) * len(STRANGE)
    for schema in {"s1", "s2", "s3"} - schemas:
        assert again.add_schema("m", _listed(schema, STRANGE)) == ()
    again.close()
    assert len(_journal(path, resume=True)) == 3 * len(STRANGE)


def test_a_full_disk_costs_the_line_that_did_not_fit_and_no_other(tmp_path: Path) -> None:
    """A line that is half written would swallow the next one, and the journal with it."""
    journal = _journal(tmp_path / "j")
    journal.add_schema("m", _listed("s", ["a", "b"]))
    size = journal.path.stat().st_size
    with _no_room_beyond(size + 60), pytest.raises(OutputError) as caught:
        journal.put([_described(journal.table("c.s.a"), 1)])
    assert "--resume" in caught.value.remedy
    assert journal.path.stat().st_size == size
    journal.put([_described(journal.table("c.s.b"), 2)])
    journal.close()
    again = _journal(tmp_path / "j", resume=True)
    assert again.table("c.s.a").attempts == ()
    assert again.table("c.s.b").document.size.bytes == 2


def test_a_disk_without_any_room_leaves_no_journal_in_the_way(tmp_path: Path) -> None:
    with _no_room_beyond(0), pytest.raises(OutputError, match="can't be written"):
        _journal(tmp_path / "j")
    assert not (tmp_path / "j").exists()


@pytest.mark.parametrize("place", ["absent/j", "file/j", "folder"])
def test_a_place_that_cannot_be_written_is_said_with_what_to_do(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "folder").mkdir()
    with pytest.raises(InventoryError) as caught:
        _journal(tmp_path / place, resume=True)
    assert caught.value.where == str(tmp_path / place)
    assert caught.value.remedy


def test_a_journal_that_was_left_is_never_overwritten(tmp_path: Path) -> None:
    journal = _journal(tmp_path / "j")
    journal.add_schema("m", _listed("s", ["a"]))
    journal.close()
    with pytest.raises(SourceError, match="interrupted") as caught:
        _journal(tmp_path / "j")
    assert "--resume" in caught.value.remedy
    with pytest.raises(SourceError, match="belongs to another collection"):
        Journal(tmp_path / "j", "some", LATER, resume=True)
    assert len(_journal(tmp_path / "j", resume=True)) == 1


@pytest.mark.parametrize(
    "text", ["rubbish\n", '{"type":"spent","counts":{}}\n', "\xff\n", '{"full_name":"a.b.c"}\n']
)
def test_what_is_no_journal_is_not_continued_and_not_touched(tmp_path: Path, text: str) -> None:
    """It may be something dear to its owner."""
    path = tmp_path / "j"
    path.write_text(text, encoding="latin-1")
    with pytest.raises(SourceError, match="isn't a journal of a collection"):
        _journal(path, resume=True)
    assert path.read_text(encoding="latin-1") == text


def test_two_collections_never_write_one_journal(tmp_path: Path) -> None:
    """Two that overlap would make a file of both, which neither can continue."""
    with _journal(tmp_path / "j") as journal:
        journal.add_schema("m", _listed("s", ["a"]))
        with pytest.raises(InventoryError, match="another collection is writing"):
            _journal(tmp_path / "j", resume=True)
    assert len(_journal(tmp_path / "j", resume=True)) == 1


def test_a_journal_is_continued_with_the_same_metastores_only(tmp_path: Path) -> None:
    """Another workspace's tables would end up in one inventory without a word."""
    with _journal(tmp_path / "j") as journal:
        journal.join(["b", "a"])
        journal.add_schema("a", _listed("s", ["a"]))
    with _journal(tmp_path / "j", resume=True) as journal:
        journal.join(["a", "b", "a"])
        with pytest.raises(SourceError, match="was started with the metastores a, b"):
            journal.join(["c"])


def test_a_schema_that_was_torn_is_not_taken_in_by_the_next_one(tmp_path: Path) -> None:
    """Its tables would be listed again, and then look like those of another metastore."""
    path = tmp_path / "j"
    with _journal(path) as journal:
        journal.add_schema("m", _listed("s1", ["a", "b"]))
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:-1]))  # the mark is lost
    with _journal(path, resume=True) as journal:
        assert len(journal) == 0
        journal.add_schema("m", _listed("s2", ["c"]))
    with _journal(path, resume=True) as journal:
        assert list(journal.names()) == ["c.s2.c"]
        assert journal.add_schema("m", _listed("s1", ["a", "b"])) == ()


def test_an_empty_file_is_begun(tmp_path: Path) -> None:
    """The process died before it had written anything."""
    (tmp_path / "j").write_text("")
    journal = _journal(tmp_path / "j", resume=True, at=LATER)
    assert (journal.resumed, journal.started_at) == (False, LATER)


def test_a_journal_in_which_nothing_was_learned_goes_away(tmp_path: Path) -> None:
    with _journal(tmp_path / "j") as journal:
        journal.add(Spending(counts={"other": 1}))
    assert not (tmp_path / "j").exists()
    with _journal(tmp_path / "j") as journal:
        journal.add_schema("m", _listed("s", []))
    assert (tmp_path / "j").exists()
