"""Whole collections through faults: nothing is lost, nothing is left running, nothing differs."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lakewarden_collector.inventory import LeftOut
from lakewarden_collector.sources.databricks.concurrency.pace import Pace
from lakewarden_collector.sources.interface import ProgressState
from tests.workspace.collecting import NOW, Collected, Heard, collect, judge, threads_left
from tests.workspace.grants import Guarded
from tests.workspace.random_faults import KINDS, RandomFaults
from tests.workspace.server import Workspace
from tests.workspace.synthetic import SyntheticEstate

TABLES = 150
SHARE = 0.3


def _estate() -> SyntheticEstate:
    return SyntheticEstate(TABLES, 8, catalogs=2, band_share=0.2, now=NOW, columns=3)


@pytest.fixture(scope="module")
def undisturbed() -> Collected:
    with Workspace(_estate()) as w:
        return collect(w)


def _reported(left_out: tuple[LeftOut, ...]) -> set[str]:
    """Return what was left out, without the double's address, which is another one each time."""
    return {each.what.split(" of http")[0] for each in left_out}


@pytest.mark.parametrize("seed", range(20))
def test_a_third_of_all_requests_failing_changes_nothing(seed: int, undisturbed: Collected) -> None:
    faults = RandomFaults(seed, SHARE)
    with Workspace(_estate(), behaviours=[faults]) as w:
        got = collect(w)
        assert w.log.running() == []
    assert sum(faults.struck.values()) >= 5, "the faults did strike"
    assert got.documents == undisturbed.documents
    assert got.failures == ()
    assert _reported(got.left_out) == _reported(undisturbed.left_out)
    assert threads_left() == []


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_fault_alone_changes_nothing(kind: str, undisturbed: Collected) -> None:
    with Workspace(_estate(), behaviours=[RandomFaults(1, SHARE, kinds=(kind,))]) as w:
        assert collect(w).documents == undisturbed.documents


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32), after=st.integers(1, 120), share=st.sampled_from([0.0, SHARE]))
def test_interrupted_anywhere_and_resumed_it_is_the_same(
    tmp_path_factory: pytest.TempPathFactory,
    undisturbed: Collected,
    seed: int,
    after: int,
    share: float,
) -> None:
    """The request after which the run is interrupted, and the faults, are drawn."""
    journal = tmp_path_factory.mktemp("journal") / "inventory.ndjson.partial"
    interrupted = False
    with Workspace(_estate(), behaviours=[RandomFaults(seed, share)]) as w:
        try:
            _interrupted(w, journal, after)
        except KeyboardInterrupt:
            interrupted = True
        assert w.log.running() == []
        assert threads_left() == []
        got = collect(w, journal=journal, resume=True)
        assert w.log.running() == []
    assert got.documents == undisturbed.documents
    assert got.failures == ()
    assert interrupted or after > 20, "an early interrupt comes before the end"


def _interrupted(w: Workspace, journal: Path, after: int) -> None:
    paces: list[Pace] = []

    def stop(_: ProgressState) -> None:
        if w.log.count() >= after:
            raise KeyboardInterrupt

    collect(w, watcher=Heard(on_show=stop), journal=journal, paces=paces)


@pytest.mark.parametrize("seed", range(25))
def test_every_known_table_is_decided_or_named_whatever_is_denied(seed: int) -> None:
    """Schemas and tables that may not be read, tables that vanish, figures that are not there."""
    draw = random.Random(seed)  # noqa: S311 -- a test's draw, no secret
    estate = _estate()
    guarded = Guarded(estate)
    parts = [estate.parts_of(number) for number in range(TABLES)]
    unknowable: set[tuple[str, str, str]] = set()
    for number, each in enumerate(parts):
        fate = draw.choice(["none"] * 6 + ["select", "hidden", "browsed", "dropped"])
        match fate:
            case "select":
                guarded.revoke_select(*each)
            case "hidden":
                guarded.hide(*each)
                if estate.metric_bytes_of(number) is None:
                    unknowable.add(each)
            case "browsed":
                guarded.browse(*each)
            case "dropped":
                guarded.drop(*each)
    revoked = draw.choice(parts)[:2]
    draw.choice([guarded.revoke_schema, guarded.drop_schema])(*revoked)
    with Workspace(guarded) as w:
        got = collect(w)
        assert w.log.running() == []
    schema = f"schema {'.'.join(revoked)}"
    named = {name.removeprefix("table ") for name in got.named()}
    for each in set(parts) - unknowable:
        # A schema that shows nobody its tables is named itself.
        assert ".".join(each) in named or (each[:2] == revoked and schema in named)
    assert all(failure.reason and failure.remedy for failure in got.failures)
    undecided = [d for d in got.documents if judge([d])[0].wants]
    assert all(d.evidence["size"].reason for d in undecided)
