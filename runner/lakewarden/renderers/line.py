"""The conclusion of a report on one line: for `-q`, a message, or a log."""

from __future__ import annotations

from typing import TextIO

from lakewarden.model.report import Report
from lakewarden.renderers.words.baseline import slack_line
from lakewarden.renderers.words.overview import not_known
from lakewarden.renderers.words.wording import gate_lines, headline, visible


class LineRenderer:
    """Says how we stand, what isn't known, and what the gate makes of it; then the slack."""

    format = "line"

    def render(self, report: Report, out: TextIO) -> None:
        """Write the line."""
        slack = slack_line(report.baseline)
        sentences = (headline(report), not_known(report), *gate_lines(report.gate), slack)
        out.write(f"{visible(' '.join(filter(None, sentences)))}\n")
