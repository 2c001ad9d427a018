"""Runs the tests of scenarios, a pytest of its own for each layer."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Final

from tests.scenarios.child import run_pytest
from tests.scenarios.layers import Layer, Mode
from tests.scenarios.scenario_list import Scenario

INTERRUPTED: Final = 130
_FAILED: Final = 1


def run(
    scenario: Scenario | None, layers: Sequence[Layer], mode: Mode, where: Sequence[str]
) -> int:
    """Run the layers one after another and return the exit code of all of them.

    Without a scenario, all of them are run. `where` are pytest's options of `options.py`. The code
    is 0 where all passed, 1 where a test failed, 3 where a layer could judge nothing, 130 after an
    interrupt, else pytest's own.
    """
    about = f"{scenario.name}: {scenario.title}" if scenario else "all scenarios"
    codes: list[int] = []
    for layer in layers:
        sys.stderr.write(f"==> {layer} layer ({layer.says}), {about}\n")
        ended = run_pytest(_arguments(scenario, layer, mode, where))
        codes.append(INTERRUPTED if ended.interrupted else ended.code)
        if codes[-1] == INTERRUPTED or (codes[-1] and mode is Mode.FAILFAST):
            break
    return next((code for code in (INTERRUPTED, _FAILED, *codes) if code and code in codes), 0)


def _arguments(
    scenario: Scenario | None, layer: Layer, mode: Mode, where: Sequence[str]
) -> list[str]:
    marked = ["-m", scenario.marker] if scenario else []
    return [layer.folder, *marked, "-p", "tests.scenarios.judged", *mode.options, *where]
