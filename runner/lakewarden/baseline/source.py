"""What `--baseline-from` names: a previous report, a previous inventory, or a git reference."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from msgspec import Struct

from lakewarden.git.address import checked_ref
from lakewarden.git.tree import find_commit
from lakewarden.model.baseline import BaselineOrigin
from lakewarden.model.errors import ConfigurationError
from lakewarden_collector.errors import Problem
from lakewarden_collector.file_kinds import FileKind, recognise_file

OPTION: Final = "--baseline-from"
_KINDS: Final = {
    each.value: each
    for each in (BaselineOrigin.REPORT, BaselineOrigin.INVENTORY, BaselineOrigin.GIT)
}
_REMEDY: Final = (
    "Name a JSON report or an inventory that is there, or a branch, a tag or a commit of the "
    "repository that holds the policies and settings, such as origin/main."
)


class BaselineSource(Struct, frozen=True, kw_only=True):
    """What was named, and what it is."""

    origin: BaselineOrigin
    name: str
    """A path, or a git reference."""


def parse_baseline_source(text: str, folder: Path) -> BaselineSource:
    """Tell the three apart; `folder` lies in the repository whose references are meant.

    Raises `ConfigurationError` for what is neither, and for what could be both.
    """
    word, colon, name = text.partition(":")
    if colon and word in _KINDS and name:
        return BaselineSource(origin=_KINDS[word], name=name)
    path = Path(text)
    is_file, is_ref = bool(text) and path.is_file(), _is_ref(folder, text)
    if is_file and is_ref:
        raise ConfigurationError(
            f"{text} is a file and a git reference",
            where=OPTION,
            remedy=f"Write git:{text}, or report:{text} or inventory:{text} for the file.",
        )
    if is_ref:
        return BaselineSource(origin=BaselineOrigin.GIT, name=text)
    if not is_file:
        what = "is a folder" if path.is_dir() and text else "isn't a file or a git reference"
        raise ConfigurationError(f"{text!r} {what}", where=OPTION, remedy=_REMEDY)
    is_report = recognise_file(path) is FileKind.REPORT
    origin = BaselineOrigin.REPORT if is_report else BaselineOrigin.INVENTORY
    return BaselineSource(origin=origin, name=text)


def _is_ref(folder: Path, text: str) -> bool:
    try:
        return find_commit(folder, checked_ref(text, OPTION)) is not None
    except Problem:  # without git, nothing is a reference
        return False
