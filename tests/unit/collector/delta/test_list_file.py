"""List files name tables that lie anywhere, one a line."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lakewarden_collector.document import TableDocument
from lakewarden_collector.errors import SourceError
from lakewarden_collector.inventory import Failure
from lakewarden_collector.names import spark_name
from lakewarden_collector.sources.delta import DeltaSource
from lakewarden_collector.sources.delta.entry import Declared, Entry
from lakewarden_collector.sources.delta.list_file import read_list
from tests.unit.collector.delta.logs import make_table


def read(folder: Path, text: str) -> list[Entry]:
    path = folder / "tables.list"
    path.write_text(text, encoding="utf-8")
    return read_list(path)


def test_lines_comments_and_attributes(tmp_path: Path) -> None:
    entries = read(
        tmp_path,
        """\ufeff# the lake of sales

  main.sales.orders=s3://lake/a=b/orders#1   # the biggest
main.`s.x`.`it``s` = "some dir/t"  table_type=MANAGED owner="data platform"
a.b.c = /abs/path data_source_format=DELTA_UNIFORM_ICEBERG #x
""",
    )
    assert entries == [
        Entry(parts=("main", "sales", "orders"), uri="s3://lake/a=b/orders#1"),
        Entry(
            parts=("main", "s.x", "it`s"),
            uri=str(tmp_path / "some dir/t"),
            declared=Declared(table_type="MANAGED", owner="data platform"),
        ),
        Entry(
            parts=("a", "b", "c"),
            uri="/abs/path",
            declared=Declared(data_source_format="DELTA_UNIFORM_ICEBERG"),
        ),
    ]


PART = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), min_size=1, max_size=6)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.tuples(PART, PART, PART), PART.filter(lambda text: '"' not in text))
def test_any_name_and_owner_can_be_written(
    tmp_path: Path, parts: tuple[str, str, str], owner: str
) -> None:
    (entry,) = read(tmp_path, f'{spark_name(parts)} = s3://x owner="{owner}"\n')
    assert entry.parts == parts
    assert entry.declared.owner == owner


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("main.orders = s3://x", "three parts"),
        ("a.b.c.d = s3://x", "three parts"),
        ("a.b.c s3://x", "an = was expected"),
        ("a.b.c =", "URI or path was expected"),
        ("a.b.c = # nothing", "URI or path was expected"),
        ("= s3://x", "name was expected"),
        ("`a.b.c = s3://x", "name was expected"),
        ('a.b.c = "s3://x', "quote is not closed"),
        ("a.b.c = s3://x colour=red", "no attribute 'colour'"),
        ("a.b.c = my dir", "no attribute 'dir'"),
        ("a.b.c = s3://x owner=", "owner needs a value"),
        ("a.b.c = s3://x owner=a owner=b", "twice"),
        ("x.y.z = s3://other", "is already on line 1"),
    ],
)
def test_bad_line_is_named_with_file_and_line(tmp_path: Path, line: str, words: str) -> None:
    """A line that is skipped is a table that nobody judges."""
    with pytest.raises(SourceError, match=words) as raised:
        read(tmp_path, f"x.y.z = s3://y\n\n{line}\n")
    assert raised.value.where == f"{tmp_path / 'tables.list'}:3"
    assert raised.value.remedy


def test_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    (tmp_path / "list").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SourceError, match="can't be read"):
        read_list(tmp_path / "list")


@pytest.mark.parametrize(
    ("uri", "reason"),
    [
        ("file:{}/a#b", "no such folder"),
        ("file://localhost{}/a?b", "no such folder"),
        ("s3://lake/a#b", "? or #"),
        ("gs://lake/a?b/c", "? or #"),
    ],
)
def test_no_part_of_a_uri_is_left_out(tmp_path: Path, uri: str, reason: str) -> None:
    """Another table's size was taken for this one's."""
    make_table(tmp_path / "a")
    (tmp_path / "list").write_text(f"c.s.t = {uri.format(tmp_path)}\n")
    (failure,) = DeltaSource(str(tmp_path / "list")).tables()
    assert isinstance(failure, Failure)
    assert reason in failure.reason


def test_source_reads_what_the_list_names(tmp_path: Path) -> None:
    """A table that is missing is a failure, one of another format a document without evidence."""
    make_table(tmp_path / "tables" / "orders")
    (tmp_path / "list").write_text(
        "main.sales.orders = tables/orders table_type=MANAGED\n"
        "main.sales.lost = tables/lost\n"
        "main.ext.files = tables/files data_source_format=PARQUET\n"
    )
    files, lost, orders = DeltaSource(str(tmp_path / "list")).tables()

    assert isinstance(lost, Failure)
    assert lost.where == str(tmp_path / "tables/lost")
    assert isinstance(orders, TableDocument)
    assert (orders.full_name, orders.table_type) == ("main.sales.orders", "MANAGED")
    assert isinstance(files, TableDocument)
    assert files.data_source_format == "PARQUET"
    assert files.evidence["size"].status == "unsupported"
    assert files.evidence["comment"].status == "unsupported"  # absent, it would count as none
