"""The report itself, in its own layout."""

from __future__ import annotations

from typing import TextIO

from lakewarden.model.report import Report
from lakewarden.report.layout import pieces


class JsonRenderer:
    """Copies the report; two reports of equal content come out byte for byte the same."""

    format = "json"

    def render(self, report: Report, out: TextIO) -> None:
        """Write the report as JSON, a table at a time."""
        for piece in pieces(report):  # noqa: FURB122 -- some streams join all lines first
            out.write(piece.decode())
