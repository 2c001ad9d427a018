"""What differs between two reports, or two versions of the rules, as JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from tempfile import TemporaryFile
from typing import Final, TextIO

import msgspec

from lakewarden.model.diff import DIFF_SCHEMA_VERSION, ChangedViolation, Diff
from lakewarden.model.effect import EFFECT_SCHEMA_VERSION, Effect, Sweep

_encode: Final = msgspec.json.Encoder(order="deterministic").encode


def write_diff_json(
    figures: Callable[[], Diff], changes: Iterable[ChangedViolation], out: TextIO
) -> None:
    """Write a diff; `figures` returns them once the violations were read."""
    _write(DIFF_SCHEMA_VERSION, figures, changes, out)


def write_effect_json(
    figures: Callable[[], Effect], changes: Iterable[ChangedViolation], out: TextIO
) -> None:
    """Write what changed rules do; `figures` returns it once the violations were read."""
    _write(EFFECT_SCHEMA_VERSION, figures, changes, out)


def write_sweep_json(sweep: Sweep, about: dict[str, str | int], out: TextIO) -> None:
    """Write a sweep; `about` is what its document says beside it."""
    whole = {"schema_version": EFFECT_SCHEMA_VERSION, **about, **msgspec.structs.asdict(sweep)}
    out.write(f"{msgspec.json.format(_encode(whole), indent=2).decode()}\n")


def _write(
    version: int,
    figures: Callable[[], Diff | Effect],
    changes: Iterable[ChangedViolation],
    out: TextIO,
) -> None:
    """Write the figures first; the violations wait on the disk until these are known."""
    with TemporaryFile() as kept:
        for each in changes:
            kept.write(_encode(each) + b"\n")
        kept.seek(0)
        found = _encode(figures()).decode()
        out.write(f'{{"schema_version":{version},\n{found[1:-1]},\n"violations":[')
        before = "\n"
        for line in kept:
            out.write(before + line.decode().rstrip("\n"))
            before = ",\n"
        out.write("\n]}\n" if before != "\n" else "]}\n")
