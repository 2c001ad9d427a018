"""What an evidence pack holds, and what its manifest says of it.

A pack is a ZIP file. Its comment, the file's last bytes, is the SHA-256 of all bytes before it.
"""

from __future__ import annotations

from typing import Final

import msgspec
from msgspec import UNSET, Struct, UnsetType

from lakewarden.model.decision import Severity
from lakewarden.model.report import Digests, Gate, PinnedSource
from lakewarden_collector.decoding import decoder

PACK_VERSION: Final = 1

MANIFEST: Final = "manifest.json"
INVENTORY: Final = "inventory.ndjson"
DECISIONS: Final = "decisions.ndjson"
POLICIES: Final = "policies/"
CONFIG: Final = "config/"
BASELINE: Final = "baseline.txt"
"""The baseline's name among the settings."""
BASELINE_BEFORE: Final = "baseline-before.txt"
"""The name of what the ratchet compares it with."""


class PackedFile(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A file of the pack: its path in there, its length in bytes and its SHA-256 in hex."""

    path: str
    bytes: int
    sha256: str


class PackedEngine(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who decided. `binary` is the program's digest, as `sha256:<hex>`, where it ran here."""

    name: str
    version: str
    binary: str | UnsetType = UNSET


class Arguments(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the run was asked, as on the command line: it takes part in decisions and gate."""

    tables: tuple[str, ...] = ()
    policies: tuple[str, ...] = ()
    allow: tuple[str, ...] = ()
    min_coverage: float | None = None
    no_gate: bool = False
    fail_on: Severity | None = None
    ratchet_against: str = ""
    """The reference and commit that the baseline was compared with; empty without one."""
    strict_waivers: bool = False


class Counts(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the pack's files must come to: lines of the inventory, tables and decisions."""

    documents: int
    failures: int
    tables: int = 0
    decisions: dict[str, int] = {}
    """Outcome to number of decisions; every outcome is present."""


class Manifest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The manifest: where the decisions come from, and what the files are.

    `clock` is the time that ages and expiries were counted from, RFC 3339. `digests` are those of
    the report. `files` are all others of the pack, by their paths.
    """

    pack_version: int
    tool_version: str
    engine: PackedEngine
    clock: str
    source: str
    scope: str
    arguments: Arguments
    digests: Digests
    counts: Counts
    gate: Gate
    policy_sources: tuple[PinnedSource, ...] | UnsetType = UNSET
    """Where policies that aren't Lakewarden's own came from; they are in the pack."""
    files: tuple[PackedFile, ...] = ()


_decode: Final = decoder(Manifest).decode


class _Version(Struct):
    pack_version: int


_decode_version: Final = decoder(_Version).decode


def encode_manifest(manifest: Manifest) -> bytes:
    """Return the manifest as a file that a person can read, the same bytes each time."""
    return msgspec.json.format(msgspec.json.encode(manifest, order="deterministic"), indent=2)


def decode_manifest(data: bytes) -> Manifest:
    """Read a manifest. Raises `ValueError` for what isn't one, or one of another version."""
    try:
        version = _decode_version(data).pack_version
        if version != PACK_VERSION:
            raise ValueError(f"it has version {version}; this Lakewarden reads {PACK_VERSION}")
        return _decode(data)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise ValueError(str(error)) from error
