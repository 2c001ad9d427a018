"""Which files a pattern names, in which order, and which of them aren't SQL."""

from __future__ import annotations

import json
import os
from itertools import islice, permutations
from pathlib import Path
from threading import Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakewarden_collector.errors import WrongInputError
from lakewarden_collector.inventory import Failure
from lakewarden_collector.sources.sql import SqlSource
from lakewarden_collector.sources.sql.files import in_order, sql_files

_FLYWAY = (
    "V1__a.sql",
    "V1_1__b.sql",
    "V1.2__c.sql",
    "V2__a.sql",
    "V10__a.sql",
    "V20261101.1__x.sql",
    "R__a.sql",
    "R__b.sql",
)


@pytest.mark.parametrize(
    "paths",
    [
        ("V1.sql", "V2.sql", "V10.sql", "w1.sql"),
        ("1/b.sql", "2/a.sql", "10/a.sql"),
        ("a/2_x.sql", "a/10_x.sql", "b.sql"),
        ("2026-1-9.sql", "2026-1-10.sql", "2026-10-1.sql"),
        _FLYWAY,
        ("a/V1__x.sql", "b/V2__x.sql", "a/R__x.sql"),
    ],
)
def test_paths_are_in_natural_order(paths: tuple[str, ...]) -> None:
    for mixed in (paths[::-1], *islice(permutations(paths), 40)):
        assert sorted(mixed, key=in_order) == list(paths)


@given(st.lists(st.text("aR_V./10", min_size=1, max_size=8)))
def test_any_paths_have_one_order(paths: list[str]) -> None:
    backwards = paths[::-1]
    assert sorted(paths, key=in_order) == sorted(backwards, key=in_order)


def _write(folder: Path, *names: str, text: str = "SELECT 1") -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


def _names(folder: Path, location: str) -> list[str]:
    return [str(Path(each).relative_to(folder)) for each in sql_files(location).files]


def test_a_folder_stands_for_what_lies_in_it_but_for_hidden_files(tmp_path: Path) -> None:
    _write(tmp_path, "b.sql", "a/x.SQL", "a/notes.txt", ".git/y.sql", "a/.z.sql", "[c]/d.sql")
    assert _names(tmp_path, str(tmp_path)) == ["[c]/d.sql", "a/x.SQL", "b.sql"]
    assert _names(tmp_path, str(tmp_path / "[c]")) == ["[c]/d.sql"]
    assert _names(tmp_path, str(tmp_path / "[c]" / "d.sql")) == ["[c]/d.sql"]
    assert _names(tmp_path, str(tmp_path / "?.sql")) == ["b.sql"]


def test_one_file_of_two_names_is_applied_once(tmp_path: Path) -> None:
    _write(tmp_path, "real/V2.sql")
    (tmp_path / "A.sql").symlink_to(tmp_path / "real" / "V2.sql")
    (tmp_path / "linked").symlink_to(tmp_path / "real", target_is_directory=True)
    (tmp_path / "real" / "again").symlink_to(tmp_path / "real", target_is_directory=True)
    assert _names(tmp_path, str(tmp_path)) == ["real/V2.sql"]
    assert _names(tmp_path, str(tmp_path / "A.sql")) == ["A.sql"]


def test_migrations_that_undo_or_sum_up_others_are_left_out_by_name(tmp_path: Path) -> None:
    _write(tmp_path, "V1__a.sql", text="CREATE TABLE main.s.t (a INT)")
    _write(tmp_path, "U1__a.sql", text="DROP TABLE main.s.t")
    _write(tmp_path, "U2__other.sql", text="CREATE TABLE main.s.u (a INT)")
    _write(tmp_path, "B1.5__all.sql", text="CREATE TABLE main.s.t (a INT)")
    _write(tmp_path, "B0.1__before.sql", text="CREATE TABLE main.s.b (a INT)")
    source = SqlSource(str(tmp_path))
    names = [item.full_name for item in source.tables() if not isinstance(item, Failure)]
    assert names == ["main.s.b", "main.s.t", "main.s.u"]
    assert [Path(each.what).name for each in source.left_out] == ["B1.5__all.sql", "U1__a.sql"]


_PLAN = json.dumps({"format_version": "1.2", "resource_changes": []})
_MANIFEST = json.dumps(
    {
        "metadata": {"dbt_schema_version": "https://schemas.getdbt.com/dbt/manifest/v12.json"},
        "nodes": {},
    }
)
_WRONG = {
    "plan": (_PLAN.encode(), "a Terraform plan", "--source terraform:FILE"),
    "plan on several lines": (
        json.dumps(json.loads(_PLAN), indent=2).encode(),
        "a Terraform plan",
        "--source terraform:FILE",
    ),
    "manifest": (_MANIFEST.encode(), "a dbt manifest", "--source dbt:FILE"),
    "configuration": (b'resource "x" "y" {\n}\n', "Terraform configuration", "terraform show"),
    "binary plan": (b"PK\x03\x04\x00\x00\x00tfplan", "binary form", "terraform show"),
    "inventory": (
        b'{"full_name":"a.b.c","catalog_name":"a","schema_name":"b","name":"c"}',
        "an inventory",
        "--inventory FILE",
    ),
    "other JSON": (b'{"a": 1}', "some other JSON", "Name SQL files"),
    "JSON array": (b"[1, 2]", "some other JSON", "Name SQL files"),
    "binary": (b"\x7fELF\x02\x01\x01\x00\x00", "a binary file", "Name SQL files"),
    "UTF-16": ("SELECT 1".encode("utf-16"), "text in UTF-16", "UTF-8"),
    "Python notebook": (
        b"# Databricks notebook source\nspark.sql('SELECT 1')\n",
        "a notebook",
        "SQL notebook",
    ),
    "Jupyter": (
        json.dumps({"cells": [{"cell_type": "code"}], "nbformat": 4}).encode(),
        "a notebook",
        "SQL notebook",
    ),
    "Python": (b"from pyspark.sql import SparkSession\n", "Python code", "Name SQL files"),
    "YAML": (b"name: shop\nversion: 2\n", "a YAML file", "Name SQL files"),
    "Markdown": (b"# Migrations\n\nRun them.\n", "a Markdown page", "Name SQL files"),
    "gzip": (b"\x1f\x8b\x08\x00", "compressed by gzip", "Unpack it"),
    "nothing": (b" \n", "an empty file", "Check"),
}


