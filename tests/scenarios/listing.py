"""`make list-scenarios`: every scenario on a line, in columns that survive a pipe."""

from __future__ import annotations

from collections.abc import Sequence

from tests.scenarios.collected import Collected
from tests.scenarios.layers import Layer
from tests.scenarios.scenario_list import Scenario


def table(scenarios: Sequence[Scenario], collected: Collected) -> str:
    """Return the table: scenario, requirement, tests of each layer, what it says."""
    rows = [("scenario", "requirement", *Layer, "what it says")]
    for each in scenarios:
        numbers = (str(collected.tests(each, layer).total()) for layer in Layer)
        rows.append((each.name, each.requirement, *numbers, each.title))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "".join("  ".join(_aligned(row, widths)).rstrip() + "\n" for row in rows)


def _aligned(row: Sequence[str], widths: Sequence[int]) -> list[str]:
    number = range(2, 2 + len(Layer))
    return [
        text.rjust(width) if column in number else text.ljust(width)
        for column, (text, width) in enumerate(zip(row, widths, strict=True))
    ]
