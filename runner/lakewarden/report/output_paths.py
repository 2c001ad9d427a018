"""What a run writes must not be what it reads, nor two of its outputs the same file.

Files are compared by what they are: device and number, so that links, bind mounts and the spelling
of a path don't matter. What isn't there yet is its folder and its name. Pipes and devices are never
overwritten, and several outputs can share one.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from msgspec import Struct

from lakewarden.model.errors import ConfigurationError
from lakewarden.report.atomic_file import stream_number

_LOG_FOLDER: Final = "_delta_log"

_STREAMS: Final = ("standard input", "standard output", "standard error")

Identity = tuple[int, int, str]
"""Device, number, and the name in that folder for a file that isn't there yet."""


class Output(Struct, frozen=True, kw_only=True):
    """A file that will be written: the option that names it, and what it is in a message."""

    option: str
    what: str
    path: Path | int
    """A path, or the number of an open stream."""
    is_table: bool = False
    """Whether it's the folder of a Delta table, whose VACUUM removes all other files in it."""


class Input(Struct, frozen=True, kw_only=True):
    """A file that is read, or a folder of files that are read."""

    what: str
    path: Path | int
    below: tuple[str, ...] = ()
    """For a folder: patterns of the files in it that are read, as `Path.match` has them."""


def check_outputs(outputs: Iterable[Output], inputs: Iterable[Input]) -> None:
    """Raise `ConfigurationError` for an output that would destroy an input or another output."""
    places: dict[Identity, Output] = {}
    sources = [(each, _identity(each.path)) for each in inputs]
    outputs = list(outputs)
    tables = [each for each in outputs if each.is_table]
    for output in outputs:
        _refuse_table(output)
        _refuse_inside(output, tables)
        own = _identity(output.path)
        if own is None:
            continue
        for source, other in sources:
            if own == other or _is_below(output.path, source):
                raise ConfigurationError(
                    f"{output.what} would overwrite {source.what} {_shown(source.path)}",
                    where=output.option,
                    remedy="Write the output to a different file.",
                )
        if own in places and not (_is_stream(places[own]) and _is_stream(output)):
            raise ConfigurationError(
                _twice(places[own], output),
                where=output.option,
                remedy="Give each of them its own file.",
            )
        places[own] = output


def _twice(first: Output, second: Output) -> str:
    if first.option == second.option == "--report":
        return f"two reports would both go to {_shown(second.path)}"
    return f"{first.what} and {second.what} would both go to {_shown(second.path)}"


def _identity(path: Path | int) -> Identity | None:
    """Return what a file is; None for what isn't a regular file, or can't be looked at."""
    try:
        status = os.stat(path)  # noqa: PTH116 -- a number as well
    except FileNotFoundError:
        return _new(path) if isinstance(path, Path) else None
    except (OSError, ValueError):
        return None  # it is refused when it is opened
    return (status.st_dev, status.st_ino, "") if stat.S_ISREG(status.st_mode) else None


def _new(path: Path) -> Identity | None:
    real = Path(os.path.realpath(path))  # as it is opened: `absent/../file` is the file
    try:
        if real.exists():
            return _identity(real)
        folder = real.parent.stat()
    except (OSError, ValueError):
        return None
    name = real.name.casefold() if _ignores_case(real.parent) else real.name
    return folder.st_dev, folder.st_ino, name


def _ignores_case(folder: Path) -> bool:
    """Return whether a folder is the same under its name in the other case."""
    other = folder.with_name(folder.name.swapcase()) if folder.name else folder
    try:
        return other != folder and other.samefile(folder)
    except OSError:
        return False


def _is_stream(output: Output) -> bool:
    return isinstance(output.path, int) or stream_number(output.path) is not None


def _is_below(output: Path | int, source: Input) -> bool:
    if isinstance(output, int) or isinstance(source.path, int) or not source.below:
        return False
    real, folder = Path(os.path.realpath(output)), Path(os.path.realpath(source.path))
    for parent in real.parents:
        try:
            same = parent.samefile(folder)
        except OSError:
            continue
        if same:
            inside = real.relative_to(parent)
            return any(inside.match(pattern) for pattern in source.below)
    return False


def _refuse_table(output: Output) -> None:
    """Refuse an output in the log of a Delta table: its readers would take it for a part of it."""
    if isinstance(output.path, Path) and _LOG_FOLDER in Path(os.path.realpath(output.path)).parts:
        raise ConfigurationError(
            f"{output.what} would be inside the log of a Delta table",
            where=output.option,
            remedy="Name a file outside the table's folder.",
        )


def _refuse_inside(output: Output, tables: Iterable[Output]) -> None:
    if not isinstance(output.path, Path):
        return
    parents = Path(os.path.realpath(output.path)).parents
    for table in tables:
        if isinstance(table.path, Path) and Path(os.path.realpath(table.path)) in parents:
            raise ConfigurationError(
                f"{output.what} would be inside of {table.what} {_shown(table.path)}",
                where=output.option,
                remedy="Name a file outside of that folder.",
            )


def _shown(path: Path | int) -> str:
    if isinstance(path, int):
        return dict(enumerate(_STREAMS)).get(path, f"/dev/fd/{path}")
    return str(path)
