"""The two engines, with the policies that are shipped."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lakewarden.engines.embedded import EmbeddedEngine
from lakewarden.engines.opa.managed import managed
from tests.support import rego
from tests.support.agreement import Decide, asking


@pytest.fixture(scope="session")
def opa() -> Iterator[Decide]:
    with managed(rego.opa_binary(), [rego.POLICIES]) as engine:
        yield asking(engine)


@pytest.fixture(scope="session")
def regorus() -> Iterator[Decide]:
    with EmbeddedEngine([rego.POLICIES]) as engine:
        yield asking(engine)
