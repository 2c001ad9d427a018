"""What a document may not say, whether a program makes it or a file is read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET

from lakewarden_collector.document import (
    Absence,
    Access,
    Column,
    Detail,
    Size,
    TableDocument,
)
from lakewarden_collector.document_rules import MOST
from lakewarden_collector.names import join_name, split_name, sql_name

_DENIED = Absence(status="denied", reason="no SELECT")


def made(name: str = "t", **fields: Any) -> TableDocument:  # noqa: ANN401 -- any field
    known = {"full_name": f"c.s.{name}", "catalog_name": "c", "schema_name": "s", "name": name}
    return TableDocument(**(known | fields))


def read(**fields: Any) -> TableDocument:  # noqa: ANN401 -- any field
    known = {"full_name": "c.s.t", "catalog_name": "c", "schema_name": "s", "name": "t"}
    return msgspec.json.decode(msgspec.json.encode(known | fields), type=TableDocument)


_CONTRADICTIONS: dict[str, dict[str, Any]] = {
    "properties": {"properties": {}},
    "tags": {"tags": {"a": ""}},
    "columns": {"columns": []},
    "comment": {"comment": ""},
    "owner": {"owner": "team"},
    "created_at": {"created_at": "2026-11-23T05:10:00Z"},
    "size": {"size": Size(bytes=1, exact=True)},
    "size.bytes": {"size": Size(bytes=1, exact=True)},
    "detail": {"detail": Detail(partition_columns=[])},
    "detail.clustering_columns": {"detail": Detail(clustering_columns=[])},
    "access": {"access": Access(window_days=30)},
    "properties.a.b": {"properties": {"a.b": ""}},
    "columns.A.b.comment": {"columns": [Column(name="a.B", comment="")]},
}
_EXPLANATIONS: dict[str, dict[str, Any]] = {
    "properties": {},
    "size": {"size": Size(bytes=1, as_of="2026-11-23T05:10:00Z")},
    "size.bytes": {"size": Size(bytes=1, exact=False)},
    "size.files": {"size": Size(bytes=1, exact=True)},
    "detail": {},
    "detail.clustering_columns": {"detail": Detail(partition_columns=[])},
    "access": {},
    "properties.a": {"properties": {"b": "x"}},
    "properties.b": {},
    "columns.a.comment": {"columns": [Column(name="a"), Column(name="b", comment="x")]},
    "columns.a.mask": {"columns": [Column(name="a", comment="")]},
    "tags": {},
    "tags.a": {},
    "predictive_optimization.inherited_from": {},
}


@pytest.mark.parametrize("make", [made, read])
@pytest.mark.parametrize("key", _CONTRADICTIONS)
def test_evidence_never_stands_beside_what_it_explains(
    make: Callable[..., TableDocument], key: str
) -> None:
    """One of the two is wrong, and a decision would take one of them for true."""
    with pytest.raises(ValueError, match="but it is there"):
        make(**_CONTRADICTIONS[key], evidence={key: _DENIED})


@pytest.mark.parametrize("make", [made, read])
@pytest.mark.parametrize("key", _EXPLANATIONS)
def test_evidence_explains_what_is_absent_or_a_size_that_is_not_exact(
    make: Callable[..., TableDocument], key: str
) -> None:
    assert make(**_EXPLANATIONS[key], evidence={key: _DENIED}).evidence == {key: _DENIED}


@pytest.mark.parametrize("make", [made, read])
@pytest.mark.parametrize(
    "key",
    [
        "",
        "sizes",
        "Size",
        "evidence",
        "evidence.size",
        "propertys.clusterByAuto",
        "properties.",
        "columns.",
        "owner.name",
        "owner.",
        "detail.",
        "detail.clusteringColumns",
        "size.bytes.exact",
        ".size",
    ],
)
def test_evidence_about_what_no_document_has_is_refused(
    make: Callable[..., TableDocument], key: str
) -> None:
    """No policy asks for a misspelt part, so why it is absent would never be said."""
    with pytest.raises(ValueError, match=f"{key!r}, which isn't a field of a document"):
        make(evidence={key: _DENIED})


@pytest.mark.parametrize("make", [made, read])
@pytest.mark.parametrize(
    "names", [("id", "ID"), ("id", "id"), ("a", "Größe", "GRÖSSE", "größe"), ("K", "\u212a")]
)
def test_two_columns_of_one_name_are_refused(
    make: Callable[..., TableDocument], names: tuple[str, ...]
) -> None:
    """Unity Catalog has no such table, and a policy would read either of the two."""
    columns = [Column(name=name) for name in names]
    with pytest.raises(ValueError, match="have one name"):
        make(columns=columns)


def test_columns_whose_names_differ_in_more_than_case_are_columns() -> None:
    """Lengths stay: `ß` isn't `ss`, nor is `İ` an `i`."""
    names = ["id", "id ", "ß", "ss", "\u0130", "i", "\u0131"]
    columns = made(columns=[Column(name=name, type_text="struct<a:int,A:int>") for name in names])
    assert [column.name for column in columns.columns or ()] == names


