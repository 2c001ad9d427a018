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


def are_installed() -> bool:
    """Whether the shipped files lie in an installed package, and not in a checkout."""
    return (_PACKAGE / "policies").is_dir()


def called(file: Path) -> str:
    """Return what a message calls a file: what ships with Lakewarden isn't the user's."""
    root = shipped_policies()
    if not file.resolve().is_relative_to(root):
        return str(file)
    place = file.resolve().relative_to(root)
    match place.parts:
        case ("lakewarden", "tables" | "waivers", domain, policy, _):
            return f"the policy {domain}.{policy}, which comes with Lakewarden"
        case ("lakewarden", "tables" | "waivers", domain, _):
            return f"the domain {domain}, which comes with Lakewarden"
    return f"{place.as_posix()}, which comes with Lakewarden"


def _shipped(name: str) -> Path:
    installed = _PACKAGE / name
    return installed if installed.is_dir() else _PACKAGE.parents[1] / name
