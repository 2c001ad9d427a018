"""A history that can't be used is refused before the work, or fails behind the reports."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pyarrow as pa
import pytest
from deltalake import DeltaTable, Field, write_deltalake
from deltalake.schema import PrimitiveType

from lakewarden.history.columns import SCHEMA
from lakewarden.history.keeper import shown
from lakewarden.history.store import HistoryTable
from lakewarden.model.errors import ConfigurationError, HistoryError
from tests.support.duckdb import rows
from tests.support.past_runs import (
    EXEMPT,
    PLAIN,
    begun,
    clock,
    failing,
    finished,
    kept,
    report,
    table,
    times,
)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Return the place of a history of one run."""
    kept(str(tmp_path / "history"), report(0, table("a", {PLAIN: failing()})), tmp_path / "0.json")
    return tmp_path / "history"


def refused(place: Path) -> ConfigurationError:
    with pytest.raises(ConfigurationError) as caught:
        HistoryTable(str(place)).open()
    assert caught.value.where == f"--history {place}"
    assert caught.value.remedy
    return caught.value


def test_another_delta_table_is_refused(tmp_path: Path) -> None:
    write_deltalake(tmp_path / "t", pa.table({"a": [1]}))
    assert "is a Delta table, but not a history" in refused(tmp_path / "t").what
    assert DeltaTable(tmp_path / "t").version() == 0


def test_a_folder_with_other_files_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").touch()
    assert "has other files in it, such as notes.txt" in refused(tmp_path).what


def test_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert refused(tmp_path / "file").what == "is a file, not a folder"


def test_a_folder_of_another_delta_table_is_refused(tmp_path: Path) -> None:
    """VACUUM of the table around it would remove the history's files."""
    write_deltalake(tmp_path / "t", pa.table({"a": [1]}))
    assert f"is inside of the Delta table {tmp_path / 't'}" in refused(tmp_path / "t/a/b").what
    assert not (tmp_path / "t/a").exists()


def test_a_percent_that_means_something_else_to_delta_rs_is_refused(tmp_path: Path) -> None:
    assert "delta-rs would take for an escape" in refused(tmp_path / "a%20b").what


@pytest.mark.parametrize("name", ["with space", "a#b?c", "é+&", "100%"])
def test_odd_names_work(name: str, tmp_path: Path) -> None:
    kept(str(tmp_path / name), report(0, table("a", {})), tmp_path / "0.json")
    assert (tmp_path / name / "_delta_log" / f"{1:020}.json").is_file()


def test_a_version_that_is_not_known_is_refused_by_name(place: Path) -> None:
    log = place / "_delta_log" / f"{0:020}.json"
    log.write_text(log.read_text().replace('historyVersion":"1"', 'historyVersion":"2"'))
    assert refused(place).what == (
        "has version 2 of the history; this version of Lakewarden writes 1"
    )


def test_a_column_that_is_missing_or_of_another_type_is_refused_by_name(place: Path) -> None:
    log = place / "_delta_log" / f"{0:020}.json"
    text = log.read_text()
    log.write_text(text.replace(r"\"name\":\"settled_at\"", r"\"name\":\"gone\""))
    assert refused(place).what == "has no column settled_at of type timestamp"
    field = r"{\"name\":\"reopened\",\"type\":\"long\""
    assert text.count(field) == 1
    log.write_text(text.replace(field, field.replace("long", "string")))
    assert refused(place).what == "has no column reopened of type long"


def test_columns_that_an_older_version_did_not_write_are_added(place: Path, tmp_path: Path) -> None:
    """Its rows stay as they are; what a run has to read may not be missing."""
    old = DeltaTable(place).to_pyarrow_table().drop_columns(["exemption"])
    shutil.rmtree(place)
    DeltaTable.create(
        place,
        schema=pa.schema([field for field in SCHEMA if field.name != "exemption"]),
        partition_by=["kind"],
        configuration={"lakewarden.historyVersion": "1"},
        raise_if_key_not_exists=False,
    )
    write_deltalake(place, old, mode="append")
    found = kept(str(place), report(1, table("a", {PLAIN: EXEMPT})), tmp_path / "1.json").history
    assert found is not None
    assert len(found.runs) == 2
    query = "SELECT clock, exemption FROM history WHERE kind = 'decision' AND name = 'a'"
    assert set(map(times, rows(str(place), query))) == {
        *((clock(0), None), (clock(1), None), (clock(1), "rule")),
    }


