"""The demo lakehouse, made once for all of its tests."""

from __future__ import annotations

import pytest

from lakewarden_collector.sources.demo.lakehouse import DemoLakehouse, build_demo


@pytest.fixture(scope="session")
def lakehouse(tmp_path_factory: pytest.TempPathFactory) -> DemoLakehouse:
    """Return a demo lakehouse that no test may change."""
    return build_demo(tmp_path_factory.mktemp("demo") / "lake", lambda _: None)
