"""Where a collection keeps its journal.

About `workspace.py`.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from lakewarden.model.errors import ConfigurationError
from lakewarden.options.workspace import WorkspaceOptions
from lakewarden.origin import parse_origin


def _journal(inventory: Path | None, *, resume: bool = False) -> Path | None:
    asked = WorkspaceOptions(resume=resume)
    options = asked.applied_to(parse_origin("databricks"), inventory).workspace
    assert options is not None
    assert options.resume == resume
    return options.journal


def test_the_journal_stands_beside_the_inventory(tmp_path: Path) -> None:
    """Anyone who looks for the one finds the other."""
    file = tmp_path / "inventory.ndjson"
    assert _journal(file) == tmp_path / "inventory.ndjson.partial"
    file.write_text("an older one")
    assert _journal(file, resume=True) == tmp_path / "inventory.ndjson.partial"
    assert _journal(None) is None


def test_behind_a_link_it_stands_where_the_file_is(tmp_path: Path) -> None:
    """The folder of a link may be one in which nobody may write."""
    (tmp_path / "data").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "data" / "inventory")
    assert _journal(tmp_path / "link") == tmp_path / "data" / "inventory.partial"


@pytest.mark.parametrize("kind", ["pipe", "device", "link to a device"])
def test_what_is_no_file_has_no_journal(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "target"
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "device":
        path = Path("/dev/null")
    else:
        path.symlink_to("/dev/null")
    assert _journal(path) is None
    with pytest.raises(ConfigurationError, match="nothing to continue"):
        _journal(path, resume=True)


def test_without_a_file_there_is_nothing_to_continue() -> None:
    with pytest.raises(ConfigurationError, match="nothing to continue") as caught:
        _journal(None, resume=True)
    assert "-o FILE" in caught.value.remedy
