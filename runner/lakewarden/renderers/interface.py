"""What every renderer offers: one small module for each format."""

from __future__ import annotations

from typing import Protocol, TextIO

from lakewarden.model.report import Report


class Renderer(Protocol):
    """Writes one format of a report."""

    format: str
    """The word in `--report FORMAT=PATH` and `--format`."""

    def render(self, report: Report, out: TextIO) -> None:
        """Write the whole report to `out`."""
        ...
