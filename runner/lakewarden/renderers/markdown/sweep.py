"""What fails over the value of a setting, as Markdown."""

from __future__ import annotations

from typing import TextIO

from lakewarden.model.effect import Sweep
from lakewarden.renderers.markdown.escape import code, prose
from lakewarden.renderers.markdown.layout import MarkdownSheet
from lakewarden.renderers.words import sweep as words


def write_sweep(sweep: Sweep, tables: int, out: TextIO) -> None:
    """Write the figures of each step."""
    sheet = MarkdownSheet(out)
    steps = sweep.steps
    sheet.heading(1, prose(words.headline(sweep, tables)))
    sheet.table(
        words.HEADS,
        ([prose(cell) for cell in words.row(sweep, step)] for step in steps),
        len(steps),
        "step",
        rows=None,
    )
    sheet.line(words.ABOUT)
    found = words.policies(sweep)
    if found:
        sheet.heading(2, "Failing tables by policy")
        sheet.table(
            ("Policy", *(f"{words.value(sweep, step)}>" for step in steps)),
            ((code(name), *(f"{each.tables:,}" for each in amounts)) for name, amounts in found),
            len(found),
            "policy",
        )
