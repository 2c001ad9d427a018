"""Where the demo lakehouse lies."""

from __future__ import annotations

from pathlib import Path

import pytest

from lakewarden_collector.sources.demo.location import default_root

HOME = Path.home()


@pytest.mark.parametrize(
    ("environment", "platform", "expected"),
    [
        ({}, "linux", HOME / ".cache/lakewarden/demo-1"),
        ({"XDG_CACHE_HOME": "/x"}, "linux", Path("/x/lakewarden/demo-1")),
        ({"XDG_CACHE_HOME": "x"}, "linux", HOME / ".cache/lakewarden/demo-1"),
        ({"XDG_CACHE_HOME": ""}, "linux", HOME / ".cache/lakewarden/demo-1"),
        ({"XDG_CACHE_HOME": "/x"}, "darwin", HOME / "Library/Caches/lakewarden/demo-1"),
        ({"LAKEWARDEN_CACHE_DIR": "/c", "XDG_CACHE_HOME": "/x"}, "linux", Path("/c/demo-1")),
        ({"LAKEWARDEN_CACHE_DIR": "/c"}, "darwin", Path("/c/demo-1")),
        ({"LAKEWARDEN_CACHE_DIR": "~/c"}, "linux", HOME / "c/demo-1"),
    ],
)
def test_the_cache_is_where_the_platform_keeps_caches(
    environment: dict[str, str], platform: str, expected: Path
) -> None:
    """The demo would litter the home directory, or ignore the user's choice."""
    assert default_root(environment, platform) == expected
