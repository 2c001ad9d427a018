"""The policies that the scenarios are about, decided in this process: no OPA, no network."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from lakewarden.engines.embedded import EmbeddedEngine
from lakewarden.resources import shipped_policies
from tests.unit.scenarios.judging import Decide, Judge


@pytest.fixture(scope="session")
def judge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Judge]:
    """Return what decides about documents by the shipped policies."""
    with EmbeddedEngine([shipped_policies()]) as engine:
        yield Judge(engine, tmp_path_factory.mktemp("settings"))


def _policy(name: str) -> Callable[..., Decide]:
    """Make the fixture that decides by one clustering policy."""

    @pytest.fixture(scope="session", name=name)
    def about(judge: Judge) -> Decide:
        return judge.about(f"clustering.{name}")

    return about


auto_optimize_complete = _policy("auto_optimize_complete")
auto_possible = _policy("auto_possible")
exclusion_justified = _policy("exclusion_justified")
frequently_read = _policy("frequently_read")
key_limit = _policy("key_limit")
keys_exist = _policy("keys_exist")
keys_follow_standard = _policy("keys_follow_standard")
keys_have_statistics = _policy("keys_have_statistics")
no_exclusion_conflict = _policy("no_exclusion_conflict")
partitioned_table = _policy("partitioned_table")
single_strategy = _policy("single_strategy")
strategy_required = _policy("strategy_required")
