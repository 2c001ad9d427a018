"""An inventory must lose nothing: what is written is read, and what is missing is said."""

import io
import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakewarden_collector.document import Column, Size, TableDocument
from lakewarden_collector.errors import InventoryError
from lakewarden_collector.inventory import Failure, Header, InventoryReader, InventoryWriter
from lakewarden_collector.names import join_name
from lakewarden_collector.patterns import fold
from lakewarden_collector.texts import is_empty

HEADER = Header(
    schema_version=1,
    source="delta",
    scope="/data/lake",
    started_at="2026-11-23T05:00:00Z",
    tool_version="0.1.0",
)
text = st.text(min_size=1, max_size=8)
shown = text.filter(lambda name: not is_empty(name))
documents = st.tuples(shown, shown, shown).flatmap(
    lambda parts: st.builds(
        TableDocument,
        full_name=st.sampled_from([join_name(parts), ".".join(parts)]),
        catalog_name=st.just(parts[0]),
        schema_name=st.just(parts[1]),
        name=st.just(parts[2]),
        owner=text,
        properties=st.dictionaries(text, text, max_size=3),
        columns=st.lists(
            st.builds(Column, name=text, comment=text),
            max_size=3,
            unique_by=lambda column: fold(column.name),
        ),
        size=st.builds(Size, bytes=st.integers(0, 2**63 - 1)),
    )
)
failures = st.builds(Failure, what=text, where=text, reason=text, remedy=text)


def written(items: list[TableDocument | Failure], *, end: bool = True) -> bytes:
    stream = io.BytesIO()
    writer = InventoryWriter(stream, HEADER)
    for item in items:
        writer.write(item)
    if end:
        writer.end()
    return stream.getvalue()


def read(data: bytes) -> tuple[list[TableDocument | Failure], InventoryReader]:
    reader = InventoryReader(io.BytesIO(data), "lake.ndjson")
    return list(reader), reader


def document(name: str = "a.b.c", **fields: object) -> bytes:
    catalog, schema, table = name.split(".")
    known = {"full_name": name, "catalog_name": catalog, "schema_name": schema, "name": table}
    return json.dumps(known | fields).encode()


@given(st.lists(documents | failures, max_size=8))
def test_what_is_written_is_read(items: list[TableDocument | Failure]) -> None:
    found, reader = read(written(items))
    assert found == items
    assert reader.header == HEADER
    assert reader.shortcomings == []


@given(st.lists(documents | failures, min_size=1, max_size=8), st.data())
def test_a_lost_line_is_noticed(items: list[TableDocument | Failure], data: st.DataObject) -> None:
    lines = written(items).splitlines(keepends=True)
    lost = data.draw(st.integers(1, len(lines) - 1))
    _, reader = read(b"".join(lines[:lost] + lines[lost + 1 :]))
    assert reader.shortcomings


@given(st.lists(documents, min_size=1, max_size=3), st.data())
def test_a_file_cut_anywhere_never_looks_complete(
    items: list[TableDocument | Failure], data: st.DataObject
) -> None:
    whole = written(items)
    kept = data.draw(st.integers(whole.index(b"\n") + 1, len(whole) - 2))
    _, reader = read(whole[:kept])
    assert reader.shortcomings


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (document(size=None), "`$.size`"),
        (document(size={"bytes": None}), "`$.size.bytes`"),
        (document(size={"bytes": -1}), "`$.size.bytes`"),
        (document(owner=7), "`$.owner`"),
        (document(properties={"a": 1}), "`$.properties[...]`"),
        (document(columns=[{"name": "a", "typo": 1}]), "`typo`"),
        (document(created_at="yesterday"), "`$.created_at`"),
        (document(size={"as_of": "2026-02-30T00:00:00Z"}), "day is out of range"),
        (b'{"full_name": 1, "owner": "\xff"}', "not JSON"),
        (b'{"full_name": 1, "x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "not JSON"),
        (b'{"full_name": "a.b.c"}', "catalog_name"),
        (b"{nonsense", "not JSON"),
        (b'"text"', "Expected `object`"),
        (b'{"failure": {"what": 1}}', "Expected `str`"),
        (b"\xff\xfe", "not JSON"),
    ],
)
def test_a_bad_line_is_a_failure_with_its_place_and_the_next_is_read(
    line: bytes, words: str
) -> None:
    (refused, good), _ = read(line + b"\n" + document() + b"\n")
    assert isinstance(refused, Failure)
    assert refused.where == "lake.ndjson:1"
    assert words in refused.reason
    assert isinstance(good, TableDocument)


