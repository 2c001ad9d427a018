"""Where the files that ship with Lakewarden are: in the installed package, else in the checkout."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def shipped_policies() -> Path:
    """Return the bundle root of the policies that come with Lakewarden."""
    return _shipped("policies")


def shipped_config() -> Path:
    """Return the directory of the neutral default settings."""
    return _shipped("config")


def _shipped(name: str) -> Path:
    installed = _PACKAGE / name
    return installed if installed.is_dir() else _PACKAGE.parents[1] / name
