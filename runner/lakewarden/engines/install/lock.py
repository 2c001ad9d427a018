"""The pinned OPA: `opa.lock` beside this file, typed."""

from __future__ import annotations

import platform
import sys
from importlib import resources
from typing import Final

import msgspec
from msgspec import Struct

from lakewarden_collector.decoding import Converter


class GoModule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """OPA's source for `go install`, its checksum, and the wheel that brings a Go toolchain."""

    module: str
    sum: str
    toolchain: str


class Lock(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What `opa.lock` pins.

    `assets` and `sha256` are keyed by `<os>-<architecture>` in Go's words, for example
    `linux-amd64`; `sha256` holds only what was recorded.
    """

    version: str
    minimum: str
    releases: str
    assets: dict[str, str]
    sha256: dict[str, str]
    go: GoModule


_to_lock: Final = Converter(Lock)


def read_lock() -> Lock:
    """Return the pins that ship with this version of Lakewarden."""
    text = (
        resources.files("lakewarden.engines.install")
        .joinpath("opa.lock")
        .read_text(encoding="utf-8")
    )
    return _to_lock(msgspec.toml.decode(text))


def this_platform() -> str:
    """Return this machine as the lock names it; OPA may have no release for it."""
    machine = platform.machine().lower()
    architecture = {"x86_64": "amd64", "aarch64": "arm64"}.get(machine, machine)
    return f"{sys.platform}-{architecture}"