def test_a_bad_line_names_its_table() -> None:
    (refused,), _ = read(document("main.sales.orders", size={"bytes": -1}))
    assert isinstance(refused, Failure)
    assert "main.sales.orders" in refused.reason


def test_plain_ndjson_and_an_array_are_read_alike() -> None:
    docs = [document("a.b.c"), document("a.b.d")]
    lines, plain = read(b"\n\n".join(docs))
    array, _ = read(b" [\n" + b",\n".join(docs) + b"\n]")
    assert lines == array
    assert plain.shortcomings == []


def test_a_byte_order_mark_costs_no_line() -> None:
    found, _ = read(b"\xef\xbb\xbf" + document() + b"\n")
    assert isinstance(found[0], TableDocument)


def test_a_bad_element_of_an_array_is_named() -> None:
    (_, refused), _ = read(b"[" + document() + b"," + document(owner=None) + b"]")
    assert isinstance(refused, Failure)
    assert refused.where == "lake.ndjson $[1]"


def test_a_broken_array_is_an_error() -> None:
    with pytest.raises(InventoryError, match=r"lake\.ndjson.*JSON array"):
        read(b"[" + document())


def test_an_unknown_schema_version_is_refused_by_name() -> None:
    with pytest.raises(InventoryError, match="schema version 2"):
        read(written([]).replace(b'"schema_version":1', b'"schema_version":2'))


def test_documents_behind_the_end_are_not_silently_taken() -> None:
    _, reader = read(written([]) + document())
    assert any("after the end" in reason for reason in reader.shortcomings)


def test_two_inventories_in_one_file_are_not_one() -> None:
    _, reader = read(written([]) + written([]))
    assert any("second inventory" in reason for reason in reader.shortcomings)


def test_nested_objects_are_always_written() -> None:
    """OPA's type checker and the policies rely on size, detail, access and evidence."""
    (item,), _ = read(document())
    assert isinstance(item, TableDocument)
    line = json.loads(written([item]).splitlines()[1])
    assert {"size", "detail", "access", "evidence"} <= line.keys()
    assert None not in line.values()


def _lines(*lines: bytes) -> tuple[list[TableDocument | Failure], InventoryReader]:
    return read(b"\n".join(lines))


_HEADER = msgspec.json.encode({"inventory": HEADER})


@pytest.mark.parametrize(
    ("raw", "path"),
    [
        (
            b'{"full_name":"a.b.c","full_name":"a.b.c","catalog_name":"a","schema_name":"b","name":"c"}',
            "`$`",
        ),
        (document(size={}).replace(b'"size": {}', b'"size": {"bytes": 9, "bytes": 1}'), "`$.size`"),
        (
            document(columns=[{"name": "x"}]).replace(b'"name": "x"', b'"name": "x", "name": "y"'),
            "`$.columns[0]`",
        ),
        (
            document(properties={"p": "1"}).replace(b'"p": "1"', b'"p": "1", "p": "2"'),
            "`$.properties`",
        ),
        (
            b'{"failure":{"what":"a","what":"b","where":"w","reason":"r","remedy":"m"}}',
            "`$.failure`",
        ),
        (b'{"end":{"documents":0,"failures":9,"failures":0}}', "`$.end`"),
        (b'{"end":{"documents":1,"failures":0},"end":{"documents":0,"failures":0}}', "`$`"),
        (
            _HEADER.replace(b'"schema_version":1', b'"schema_version":1,"schema_version":1'),
            "`$.inventory`",
        ),
    ],
)
def test_a_key_that_is_there_twice_is_refused_with_its_path(raw: bytes, path: str) -> None:
    """Readers disagree on which of the two values counts, so that one could pass for the other."""
    found, _ = _lines(document("x.y.z"), raw)
    (failure,) = [each for each in found if isinstance(each, Failure)]
    assert failure.where == "lake.ndjson:2"
    assert "twice" in failure.reason
    assert failure.reason.endswith(path)


@pytest.mark.parametrize("deep", [200, 100_000])
def test_deep_nesting_is_refused(deep: int) -> None:
    nested = b"[" * deep + b"]" * deep
    raw = document(columns=[{"name": "x", "mask": {"a": "?"}}]).replace(b'"?"', nested)
    found, _ = _lines(raw, document("x.y.z"))
    assert isinstance(found[0], Failure)
    assert isinstance(found[1], TableDocument)


