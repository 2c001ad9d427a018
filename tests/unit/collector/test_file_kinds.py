"""A file of another kind is recognised by its beginning; an inventory of any shape is not."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakewarden.renderers.html.renderer import HtmlRenderer
from lakewarden.renderers.markdown.renderer import MarkdownRenderer
from lakewarden_collector.document import TableDocument
from lakewarden_collector.file_kinds import (
    HEAD,
    FileKind,
    Wanted,
    mismatch,
    peeked,
    recognise,
    recognise_file,
)
from lakewarden_collector.inventory import Failure, Header, InventoryWriter
from tests.support import reports
from tests.support.agreeing_reports import agreeing
from tests.support.commandline import document

PLAN: Final = {
    "format_version": "1.2",
    "terraform_version": "1.9.8",
    "variables": {"name": {"value": "full_name"}},
    "planned_values": {"root_module": {"resources": []}},
    "resource_changes": [],
}
STATE: Final = {"version": 4, "terraform_version": "1.9.8", "serial": 3, "lineage": "x"}
MANIFEST: Final = {
    "metadata": {
        "dbt_schema_version": "https://schemas.getdbt.com/dbt/manifest/v12.json",
        "dbt_version": "1.9.0",
    },
    "nodes": {"model.shop.orders": {"database": "main", "schema": "sales", "name": "orders"}},
    "sources": {},
    "macros": {},
}
RESULTS: Final = {
    "metadata": {"dbt_schema_version": "https://schemas.getdbt.com/dbt/run-results/v6.json"},
    "results": [],
}
SARIF: Final = {
    "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
    "version": "2.1.0",
    "runs": [{"tool": {"driver": {"name": "x"}}}],
}
DOCUMENT: Final = document("orders")
JOURNAL: Final = (
    b'{"type":"begun","version":1,"purpose":"{}","started_at":"2026-11-23T05:10:00Z"}\n'
)


def compact(value: Any) -> bytes:  # noqa: ANN401 -- JSON
    return json.dumps(value, separators=(",", ":")).encode()


def spread(value: Any) -> bytes:  # noqa: ANN401 -- JSON
    return json.dumps(value, indent=2).encode()


def ordered(value: Any) -> bytes:  # noqa: ANN401 -- JSON
    return json.dumps(value, indent=2, sort_keys=True).encode()


def report() -> dict[str, Any]:
    sample = agreeing(14)
    return {
        "schema_version": 1,
        **{
            name: msgspec.to_builtins(getattr(sample, name))
            for name in ("policies", "completeness", "summary", "gate", "run")
        },
        "tables": [],
    }


@pytest.mark.parametrize("form", [compact, spread, ordered])
@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (PLAN, FileKind.TERRAFORM_PLAN),
        (STATE, FileKind.TERRAFORM_STATE),
        (MANIFEST, FileKind.DBT_MANIFEST),
        (RESULTS, FileKind.DBT),
        (SARIF, FileKind.SARIF),
        (report(), FileKind.REPORT),
    ],
)
def test_json_of_other_tools_is_recognised_in_any_form(
    value: object, kind: FileKind, form: Callable[[Any], bytes]
) -> None:
    data = form(value)
    assert recognise(data, whole=True) is kind
    assert recognise(b"\xef\xbb\xbf" + data + b"\n", whole=True) is kind
    assert recognise(b"\n  \n" + data, whole=True) is kind
    assert recognise(data[: len(data) * 3 // 4], whole=True) is kind, "truncated"
    assert recognise(data[: len(data) * 3 // 4], whole=False) is kind
    assert recognise(data.decode().encode("utf-16"), whole=True) is FileKind.UTF_16


def rendered(renderer: Any) -> bytes:  # noqa: ANN401 -- one of ours
    out = io.StringIO()
    renderer.render(reports.sample(2), out)
    return out.getvalue().encode()


def parquet() -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.table({"path": ["x"]}), out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"", FileKind.EMPTY),
        (b"\xef\xbb\xbf\n  \n", FileKind.EMPTY),
        (rendered(HtmlRenderer()), FileKind.HTML),
        (b"<!-- saved from us -->\n<HTML><body>{}\n{}</body>", FileKind.HTML),
        (rendered(MarkdownRenderer()), FileKind.MARKDOWN),
        (b'<?xml version="1.0"?><testsuites/>', FileKind.XML),
        (b"<testsuites>\n</testsuites>", FileKind.XML),
        (b"# settings\nsize_threshold_bytes: 3\ntest_schemas: [a]\n", FileKind.YAML),
        (b"---\nwaivers:\n- policy: a.b\n", FileKind.YAML),
        (b"- a\n- b\n", FileKind.YAML),
        (b"full_name,bytes\na.b.c,3\n", FileKind.CSV),
        (b"# ours\nmain.sales.orders = s3://lake/orders owner=sales\n", FileKind.LIST),
        (b'main.sales.`2024.x` = "a b"\n', FileKind.LIST),
        (parquet(), FileKind.PARQUET),
        (gzip.compress(compact(DOCUMENT)), FileKind.GZIP),
        (b"PK\x03\x04....", FileKind.COMPRESSED),
        (b"\x28\xb5\x2f\xfd....", FileKind.COMPRESSED),
        (b"SQLite format 3\x00", FileKind.DATABASE),
        (b"%PDF-1.7", FileKind.PDF),
        (b"\x7fELF\x02\x01\x01\x00\x00\x00", FileKind.BINARY),
        (compact(DOCUMENT).decode().encode("utf-16-le"), FileKind.UTF_16),
        (JOURNAL, FileKind.JOURNAL),
        (JOURNAL[:20], FileKind.JOURNAL),
        (b'{"schema_version":1,\n', FileKind.REPORT),
        (spread(DOCUMENT), FileKind.SPREAD_JSON),
        (spread(DOCUMENT) + b"\n" + spread(DOCUMENT), FileKind.SPREAD_JSON),
        (compact({"inventory": 1, "x": 2})[:-1] + b',\n"y": 3}', FileKind.SPREAD_JSON),
        (b'{"tables": [{"name": "orders"}]}', FileKind.OTHER_JSON),
        (b"Traceback (most recent call last):\n  File", FileKind.TEXT),
    ],
)
def test_other_files_are_recognised(data: bytes, kind: FileKind) -> None:
    assert recognise(data, whole=True) is kind


def inventory(*items: TableDocument | Failure) -> bytes:
    out = io.BytesIO()
    writer = InventoryWriter(
        out,
        Header(
            schema_version=1,
            source="x",
            scope="",
            started_at="2026-11-23T05:10:00Z",
            tool_version="",
        ),
    )
    for item in items:
        writer.write(item)
    writer.end()
    return out.getvalue()


LINE: Final = compact(DOCUMENT)


@pytest.mark.parametrize(
    "data",
    [
        inventory(),
        inventory(Failure(what="a", where="b", reason="c", remedy="d")),
        b"".join(inventory().splitlines(keepends=True)[1:]),
        LINE,
        b"\xef\xbb\xbf" + LINE,
        b"\r\n\n   " + LINE + b"\r\n",
        LINE + b"\n" + LINE,
        LINE[: len(LINE) // 2],
        LINE[:30] + b"\n" + LINE,
        b"oops\n" + LINE,
        b"WARNING: a: b\n" + LINE,
        b"# a comment\n" + LINE,
        b"null\n",
        b"7",
        b'"text"\n' + LINE,
        b"[" + LINE + b"]",
        b" [\n" + spread(DOCUMENT) + b"\n]",
        b"[]",
        b"[",
        b'{"failure":{"what":"metadata","where":"runs","reason":"","remedy":""}}\n',
        b'{"end":{"documents":0,"failures":0}}',
        compact({"comment": "{", "properties": {"runs": "$schema", "nodes": "}"}} | DOCUMENT),
        compact({"properties": {"x": "y" * 2 * HEAD}} | DOCUMENT)[:HEAD],
        b"{}",
        b"{}\n" + LINE,
        b'{"tables": 1}\n' + LINE,
    ],
)
def test_an_inventory_with_any_legal_beginning_is_for_the_reader(data: bytes) -> None:
    """What is wrong with a line, the reader says, and goes on with the next one."""
    assert recognise(data, whole=True) in {None, FileKind.INVENTORY}
    assert recognise(data, whole=False) in {None, FileKind.INVENTORY}


@given(st.binary(max_size=300), st.booleans())
def test_no_bytes_break_it(data: bytes, whole: bool) -> None:  # noqa: FBT001 -- drawn
    for head in (data, b"{" + data, b'\xef\xbb\xbf{"' + data, b"<" + data):
        kind = recognise(head, whole=whole)
        for wanted in Wanted:
            what, remedy = mismatch(kind or FileKind.TEXT, wanted)
            assert wanted in what
            assert remedy


def test_a_deep_file_does_not_break_it() -> None:
    recognise(b'{"a":' * 10_000, whole=True)
    recognise(b"x\n" + b'{"a":' * 10_000 + b"\n", whole=True)


@pytest.mark.parametrize("size", [0, 1, HEAD - 1, HEAD, HEAD + 1, 3 * HEAD + 7])
def test_what_was_looked_at_is_read_all_the_same(size: int) -> None:
    data = bytes(number % 251 for number in range(size))
    head, whole, again = peeked(io.BytesIO(data))
    assert head == data[:HEAD]
    assert whole == (size < HEAD)
    first = again.readline()
    assert first + again.read() == data


def test_a_folder_and_a_file_that_is_not_there(tmp_path: Path) -> None:
    assert recognise_file(tmp_path) is FileKind.FOLDER
    with pytest.raises(OSError, match="No such file"):
        recognise_file(tmp_path / "absent")
