"""What fails over the value of a setting, with a small chart."""

from __future__ import annotations

from typing import Final, Literal, TextIO

from lakewarden.model.effect import Sweep, SweepStep
from lakewarden.renderers.console.layout import Sheet, write_sheet
from lakewarden.renderers.words import sweep as words

_WIDE: Final = 24
"""Columns of the longest bar."""


def show_sweep(sweep: Sweep, tables: int, out: TextIO) -> None:
    """Write the figures of each step; colours only on a screen."""
    write_sheet(out, lambda sheet: _fill(sheet, sweep, tables))


def _fill(sheet: Sheet, sweep: Sweep, tables: int) -> None:
    sheet.line(words.headline(sweep, tables), style="bold")
    sheet.line()
    grid = sheet.grid(*words.HEADS, " ")
    for head in (*words.HEADS, ""):
        number = head.endswith(">")
        justify: Literal["right", "left"] = "right" if number else "left"
        grid.add_column(head.removesuffix(">"), justify=justify, no_wrap=True)
    most = max(step.failing.tables for step in sweep.steps)
    for step in sweep.steps:
        style = "bold" if step.present else ""
        grid.add_row(*words.row(sweep, step), _bar(sheet, step, most), style=style)
    sheet.table(grid)
    sheet.line()
    sheet.line(words.ABOUT, style="dim")
    found = words.policies(sweep)
    if found:
        sheet.heading("Failing tables by policy, step by step")
        for name, amounts in found:
            sheet.line(f"{name}: {', '.join(f'{each.tables:,}' for each in amounts)}", indent=2)


def _bar(sheet: Sheet, step: SweepStep, most: int) -> str:
    """Return a bar for a step's failing tables; the longest is that of the most."""
    sign = "#" if sheet.own("…") != "…" else "█"
    if not step.failing.tables:
        return ""
    return sign * max(round(_WIDE * step.failing.tables / most), 1)
