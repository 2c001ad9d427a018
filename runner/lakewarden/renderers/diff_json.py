"""What differs between two reports as JSON."""

from __future__ import annotations

from collections.abc import Iterable
from tempfile import TemporaryFile
from typing import Final, TextIO

import msgspec

from lakewarden.model.diff import DIFF_SCHEMA_VERSION, ChangedViolation
from lakewarden.report.diff import Differ

_encode: Final = msgspec.json.Encoder(order="deterministic").encode


def write_diff_json(differ: Differ, changes: Iterable[ChangedViolation], out: TextIO) -> None:
    """Write a diff, the figures first; the violations wait on the disk until these are known."""
    with TemporaryFile() as kept:
        for each in changes:
            kept.write(_encode(each) + b"\n")
        kept.seek(0)
        figures = _encode(differ.result()).decode()
        out.write(f'{{"schema_version":{DIFF_SCHEMA_VERSION},\n{figures[1:-1]},\n"violations":[')
        before = "\n"
        for line in kept:
            out.write(before + line.decode().rstrip("\n"))
            before = ",\n"
        out.write("\n]}\n" if before != "\n" else "]}\n")
