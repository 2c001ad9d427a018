"""The words for what fails over the value of a setting, the same in every format."""

from __future__ import annotations

from typing import Final

from lakewarden.model.effect import Sweep, SweepStep
from lakewarden.model.insight import Amount
from lakewarden.renderers.words import insight, wording
from lakewarden_collector.counted import counted

HEADS: Final = ("Value", "Failing>", "Data>", "Unknown>", "Non-compliant>", "Exit>")

ABOUT: Final = (
    "Failing: tables that fail a policy that reads the setting, mandatory or advisory. Unknown: "
    "decisions of these policies that can't be made. Non-compliant: tables that break any "
    "mandatory policy. Exit: what an evaluation exits with."
)


def headline(sweep: Sweep, tables: int) -> str:
    """Say what was swept: `naming.longest from 10 to 40, over 41 tables`."""
    first, last = sweep.steps[0], sweep.steps[-1]
    return (
        f"{sweep.setting} from {value(sweep, first)} to {value(sweep, last)}, over "
        f"{counted(tables, 'table')}"
    )


def value(sweep: Sweep, step: SweepStep) -> str:
    """Write a step's value; a number of bytes in units."""
    return insight.setting(sweep.setting.partition(".")[2], step.value)


def row(sweep: Sweep, step: SweepStep) -> tuple[str, ...]:
    """Return the cells of a step."""
    now = " (now)" if step.present else ""
    return (
        f"{value(sweep, step)}{now}",
        f"{step.failing.tables:,}",
        wording.known_size(step.failing) if step.failing.tables else "",
        f"{step.undecided:,}",
        f"{step.non_compliant:,}",
        str(step.exit_code),
    )


def policies(sweep: Sweep) -> list[tuple[str, list[Amount]]]:
    """Return the policies whose failures differ between steps, with those of each step."""
    names = sweep.steps[0].by_policy
    found = [(name, [step.by_policy[name] for step in sweep.steps]) for name in names]
    return [(name, some) for name, some in found if len({each.tables for each in some}) > 1]
