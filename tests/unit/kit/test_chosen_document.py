"""One document is taken out of whatever holds it; what isn't one is refused by line and path."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import pytest

from lakewarden.kit.chosen_document import choose_document, read_bytes
from lakewarden.model.errors import ConfigurationError
from tests.support.commandline import document

_ORDERS: Final = document("orders")
_LINES: Final = [document("lines"), _ORDERS, document("returns")]


def _text(*documents: dict[str, Any]) -> bytes:
    return "".join(f"{json.dumps(each)}\n" for each in documents).encode()


def _chosen(text: bytes, table: str | None = None) -> str:
    return choose_document(text, "doc.json", table, "2026-11-23T05:10:00Z").full_name


@pytest.mark.parametrize(
    "text",
    [
        _text(_ORDERS),
        _text(_ORDERS).strip(),
        json.dumps(_ORDERS, indent=2).encode(),
        json.dumps(_ORDERS, indent=2).replace("\n", "\r\n").encode(),
        b"\xef\xbb\xbf" + json.dumps(_ORDERS, indent=2).encode(),
        json.dumps([_ORDERS], indent=2).encode(),
    ],
)
def test_a_document_alone_is_taken(text: bytes) -> None:
    """However its JSON is laid out: people write it by hand."""
    assert _chosen(text) == "main.sales.orders"
    assert _chosen(text, "main.*") == "main.sales.orders"


@pytest.mark.parametrize("table", ["main.sales.orders", "MAIN.SALES.ORDERS", "*.o*"])
def test_one_of_several_is_chosen_by_its_name(table: str) -> None:
    assert _chosen(_text(*_LINES), table) == "main.sales.orders"


@pytest.mark.parametrize(
    ("text", "table", "what", "remedy"),
    [
        (_text(*_LINES), None, "there are 3 table documents", "--table 'main.sales.lines'"),
        (_text(*_LINES), "*.*e*", "3 table documents that match *.*e*", "Choose one"),
        (_text(*_LINES), "*.order", "no table matches *.order", "main.sales.orders"),
        (_text(_ORDERS) + b"{\n", "*.order", "no table matches", "1 more line can't be read."),
        (_text(_ORDERS, _ORDERS), None, "appears 2 times", "Remove all but one."),
        (b"", None, "is empty", "Name a file with a document."),
        (b'{"inventory": {}}\n', None, "missing required field", "line"),
        (json.dumps({**_ORDERS, "size": {"bytes": -1}}).encode(), None, "`$.size.bytes`", ""),
        (
            json.dumps({**_ORDERS, "sizes": 1}, indent=1).encode(),
            None,
            "unknown field `sizes`",
            "Correct the document",
        ),
        (json.dumps(_ORDERS, indent=1).encode()[:-5], None, "isn't valid JSON", "line"),
        (b'{"a": 1}', None, "unknown field `a`", "Correct the document"),
        (b"<html></html>", None, "is an HTML page, not an inventory", ""),
    ],
)
def test_what_is_not_one_document_is_refused(
    text: bytes, table: str | None, what: str, remedy: str
) -> None:
    with pytest.raises(ConfigurationError) as refused:
        _chosen(text, table)
    assert what in str(refused.value)
    assert refused.value.where.startswith("--table" if "no table" in what else "doc.json")
    assert remedy in f"{refused.value.remedy} {refused.value}"


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="Is a directory"):
        read_bytes(tmp_path)