def test_a_changed_document_is_checked_too() -> None:
    unread = made(evidence={"properties": _DENIED})
    with pytest.raises(ValueError, match="properties"):
        msgspec.structs.replace(unread, properties={})


_PART = st.text(st.sampled_from("aZ0_.` -ö"), min_size=1, max_size=4).filter(str.strip)
_PARTS = st.tuples(_PART, _PART, _PART)


@given(_PARTS)
def test_a_full_name_is_its_parts_however_they_are_joined(parts: tuple[str, str, str]) -> None:
    for full_name in (join_name(parts), ".".join(parts), sql_name(parts)):
        document = TableDocument(
            full_name=full_name, catalog_name=parts[0], schema_name=parts[1], name=parts[2]
        )
        assert document.full_name == join_name(parts)
        assert split_name(document.full_name) == parts


@pytest.mark.parametrize(
    "full_name", ["x", "c.s", "c.s.T", "c.s.other", "`c`.s.t", "c.s.t; DROP TABLE x; --", " c.s.t"]
)
def test_any_other_full_name_is_refused(full_name: str) -> None:
    for make in (made, read):
        with pytest.raises(ValueError, match="its parts make"):
            make(full_name=full_name)


@pytest.mark.parametrize("number", [-1, MOST + 1, 10**400, 1.0, True, None, "1"])
def test_a_number_that_cannot_be_is_refused(number: Any) -> None:  # noqa: ANN401 -- anything
    for make in (
        lambda: Size(bytes=number),
        lambda: Size(files=number),
        lambda: Column(name="a", position=number),
        lambda: Column(name="a", partition_index=number),
        lambda: Detail(size_in_bytes=number),
        lambda: Access(reads=number),
    ):
        with pytest.raises(ValueError, match=r"whole number|null"):
            make()


@pytest.mark.parametrize(
    "text", ["-1", "9223372036854775808", f"1{'0' * 400}", "1e400", "1.0", "1e3"]
)
def test_a_number_that_cannot_be_is_refused_where_it_is_read(text: str) -> None:
    raw = msgspec.json.encode(made()).replace(b'"size":{}', b'"size":{"bytes":%b}' % text.encode())
    with pytest.raises(msgspec.ValidationError, match=r"\$\.size\.bytes"):
        msgspec.json.decode(raw, type=TableDocument)


def test_the_largest_number_is_one() -> None:
    assert read(size={"bytes": MOST}).size.bytes == MOST


