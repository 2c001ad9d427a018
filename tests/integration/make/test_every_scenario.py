"""Every scenario through `make test-scenario`, all layers, on a workspace that is only an address.

Were one to fail, what a user runs against a workspace would not be what `make test` proves; and
were a layer blind to a broken rule, it would prove nothing.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.integration.spark.java import java_trouble
from tests.scenarios.layers import Layer
from tests.scenarios.sabotage import MUTATIONS
from tests.scenarios.scenario_list import scenarios
from tests.support.commandline import REPOSITORY, in_checkout

pytestmark = [
    pytest.mark.opa,
    pytest.mark.skipif(shutil.which("make") is None, reason="needs make"),
    pytest.mark.skipif(bool(java_trouble()), reason="needs Java"),
]

ESTATE: Final = Path(__file__).with_name("estate.sql")
SCHEMA: Final = "main.pytest_test_data"
SETTINGS: Final = "size_threshold_bytes: 100000\n"
"""Tables of this size are made in a second."""


@pytest.fixture(scope="module")
def workspace() -> Iterator[dict[str, str]]:
    """Start a workspace in a process of its own; return the variables that lead to it."""
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.workspace.spark_server", "--sql", str(ESTATE)],
        cwd=REPOSITORY,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdout is not None
    try:
        lines = [server.stdout.readline().strip() for _ in range(3)]
        yield dict(line.split("=", 1) for line in lines)
    finally:
        server.terminate()
        server.communicate(timeout=60)


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("config")
    (folder / "clustering_config.yaml").write_text(SETTINGS)
    return folder


def test_a_layer_of_a_scenario_is_one_command(tmp_path: Path) -> None:
    """Without a workspace: the first thing that somebody tries."""
    ended = _make(
        *("test-scenario", "SCENARIO=small-tables-auto-exemption", "LAYER=unit"), home=tmp_path
    )
    output = ended.stdout + ended.stderr
    assert ended.returncode == 0, output
    assert re.search(r"^=+ \d+ passed\b", ended.stdout, re.MULTILINE), output


@pytest.mark.nightly
@pytest.mark.parametrize("scenario", ["small-tables-auto-exemption", "all"])
def test_a_scenario_passes_in_all_layers(
    scenario: str, workspace: dict[str, str], config: Path, tmp_path: Path
) -> None:
    """All of them in one run for each layer: a run of its own for each would take ten minutes."""
    reported = tmp_path / "told"
    ended = _make(
        "test-scenario",
        *(f"SCENARIO={scenario}", "LAYER=all", "SOURCE=databricks", f"TABLES_IN={SCHEMA}"),
        f"ARGS=--config {config}",
        home=tmp_path,
        PYTEST_ADDOPTS="-p tests.integration.make.reported",
        REPORTED_INTO=str(reported),
        **workspace,
    )
    output = ended.stdout + ended.stderr
    assert ended.returncode == 0, output
    outcomes: dict[tuple[str, str], Counter[str]] = {}
    for line in reported.read_text().splitlines():
        layer, marker, outcome = line.split()
        outcomes.setdefault((marker, layer), Counter())[outcome] += 1
    asked = {each.marker for each in scenarios() if scenario in (each.name, "all")}
    assert asked
    assert outcomes.keys() >= {(marker, layer) for marker in asked for layer in Layer}
    assert all(outcomes[marker, layer]["passed"] for marker in asked for layer in Layer), outcomes
    assert not any(each["failed"] for each in outcomes.values()), outcomes


@pytest.mark.nightly
def test_every_layer_notices_a_broken_rule(
    workspace: dict[str, str], config: Path, tmp_path: Path
) -> None:
    where = (
        f"--exitfirst --source=databricks --tables-in={SCHEMA}"
        f" --evaluate-with=--config --evaluate-with={config}"
    )
    ended = _make("sabotage", f"ARGS=-- {where}", home=tmp_path, **workspace)
    output = ended.stdout + ended.stderr
    assert ended.returncode == 0, output
    assert ended.stdout.count(": passes") == len(Layer), output
    for mutation in MUTATIONS:
        for layer in Layer:
            reported = ended.stdout.partition(f"{mutation.says}, {layer}: noticed by\n  ")[2]
            assert reported.startswith(layer.folder), output


def _make(target: str, *words: str, home: Path, **changes: str) -> subprocess.CompletedProcess[str]:
    command = ("make", "--no-print-directory", target, *words)
    return in_checkout(*command, home=home, timeout=900, **changes)
