"""Runs the tests of scenarios, a pytest of its own for each layer."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Sequence
from types import FrameType
from typing import Final

from tests.scenarios.catalogue import ROOT, Scenario
from tests.scenarios.layers import Layer, Mode

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
        codes.append(_pytest(_arguments(scenario, layer, mode, where)))
        if codes[-1] == INTERRUPTED or (codes[-1] and mode is Mode.FAILFAST):
            break
    return next((code for code in (INTERRUPTED, _FAILED, *codes) if code and code in codes), 0)


def _arguments(
    scenario: Scenario | None, layer: Layer, mode: Mode, where: Sequence[str]
) -> list[str]:
    marked = ["-m", scenario.marker] if scenario else []
    return [layer.folder, *marked, "-p", "tests.scenarios.judged", *mode.options, *where]


def _pytest(arguments: Sequence[str]) -> int:
    """Run pytest to its end: an interrupt or a termination is its own to clean up after."""
    process = subprocess.Popen([sys.executable, "-m", "pytest", *arguments], cwd=ROOT)

    def pass_on(number: int, _: FrameType | None) -> None:
        process.send_signal(number)

    before = signal.signal(signal.SIGTERM, pass_on)
    try:
        while True:
            try:
                code = process.wait()
            except KeyboardInterrupt:  # it has had the terminal's own, and tidies up
                continue
            return INTERRUPTED if code in (2, -signal.SIGTERM) else code
    finally:
        signal.signal(signal.SIGTERM, before)
