"""Plans as `terraform show -json` writes them: found, read, and told from what they are not."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from glob import glob, has_magic
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import Struct

from lakewarden_collector.errors import SourceError, WrongInputError
from lakewarden_collector.file_kinds import (
    HEAD,
    HOW,
    FileKind,
    Wanted,
    recognise,
    wrong_input,
)

STANDARD_INPUT: Final = "standard input"
COMMANDS: Final = HOW[Wanted.TERRAFORM_PLAN]

_BOM: Final = b"\xef\xbb\xbf"
_VERSION: Final = re.compile(r"1(\.\d+)*")


class Plan(Struct, frozen=True, kw_only=True):
    """One plan: where it was read, the folder whose `.tf` files it may be of, and its JSON."""

    where: str
    folder: Path
    content: dict[str, Any]


def find_plans(location: str) -> Sequence[str]:
    """Return the files that a path or glob names, or `-`, in the order of their names.

    Raises `WrongInputError` where there are none.
    """
    if location == "-" or not has_magic(location) or Path(location).exists():
        return [location]
    found = sorted(path for path in glob(location, recursive=True) if Path(path).is_file())  # noqa: PTH207 -- the location may be absolute
    if not found:
        raise WrongInputError("no file matches", where=location, remedy=COMMANDS)
    return found


def read_plan(path: str) -> Plan:
    """Read one plan, `-` from standard input.

    Raises `WrongInputError` for what isn't one, and `SourceError` where it can't be read.
    """
    where = STANDARD_INPUT if path == "-" else path
    if path != "-" and Path(path).is_dir():
        raise _wrong(FileKind.FOLDER, where)
    try:
        data = sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
    except FileNotFoundError as error:
        raise WrongInputError("there is no such file", where=where, remedy=COMMANDS) from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        remedy = "Make the file readable, or write it again. " + COMMANDS
        raise SourceError(f"can't be read: {reason}", where=where, remedy=remedy) from error
    folder = Path() if path == "-" else Path(path).parent
    return Plan(where=where, folder=folder, content=_plan(data, where))


def _plan(data: bytes, where: str) -> dict[str, Any]:
    kind = recognise(data[:HEAD], whole=len(data) <= HEAD)
    try:
        content = msgspec.json.decode(data.removeprefix(_BOM))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        if kind not in {None, FileKind.TERRAFORM_PLAN, FileKind.SPREAD_JSON}:
            raise _wrong(kind, where) from error
        what = f"isn't a whole Terraform plan in JSON: {error}"
        raise WrongInputError(what, where=where, remedy=COMMANDS) from error
    if not isinstance(content, dict):
        raise _wrong(FileKind.OTHER_JSON, where)
    if "resource_changes" in content and "format_version" in content:
        _check_version(content["format_version"], where)
        if isinstance(content["resource_changes"], list):
            return content
        what = "isn't a Terraform plan: its `resource_changes` aren't a list"
        raise WrongInputError(what, where=where, remedy=COMMANDS)
    if kind is FileKind.TERRAFORM_STATE or "values" in content or content.keys() <= _SHOWN:
        raise _wrong(FileKind.TERRAFORM_STATE, where)
    if kind is FileKind.TERRAFORM_PLAN or content.keys() & {"format_version", "resource_changes"}:
        lacks = "resource_changes" if "format_version" in content else "format_version"
        what = f"isn't a plan that can be decided: it has no `{lacks}`"
        raise WrongInputError(what, where=where, remedy=COMMANDS)
    raise _wrong(kind or FileKind.OTHER_JSON, where)


_SHOWN: Final = frozenset({"format_version", "terraform_version"})
"""All that `terraform show -json` without a file says where there is no state."""


def _check_version(version: object, where: str) -> None:
    if isinstance(version, str) and _VERSION.fullmatch(version):
        return
    text = version if isinstance(version, str) else msgspec.json.encode(version).decode()
    raise WrongInputError(
        f"is a Terraform plan of format version {text[:40]}; this Lakewarden reads version 1",
        where=where,
        remedy=f"{COMMANDS} Terraform writes version 1 since 1.1; a newer version needs a newer "
        "Lakewarden.",
    )


def _wrong(kind: FileKind, where: str) -> WrongInputError:
    return wrong_input(kind, Wanted.TERRAFORM_PLAN, where)