@pytest.mark.parametrize(
    "text",
    [
        *("1969-12-31T23:59:59Z", "1700-01-01T00:00:00Z", "2262-01-01T00:00:00Z"),
        *("2026-02-30T00:00:00Z", "2026-11-23T24:00:01Z", "2026-11-23T05:10:00Z\n"),
        *("2026-11-23", "2026-11-23T05:10:00+01:00", "٢٠٢٦-11-23T05:10:00Z", ""),
    ],
)
def test_a_time_that_cannot_be_is_refused(text: str) -> None:
    for make in (
        lambda: made(created_at=text),
        lambda: made(updated_at=text),
        lambda: Size(as_of=text),
        lambda: Detail(created_at=text),
        lambda: Detail(last_modified=text),
        lambda: Access(last_read_at=text),
        lambda: read(created_at=text),
        lambda: read(size={"as_of": text}),
    ):
        with pytest.raises(
            ValueError, match=r"RFC 3339|lies before|out of range|day is|hour|regex"
        ):
            make()


@pytest.mark.parametrize("part", [TableDocument, Column, Size, Detail, Access, Absence])
def test_null_is_no_value_of_any_part(part: type[msgspec.Struct]) -> None:
    """Rego orders null below every number: a null size would make each table small."""
    needed: dict[type, dict[str, Any]] = {
        TableDocument: msgspec.to_builtins(made()),
        Column: {"name": "a"},
        Absence: {"status": "denied"},
    }
    for field in part.__struct_fields__:
        if msgspec.structs.fields(part)[part.__struct_fields__.index(field)].default is UNSET:
            with pytest.raises(ValueError, match=f"`{field}` is null"):
                part(**(needed.get(part, {}) | {field: None}))


def test_a_mask_is_plain_and_not_deep() -> None:
    """What is very deep an engine refuses, and with it every table of its batch."""
    deep: Any = "x"
    for _ in range(40):
        deep = [deep]
    for mask in ({"a": deep}, {"a": [{"b": None}]}):
        with pytest.raises(ValueError, match=r"nested|null"):
            Column(name="a", mask=mask)
    mask = {"function_name": "f", "using_arguments": [{"constant": "x"}]}
    assert Column(name="a", mask=mask).mask == mask


def test_a_property_is_no_null() -> None:
    with pytest.raises(ValueError, match="null"):
        made(properties={"a": None})


@pytest.mark.parametrize("part", ["catalog_name", "schema_name", "name"])
@pytest.mark.parametrize("text", [" ", "\u200b", "\u3164\ufeff"])
def test_a_name_of_what_shows_nothing_is_refused(part: str, text: str) -> None:
    """Nobody could tell which table it is."""
    parts = {"catalog_name": "c", "schema_name": "s", "name": "t", part: text}
    with pytest.raises(ValueError, match=f"`\\$.{part}` is .* no visible characters"):
        TableDocument(
            full_name=join_name(tuple(parts.values())),
            catalog_name=parts["catalog_name"],
            schema_name=parts["schema_name"],
            name=parts["name"],
        )


def test_a_column_that_is_listed_is_not_absent() -> None:
    """Evidence about a column as a whole stands beside no column of its name."""
    names = {"full_name": "c.s.t", "catalog_name": "c", "schema_name": "s", "name": "t"}
    evidence = {"columns.id": {"status": "failed"}}
    msgspec.convert({**names, "columns": [{"name": "a"}], "evidence": evidence}, TableDocument)
    with pytest.raises(msgspec.ValidationError, match=r"columns\.id"):
        msgspec.convert({**names, "columns": [{"name": "ID"}], "evidence": evidence}, TableDocument)


def test_a_number_in_a_mask_has_64_bits() -> None:
    """Engines count no further."""
    with pytest.raises(ValueError, match="64 bits"):
        Column(name="id", mask={"x": [10**400]})


@pytest.mark.parametrize("text", ["2016-12-31T23:59:60Z", "2026-02-30T00:00:00Z"])
def test_a_time_that_no_calendar_has_is_named(text: str) -> None:
    """The field is told: msgspec names no path for the document itself."""
    with pytest.raises(ValueError, match=f"`created_at` is {text}, which isn't a calendar date"):
        TableDocument(
            full_name="c.s.t", catalog_name="c", schema_name="s", name="t", created_at=text
        )
