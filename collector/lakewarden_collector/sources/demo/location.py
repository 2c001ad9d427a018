"""Where the demo's things lie: its tables in the user's cache, its settings in this package."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

_FOLDER: Final = "demo-1"
"""Counted up where an older Lakewarden could not live with the lakehouse that a newer one made."""


def default_root(environment: Mapping[str, str] = os.environ, platform: str = sys.platform) -> Path:
    """Return the demo lakehouse's directory below the user's cache.

    That is `$LAKEWARDEN_CACHE_DIR`, else on macOS `~/Library/Caches/lakewarden`, else
    `$XDG_CACHE_HOME/lakewarden` or `~/.cache/lakewarden`. A relative `XDG_CACHE_HOME` is ignored,
    as the XDG base directory specification asks.
    """
    if chosen := environment.get("LAKEWARDEN_CACHE_DIR"):
        return Path(chosen).expanduser().absolute() / _FOLDER
    if platform == "darwin":
        return Path.home() / "Library" / "Caches" / "lakewarden" / _FOLDER
    xdg = Path(environment.get("XDG_CACHE_HOME", ""))
    return (xdg if xdg.is_absolute() else Path.home() / ".cache") / "lakewarden" / _FOLDER


def demo_config_dir() -> Path:
    """Return the directory with the demo's own settings and waivers."""
    return Path(__file__).parent / "config"
