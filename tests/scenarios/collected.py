"""Which tests prove which scenario in which layer, as pytest collects them."""

from __future__ import annotations

import contextlib
import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest
from msgspec import Struct
from pytest_bdd.scenario import scenario_wrapper_template_registry

from tests.scenarios.layers import Layer
from tests.scenarios.scenario_list import Scenario
from tests.support.commandline import REPOSITORY

Proofs = dict[tuple[str, Layer], Counter[tuple[str, str]]]
"""Marker and layer to how many cases each test has, by file and name; a feature's own words are
the name of what is written there."""


class CollectionError(Exception):
    """Some test module could not be imported, or a test belongs to no scenario."""


class Collected(Struct, frozen=True, kw_only=True):
    """The tests of all scenarios; `homeless` are those in a layer that belong to none."""

    proofs: Proofs
    homeless: tuple[str, ...]

    def tests(self, scenario: Scenario, layer: Layer) -> Counter[tuple[str, str]]:
        """Return how many cases each test of a scenario's layer has, by file and name."""
        return self.proofs.get((scenario.marker, layer), Counter())


class _Collector:
    def __init__(self) -> None:
        self.items: Sequence[pytest.Item] = ()

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self.items = session.items


def collect(scenarios: Sequence[Scenario]) -> Collected:
    """Let pytest collect the layers without running them; raises `CollectionError`."""
    collector = _Collector()
    here = os.getcwd()  # noqa: PTH109 -- given back to chdir as it was
    os.chdir(REPOSITORY)
    try:
        with open(os.devnull, "w") as nothing, contextlib.redirect_stdout(nothing):  # noqa: PTH123 -- a device
            code = pytest.main(
                ["--collect-only", "-qq", "-p", "no:cacheprovider", *(x.folder for x in Layer)],
                plugins=[collector],
            )
    finally:
        os.chdir(here)
    if code != pytest.ExitCode.OK:
        raise CollectionError(
            "the tests cannot be collected; `python -m pytest --collect-only` says why"
        )
    found = _sorted_out(collector.items, {each.marker for each in scenarios})
    if found.homeless:
        raise CollectionError(
            f"no scenario's marker is on {', '.join(found.homeless)}; mark them, or move them out"
            " of the layers' folders"
        )
    return found


def _sorted_out(items: Sequence[pytest.Item], markers: set[str]) -> Collected:
    proofs: Proofs = {}
    homeless: list[str] = []
    for item in items:
        file = item.path.relative_to(REPOSITORY).as_posix()
        layer = Layer.of(file)
        own = markers & {mark.name for mark in item.iter_markers()}
        for each in own:
            proofs.setdefault((each, layer), Counter())[_name(item, file)] += 1
        if not own:
            homeless.append(item.nodeid)
    return Collected(proofs=proofs, homeless=tuple(homeless))


def _name(item: pytest.Item, file: str) -> tuple[str, str]:
    """Return a test's file and name; what a feature file says goes by that file and its words."""
    written = scenario_wrapper_template_registry.get(item.obj) if hasattr(item, "obj") else None
    if written is None:
        return file, getattr(item, "originalname", item.name)
    return Path(written.feature.filename).relative_to(REPOSITORY).as_posix(), written.name