def test_a_column_that_somebody_added_is_left_alone(place: Path, tmp_path: Path) -> None:
    """Analysts may add one; a history of theirs is still read and written."""
    DeltaTable(place).alter.add_columns([Field("note", PrimitiveType("string"))])
    kept(str(place), report(1, table("a", {PLAIN: failing()})), tmp_path / "1.json")
    assert shown(str(place)) == f"has 2 runs, the latest of {clock(1)}"


def test_a_damaged_log_is_said_without_a_trace_of_the_library(place: Path) -> None:
    log = place / "_delta_log" / f"{1:020}.json"
    log.write_text(log.read_text() + '{"add":3}\n')
    what = refused(place).what
    assert "can't be opened: " in what
    assert what.endswith("whilst decoding field 'add': expected { got 3")


def test_a_lost_file_is_said_when_it_is_read(place: Path) -> None:
    shutil.rmtree(place / "kind=failure")
    with pytest.raises(HistoryError, match="can't be read"):
        begun(str(place), report(1, table("a", {})))


@pytest.mark.parametrize(
    ("kind", "changes", "reason"),
    [
        ("run", {"tables_compliant": "NULL"}, "has no tables_compliant"),
        ("run", {"run": "'{}'"}, "missing required field"),
        ("failure", {"state": "'lost'"}, "'lost' is not a valid State"),
        ("failure", {"failing_since": "NULL"}, "can't be read"),
    ],
)
def test_a_row_that_somebody_edited_is_said(
    place: Path, kind: str, changes: dict[str, str], reason: str
) -> None:
    DeltaTable(place).update(changes, predicate=f"kind = '{kind}'")
    with pytest.raises(HistoryError, match=reason):
        begun(str(place), report(1, table("a", {})))


def test_a_history_that_goes_away_meanwhile_fails_behind_the_reports(
    place: Path, tmp_path: Path
) -> None:
    sample = report(1, table("a", {}))
    keeper = begun(str(place), sample)
    written = finished(keeper, sample, tmp_path / "1.json")
    shutil.rmtree(place)
    with pytest.raises(HistoryError, match=r"couldn't be added .* isn't there any more") as caught:
        keeper.add(written)
    assert "--now" in caught.value.remedy


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_history_that_may_not_be_written_is_refused(place: Path) -> None:
    (place / "_delta_log").chmod(0o555)
    assert "can't be written" in refused(place).what


def test_a_commit_that_never_came_is_not_there(place: Path, tmp_path: Path) -> None:
    """What a killed writer leaves behind: data files, and the beginning of a commit."""
    shutil.copy(next((place / "kind=run").iterdir()), place / "kind=run" / "part-1.zstd.parquet")
    (place / "_delta_log" / "_commit_0c7a.json.tmp").write_text('{"add":{"pa')
    assert shown(str(place)) == f"has 1 run, the latest of {clock(0)}"
    kept(str(place), report(1, table("a", {})), tmp_path / "1.json")
    assert shown(str(place)) == f"has 2 runs, the latest of {clock(1)}"


def test_looking_makes_nothing(tmp_path: Path) -> None:
    assert shown(str(tmp_path / "new")) == "isn't there yet, and is made by the first run"
    assert not (tmp_path / "new").exists()


def test_plain_protocol_and_comments(place: Path) -> None:
    """Every reader of Delta reads it: no table features, and columns that say what they hold."""
    table_ = DeltaTable(place)
    protocol = table_.protocol()
    assert (protocol.min_reader_version, protocol.min_writer_version) == (1, 2)
    fields = json.loads(table_.schema().to_json())["fields"]
    assert all(field["metadata"]["comment"] for field in fields)
    assert {field["type"] for field in fields} == {
        *("string", "timestamp", "long", "double", "boolean")
    }


def test_two_that_make_it_at_once_make_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another run makes the table between our look and our making it."""
    other = HistoryTable(str(tmp_path / "h"))
    own = HistoryTable(str(tmp_path / "h"))
    look = own._refuse_other_files  # noqa: SLF001 -- the moment between

    def interrupted() -> None:
        look()
        other.open()

    monkeypatch.setattr(own, "_refuse_other_files", interrupted)
    assert own.open().version == 0