@pytest.mark.parametrize("kind", _WRONG)
def test_a_file_of_another_kind_is_a_wrong_input(kind: str, tmp_path: Path) -> None:
    data, what, remedy = _WRONG[kind]
    (tmp_path / "x.sql").write_bytes(data)
    for location in (tmp_path / "x.sql", tmp_path, tmp_path / "*.sql"):
        with pytest.raises(WrongInputError) as caught:
            SqlSource(str(location))
        assert what in caught.value.what
        assert "not SQL" in caught.value.what
        assert remedy in caught.value.remedy
        assert caught.value.where == str(tmp_path / "x.sql")


@pytest.mark.parametrize("kind", [each for each in _WRONG if each != "nothing"])
def test_among_sql_a_file_of_another_kind_is_a_failure(kind: str, tmp_path: Path) -> None:
    (tmp_path / "a.sql").write_bytes(_WRONG[kind][0])
    _write(tmp_path, "b.sql", text="CREATE TABLE main.s.t (a INT)")
    failure, table = SqlSource(str(tmp_path)).tables()
    assert isinstance(failure, Failure)
    assert not isinstance(table, Failure)
    assert (failure.what, failure.covers) == (str(tmp_path / "a.sql"), "file")
    assert _WRONG[kind][1] in failure.reason


@pytest.mark.parametrize(
    "text",
    [
        "SELECT a, b",
        "--- header\nSELECT 1",
        "-- a: b\nSELECT 1, 2",
        "a: BEGIN SELECT 1; END",
        "{{ config(x=1) }} SELECT 1",
        "{% if x %} SELECT 1 {% endif %}",
        "{# note #} SELECT 1",
        "FROM x SELECT 1",
        "/* a, b */\nSELECT 1",
        "\ufeff-- x\nSELECT 1",
        "(SELECT 1)",
        "garbage",
        "-- nothing but a comment",
    ],
)
def test_what_may_be_sql_is_read(text: str, tmp_path: Path) -> None:
    _write(tmp_path, "x.sql", text=text)
    list(SqlSource(str(tmp_path / "x.sql")).tables())


def test_among_sql_an_empty_file_is_one_without_statements(tmp_path: Path) -> None:
    _write(tmp_path, "a.sql", text="")
    _write(tmp_path, "b.sql", text="CREATE TABLE main.s.t (a INT)")
    (table,) = SqlSource(str(tmp_path)).tables()
    assert not isinstance(table, Failure)


def test_a_file_that_cannot_be_decoded_is_a_failure_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "x.sql").write_bytes("CREATE TABLE main.s.t (a INT COMMENT 'é')".encode("latin-1"))
    (failure,) = SqlSource(str(tmp_path / "x.sql")).tables()
    assert isinstance(failure, Failure)
    assert (failure.where, failure.covers) == (str(tmp_path / "x.sql"), "file")
    assert "UTF-8" in failure.reason


def test_a_link_to_nowhere_is_a_failure_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "x.sql").symlink_to(tmp_path / "gone.sql")
    (failure,) = SqlSource(str(tmp_path)).tables()
    assert isinstance(failure, Failure)
    assert (failure.what, failure.covers) == (str(tmp_path / "x.sql"), "file")


def test_a_folder_that_cannot_be_listed_is_a_failure_that_names_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _write(tmp_path, "a.sql", "closed/b.sql")
    listed = os.scandir

    def scandir(path: str) -> object:
        if str(path).endswith("closed"):
            raise PermissionError(13, "Permission denied", str(path))
        return listed(path)

    monkeypatch.setattr(os, "scandir", scandir)
    for location in (tmp_path, tmp_path / "**" / "*.sql"):
        (failure,) = SqlSource(str(location)).tables()
        assert isinstance(failure, Failure)
        assert (failure.what, failure.covers) == (str(tmp_path / "closed"), "file")


def test_a_pipe_is_read_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "x.sql")
    text = "CREATE TABLE main.s.t (a INT)"
    writer = Thread(target=(tmp_path / "x.sql").write_text, args=(text,))
    writer.start()
    (table,) = SqlSource(str(tmp_path / "x.sql")).tables()
    writer.join()
    assert not isinstance(table, Failure)
