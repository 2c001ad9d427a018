"""Recognises files that are often given in place of another: by their content, never their name.

The beginning of a file is enough, so a truncated one is recognised too. An inventory is whatever
isn't recognised: a reader that is strict about its own format follows, and names the line.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO, Final, cast

from lakewarden_collector.errors import WrongInputError

HEAD: Final = 65_536
"""Bytes that are enough to recognise a file by."""


class FileKind(StrEnum):
    """What a file is, in words that follow `it is`."""

    EMPTY = "an empty file"
    FOLDER = "a folder"
    INVENTORY = "an inventory"
    JOURNAL = "the journal of a collection that was interrupted"
    REPORT = "a JSON report"
    HTML = "an HTML page"
    MARKDOWN = "a Markdown page"
    LIST = "a list of Delta tables"
    TERRAFORM_PLAN = "a Terraform plan"
    TERRAFORM_STATE = "a Terraform state"
    TERRAFORM_CODE = "Terraform configuration"
    TERRAFORM_BINARY = "a Terraform plan in binary form"
    TERRAFORM_LOG = "the log of `terraform plan -json`"
    DBT_MANIFEST = "a dbt manifest"
    DBT = "an artifact of dbt"
    NOTEBOOK = "a notebook that isn't in SQL"
    PYTHON = "Python code"
    SARIF = "a SARIF log"
    SPREAD_JSON = "JSON on several lines"
    OTHER_JSON = "some other JSON"
    XML = "an XML file"
    YAML = "a YAML file"
    CSV = "a CSV file"
    PARQUET = "a Parquet file"
    GZIP = "a file compressed by gzip"
    COMPRESSED = "a compressed file"
    PDF = "a PDF file"
    DATABASE = "a database file"
    UTF_16 = "text in UTF-16"
    BINARY = "a binary file"
    TEXT = "text that isn't JSON"


class Wanted(StrEnum):
    """What a file should have been, in words that follow `it is not`."""

    INVENTORY = "an inventory"
    REPORT = "a JSON report"
    LIST = "a list of Delta tables"
    DBT_MANIFEST = "a dbt manifest"
    TERRAFORM_PLAN = "a Terraform plan in JSON"
    SQL = "SQL"


HOW: Final = {
    Wanted.INVENTORY: "Name a file that `lakewarden collect -o FILE` wrote, or table documents as "
    "NDJSON or a JSON array (docs/document.md).",
    Wanted.REPORT: "Name a JSON report: `lakewarden evaluate --report report.json` writes one.",
    Wanted.LIST: "Name a folder or bucket of Delta tables, or a file with a line "
    "`catalog.schema.table = URI` for each.",
    Wanted.DBT_MANIFEST: "Run `dbt parse`, and name the target/manifest.json that it writes.",
    Wanted.TERRAFORM_PLAN: "Run `terraform plan -out plan.bin && terraform show -json plan.bin > "
    "plan.json`, and name plan.json.",
    Wanted.SQL: "Name SQL files by a path, a folder or a pattern such as "
    "sql:'migrations/**/*.sql'.",
}
"""How to get what is wanted."""

_INSTEAD: Final = {
    FileKind.EMPTY: "Check whether the command that should have written it failed.",
    FileKind.INVENTORY: "`lakewarden evaluate --inventory FILE` decides about an inventory.",
    FileKind.JOURNAL: "Repeat the collection with --resume. The inventory is then the file without "
    "`.partial`.",
    FileKind.REPORT: "`lakewarden report FILE` shows a report, and --previous compares with it. "
    "Use --save-inventory to keep what a run decided about.",
    FileKind.LIST: "`--source delta:FILE` reads the tables that a list names.",
    FileKind.DBT_MANIFEST: "`lakewarden evaluate --source dbt:FILE` decides about its tables.",
    FileKind.DBT: "Of dbt's files, `--source dbt:FILE` reads the manifest.json.",
    FileKind.TERRAFORM_PLAN: "`lakewarden evaluate --source terraform:FILE` decides about a plan.",
    FileKind.TERRAFORM_STATE: "--source databricks reads the tables that exist already.",
    FileKind.NOTEBOOK: "Only what it runs as SQL could be read: export a SQL notebook as a source "
    "file.",
    FileKind.SPREAD_JSON: "Write each document on one line: `jq -c . FILE > inventory.ndjson`.",
    FileKind.PARQUET: "`--source delta:ROOT` reads Delta tables, and only their logs.",
    FileKind.GZIP: "Unpack it first: `gunzip -c FILE > inventory.ndjson`.",
    FileKind.COMPRESSED: "Unpack it first.",
    FileKind.UTF_16: "Save it as UTF-8; in PowerShell, write with `-Encoding utf8`.",
    FileKind.YAML: "Put settings and waivers into the folder that --config names.",
}


def mismatch(kind: FileKind, wanted: Wanted) -> tuple[str, str]:
    """Return what is wrong with a file of a kind where another is wanted, and what to do."""
    instead = _INSTEAD.get(kind, "")
    if kind is FileKind.FOLDER and wanted is Wanted.INVENTORY:
        instead = "`--source delta:FOLDER` reads the Delta tables in a folder."
    if kind is FileKind.GZIP and wanted is not Wanted.INVENTORY:
        instead = "Unpack it first, with gunzip."
    if kind in {FileKind.YAML, FileKind.DBT} and wanted is Wanted.DBT_MANIFEST:
        instead = ""
    if kind is FileKind.SPREAD_JSON and wanted is not Wanted.INVENTORY:
        instead = ""
    if wanted is Wanted.TERRAFORM_PLAN and kind is FileKind.COMPRESSED:
        instead = ""
    if kind is FileKind.YAML and wanted is Wanted.SQL:
        instead = ""
    if kind in _TERRAFORM_KINDS and wanted is Wanted.SQL:
        return f"is {kind}, not {wanted}", (
            f"{HOW[Wanted.TERRAFORM_PLAN]} `--source terraform:plan.json` reads it."
        )
    return f"is {kind}, not {wanted}", f"{instead} {HOW[wanted]}".strip()


def wrong_input(kind: FileKind, wanted: Wanted, where: str) -> WrongInputError:
    """Return the error of a source that was given a file of another kind."""
    what, remedy = mismatch(kind, wanted)
    return WrongInputError(what, where=where, remedy=remedy)


_UTF_16: Final = (b"\xff\xfe", b"\xfe\xff")
_MAGIC: Final = (
    *((mark, FileKind.UTF_16) for mark in _UTF_16),
    (b"\x1f\x8b", FileKind.GZIP),
    (b"PAR1", FileKind.PARQUET),
    (b"PARE", FileKind.PARQUET),
    (b"PK\x03\x04", FileKind.COMPRESSED),
    (b"\x28\xb5\x2f\xfd", FileKind.COMPRESSED),
    (b"\x04\x22\x4d\x18", FileKind.COMPRESSED),
    (b"BZh", FileKind.COMPRESSED),
    (b"\xfd7zXZ\x00", FileKind.COMPRESSED),
    (b"7z\xbc\xaf\x27\x1c", FileKind.COMPRESSED),
    (b"SQLite format 3\x00", FileKind.DATABASE),
    (b"%PDF-", FileKind.PDF),
    (b"Obj\x01", FileKind.BINARY),
    (b"ORC", FileKind.BINARY),
)
_BOM: Final = b"\xef\xbb\xbf"

_DOCUMENT_KEYS: Final = frozenset({"full_name", "catalog_name", "schema_name"})
_RECORD_KEYS: Final = frozenset({"inventory", "failure", "end"})
_REPORT_KEYS: Final = frozenset(
    {"completeness", "gate", "insight", "policies", "run", "schema_version", "summary", "waivers"}
)
_PLAN_KEYS: Final = frozenset(
    {
        *("applyable", "configuration", "format_version", "planned_values", "prior_state"),
        *("resource_changes", "resource_drift"),
    }
)
_STATE_KEYS: Final = frozenset({"lineage", "terraform_version"})
_MANIFEST_KEYS: Final = frozenset(
    {
        *("child_map", "disabled", "docs", "exposures", "group_map", "macros", "metrics", "nodes"),
        *("parent_map", "saved_queries", "selectors", "semantic_models", "unit_tests"),
    }
)
_TERRAFORM_KINDS: Final = frozenset(
    {FileKind.TERRAFORM_CODE, FileKind.TERRAFORM_BINARY, FileKind.TERRAFORM_LOG}
)
_NEAR: Final = 1000  # characters from the beginning
_ENOUGH: Final = 2  # keys of a kind that several kinds of file might have one of

_DBT_SCHEMA: Final = re.compile(r"schemas\.getdbt\.com/dbt/([a-z-]+)")
_SARIF_SCHEMA: Final = re.compile(r"sarif", re.IGNORECASE)
_TERRAFORM: Final = re.compile(
    r"""(?:(?:resource|data)\s+"[^"]*"\s+"[^"]*"|(?:module|variable|provider|output)\s+"[^"]*"
    |terraform|locals|import|moved|removed|check\s+"[^"]*")\s*\{""",
    re.VERBOSE | re.MULTILINE,
)
_COMMENTS: Final = re.compile(r"\A(?:\s|#[^\n]*|//[^\n]*|/\*.*?\*/)*", re.DOTALL)
_LOGGED: Final = re.compile(r'\{\s*"@level"\s*:')
_TOKEN: Final = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\]:,]|[^\s"{}\[\]:,]+')
_NOTEBOOK: Final = re.compile(r"(#|//) Databricks notebook source")
_PYTHON: Final = re.compile(r"(from [\w.]+ )?import \w|def \w+\(.*\).*:$")
_XML: Final = re.compile(r"(<\?xml|<!--|<[A-Za-z!])")
_HTML: Final = re.compile(r"<!doctype html|<html", re.IGNORECASE)
_YAML: Final = re.compile(r"(---|[\w.-]+:)(\s|$)|- \S|%YAML")
_MARKDOWN: Final = re.compile(r"#{1,6} \S|\|.*\||[*-] \S|\*\*|!?\[.*\]\(")
_LIST: Final = re.compile(r"(`[^`]+`|[^\s.=]+)(\.(`[^`]+`|[^\s.=]+)){2}\s*=\s*\S")


def recognise(head: bytes, *, whole: bool = False) -> FileKind | None:
    """Return the kind of the file that begins like this; None where nothing tells.

    `whole` says that nothing follows. A file with at least one table document or record of an
    inventory among its first lines is an inventory, whatever stands before it.
    """
    binary = _of_bytes(head)
    if binary is not None:
        return binary
    text = head.removeprefix(_BOM).decode("utf-8", "replace").lstrip()
    if not text:
        return FileKind.EMPTY if whole else None
    if _LOGGED.match(text):
        return FileKind.TERRAFORM_LOG
    if text.startswith("{"):
        return _of_object(text, whole=whole)
    if text.startswith("[") or (not text.startswith("<") and _has_object(text, whole=whole)):
        return None
    return _of_text(text)


def recognise_file(path: Path) -> FileKind | None:
    """Return the kind of a file or folder; raises `OSError` where it can't be read.

    None for a pipe: what is read of it is gone.
    """
    if path.is_dir():
        return FileKind.FOLDER
    if path.exists() and not path.is_file():
        return None
    with path.open("rb") as stream:
        head = stream.read(HEAD)
        return recognise(head, whole=len(head) < HEAD)


def peeked(stream: BinaryIO) -> tuple[bytes, bool, BinaryIO]:
    """Return the stream's beginning, whether that is all, and a stream that begins there again."""
    head = stream.read(HEAD)
    rest = cast("BinaryIO", io.BufferedReader(_Rejoined(head, stream), HEAD))
    return head, len(head) < HEAD, rest


class _Rejoined(io.RawIOBase):
    """What was read of a stream, and the rest of it."""

    def __init__(self, head: bytes, rest: BinaryIO) -> None:
        self._head = memoryview(head)
        self._rest = rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        target = memoryview(buffer).cast("B")  # type: ignore[arg-type]  # a buffer, says RawIOBase
        data = self._head[: len(target)] or self._rest.read(len(target))
        self._head = self._head[len(data) :]
        target[: len(data)] = data
        return len(data)


def _of_bytes(head: bytes) -> FileKind | None:
    """Return the kind of a file that isn't UTF-8 text."""
    found = (kind for magic, kind in _MAGIC if head.startswith(magic))
    if b"\x00" not in head or head.startswith(_UTF_16):
        return next(found, None)
    begin = head[:64]
    if head.startswith(b"PK\x03\x04") and b"tfplan" in begin:
        return FileKind.TERRAFORM_BINARY
    wide = len(begin) > 1 and (not any(begin[::2]) or not any(begin[1::2]))
    return next(found, FileKind.UTF_16 if wide else FileKind.BINARY)


def _of_object(text: str, *, whole: bool) -> FileKind | None:
    """Return the kind of a file that begins with a JSON object."""
    seen = list(_keys(text))
    keys = set(seen)
    if seen[:1] == ["type"] and re.match(r'\{\s*"type"\s*:\s*"begun"', text):
        return FileKind.JOURNAL
    if keys & _DOCUMENT_KEYS or seen[:1] in ([key] for key in _RECORD_KEYS):
        return FileKind.SPREAD_JSON if _is_spread(text) else FileKind.INVENTORY
    kind = _by_keys(keys, text)
    if kind is None and _is_spread(text):
        return FileKind.SPREAD_JSON
    if kind is None and whole and keys and _is_json(text):
        return FileKind.OTHER_JSON
    return kind


def _by_keys(keys: set[str], text: str) -> FileKind | None:
    dbt = _DBT_SCHEMA.search(text) if "metadata" in keys else None
    cut_off = keys == {"schema_version"} and text.startswith('{"schema_version":')
    tells = (
        (FileKind.REPORT, "completeness" in keys or {"schema_version", "policies"} <= keys),
        (FileKind.REPORT, cut_off),
        (FileKind.TERRAFORM_STATE, "values" in keys and keys & _PLAN_KEYS == {"format_version"}),
        (FileKind.TERRAFORM_PLAN, keys & _PLAN_KEYS),
        (FileKind.TERRAFORM_STATE, keys & _STATE_KEYS),
        (FileKind.DBT_MANIFEST, dbt and dbt[1] == "manifest"),
        (FileKind.DBT, dbt),
        (FileKind.DBT_MANIFEST, len(keys & _MANIFEST_KEYS) >= _ENOUGH),
        (FileKind.DBT_MANIFEST, keys & {"child_map", "parent_map"}),
        (FileKind.NOTEBOOK, "cells" in keys and '"cell_type"' in text),
        (FileKind.SARIF, "runs" in keys and keys & {"$schema", "version"}),
        (FileKind.SARIF, "$schema" in keys and _SARIF_SCHEMA.search(text[:_NEAR])),
        (FileKind.REPORT, len(keys & _REPORT_KEYS) >= _ENOUGH),
    )
    return next((kind for kind, matches in tells if matches), None)


def _keys(text: str) -> Iterator[str]:
    """Yield the keys of the first object, as far as it is there."""
    depth, last = 0, ""
    for found in _TOKEN.finditer(text):
        symbol = found[0]
        if symbol in {"{", "["}:
            depth += 1
        elif symbol in {"}", "]"}:
            depth -= 1
            if depth == 0:
                return
        elif symbol == ":" and depth == 1 and last.startswith('"'):
            yield _unquoted(last)
        last = symbol


def _unquoted(text: str) -> str:
    try:
        return str(json.loads(text))
    except ValueError:
        return text


def _is_spread(text: str) -> bool:
    """Whether the first object goes on behind its first line: no line of it is JSON then."""
    first, _, rest = text.partition("\n")
    if not rest.strip() or _is_json(first):
        return False
    return re.match(r'\s*("(?:[^"\\]|\\.)*"\s*:|\})', rest) is not None and (
        re.search(r"[{\[,]\s*$", first) is not None
    )


def _has_object(text: str, *, whole: bool) -> bool:
    """Whether a line is a JSON object, or may be one that goes on behind the beginning."""
    *lines, last = text.splitlines()
    found = any(line.lstrip().startswith("{") and _is_json(line) for line in lines)
    return found or (last.lstrip().startswith("{") and (not whole or _is_json(last)))


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _of_text(text: str) -> FileKind | None:
    """Return the kind of text whose lines don't begin like JSON."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    first = lines[0]
    if _is_json(first):  # a number or a word on a line: no document, but for the reader to name
        return None
    content = next((line for line in lines if not line.startswith("#")), "")
    commas = {line.count(",") for line in lines[:5]}
    code = _TERRAFORM.match(text, _COMMENTS.match(text).end())  # type: ignore[union-attr]  # nothing matches too
    tells = (
        (FileKind.TERRAFORM_CODE, code),
        (FileKind.NOTEBOOK, _NOTEBOOK.match(first)),
        (FileKind.PYTHON, _PYTHON.match(content)),
        (FileKind.HTML, _HTML.search(text[:_NEAR])),
        (FileKind.XML, _XML.match(first)),
        (FileKind.LIST, _LIST.match(content)),
        (FileKind.YAML, _YAML.match(content)),
        (FileKind.MARKDOWN, _MARKDOWN.match(first)),
        (FileKind.CSV, len(commas) == 1 and 0 not in commas),
    )
    return next((kind for kind, matches in tells if matches), FileKind.TEXT)
