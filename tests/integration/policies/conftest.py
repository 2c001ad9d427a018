"""The two engines, with the policies that are shipped."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lakewarden.engines.embedded import EmbeddedEngine
from lakewarden.engines.interface import Engine
from lakewarden.engines.opa_managed import managed
from tests.data import rego


@pytest.fixture(scope="session")
def opa_engine() -> Iterator[Engine]:
    with managed(rego.opa_binary(), [rego.POLICIES]) as engine:
        yield engine


@pytest.fixture(scope="session")
def embedded_engine() -> Iterator[Engine]:
    with EmbeddedEngine([rego.POLICIES]) as engine:
        yield engine