@pytest.mark.parametrize(
    "lines",
    [
        (),
        (document(),),
        (b'{"failure":{"what":"a","where":"w","reason":"r","remedy":"m"}}', document()),
    ],
)
@pytest.mark.parametrize("layout", [b"%s", b"[%s]"])
def test_an_end_line_needs_the_header_that_began_it(
    lines: tuple[bytes, ...], layout: bytes
) -> None:
    """Without its first line nobody knows its version, nor what else was cut off before."""
    end = b'{"end":{"documents":%d,"failures":%d}}' % (len(lines) > 0, len(lines) > 1)
    separator = b"\n" if layout == b"%s" else b","
    with pytest.raises(InventoryError, match="no header line"):
        read(layout % separator.join((*lines, end)))


def test_a_header_that_is_refused_is_said_itself_although_an_end_follows() -> None:
    end = b'{"end":{"documents":1,"failures":0}}'
    (failure, _), reader = _lines(_HEADER.replace(b"-11-23", b"-13-23"), document(), end)
    assert isinstance(failure, Failure)
    assert "$.inventory" in failure.reason
    assert reader.shortcomings


def test_a_second_end_line_is_no_end() -> None:
    """Else anyone who appends one says how many documents there are to be."""
    end = b'{"end":{"documents":0,"failures":0}}'
    _, reader = _lines(_HEADER, b'{"end":{"documents":5,"failures":0}}', end)
    assert any("a line after the end line" in each for each in reader.shortcomings)
    assert any("announces 5 documents" in each for each in reader.shortcomings)


def test_a_second_header_does_not_move_the_start() -> None:
    later = _HEADER.replace(b"2026-11-23", b"2200-01-01")
    found, reader = _lines(_HEADER, later, document(created_at="2199-01-01T00:00:00Z"))
    assert isinstance(found[0], Failure)
    assert any("a second inventory" in each for each in reader.shortcomings)


_TIMES: dict[str, dict[str, Any]] = {
    "$.created_at": {"created_at": "TIME"},
    "$.updated_at": {"updated_at": "TIME"},
    "$.size.as_of": {"size": {"as_of": "TIME"}},
    "$.detail.created_at": {"detail": {"created_at": "TIME"}},
    "$.detail.last_modified": {"detail": {"last_modified": "TIME"}},
    "$.access.last_read_at": {"access": {"last_read_at": "TIME"}},
}


@pytest.mark.parametrize("path", _TIMES)
def test_a_time_lies_no_more_than_a_day_after_the_start(path: str) -> None:
    """A size of tomorrow never grows old, and so would decide for good."""

    def at(time: str) -> bytes:
        return document(**_TIMES[path]).replace(b"TIME", time.encode())

    (good,), _ = _lines(_HEADER, at("2026-11-24T05:00:00Z"))
    assert isinstance(good, TableDocument)
    (bad,), _ = _lines(_HEADER, at("2026-11-24T05:00:00.001Z"))
    assert isinstance(bad, Failure)
    assert f"`{path}`" in bad.reason
    assert bad.where == "lake.ndjson:2"


def test_without_a_header_the_clock_stands_for_the_start() -> None:
    raw = document(created_at="2026-11-25T00:00:01Z")
    reader = InventoryReader(io.BytesIO(raw), "lake.ndjson", "2026-11-24T00:00:00Z")
    assert isinstance(next(iter(reader)), Failure)
    reader = InventoryReader(io.BytesIO(raw), "lake.ndjson", "2026-11-24T00:00:01Z")
    assert isinstance(next(iter(reader)), TableDocument)
    assert isinstance(next(iter(read(document(created_at="2200-01-01T00:00:00Z"))[0])), Failure)


def test_a_header_without_a_time_is_refused() -> None:
    (failure, *_), _ = _lines(_HEADER.replace(b"2026-11-23", b"yesterday"), document())
    assert isinstance(failure, Failure)
    assert "$.inventory" in failure.reason


@pytest.mark.parametrize("version", ["2", '"1"', "1.0", "true"])
def test_another_version_is_named_whatever_its_first_line_looks_like(version: str) -> None:
    """A later version may have dropped what this one requires of a first line."""
    line = f'{{"inventory": {{"schema_version": {version}, "origin": "elsewhere"}}}}\n'
    with pytest.raises(InventoryError, match="schema version"):
        list(InventoryReader(io.BytesIO(line.encode()), "lake.ndjson"))
