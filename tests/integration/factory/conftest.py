"""A workspace around the estate that a module makes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.integration.factory.plain_estate import PlainEstate
from tests.workspace.server import Workspace


@pytest.fixture
def workspace(estate: PlainEstate) -> Iterator[Workspace]:
    with Workspace(estate) as opened:
        yield opened
