"""An OPA for the tests: the one that `lakewarden opa which` would name, or the checkout's own."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from lakewarden.engines.install.install import find_opa
from tests.integration.engines.running_opa import running

CHECKOUT = Path(__file__).parents[3]


@pytest.fixture(scope="session")
def opa() -> Path:
    own = CHECKOUT / ".tools" / "bin" / "opa"
    if "LAKEWARDEN_OPA" not in os.environ and own.is_file():
        return own
    found = find_opa()
    if found is None:
        pytest.fail("no OPA: run `lakewarden opa install`, or set LAKEWARDEN_OPA")
    return found.path


@pytest.fixture
def server(opa: Path) -> Iterator[str]:
    """Return the URL of a server that holds nothing."""
    with running(opa) as url:
        yield url


@pytest.fixture
def scratch(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Give the test a temporary directory of its own, to see what is left in it.

    Its path is short: in `tmp_path`, whose length differs from run to run, a socket may not fit.
    """
    with tempfile.TemporaryDirectory(prefix="lw-", dir="/tmp") as directory:
        monkeypatch.setattr("tempfile.tempdir", directory)
        yield Path(directory)
