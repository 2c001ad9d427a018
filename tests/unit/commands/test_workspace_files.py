"""Where a collection keeps its journal, and how shares of an estate are read.

About `workspace.py`.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from lakewarden.commands.workspace import Asked, share
from lakewarden.model.errors import ConfigurationError
from lakewarden.origin import parse_origin


def _journal(inventory: Path | None, *, resume: bool = False) -> Path | None:
    asked = Asked(profile=None, warehouse_id=None, include=None, exclude=None, resume=resume)
    options = asked.of(parse_origin("databricks"), inventory).workspace
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


@pytest.mark.parametrize(
    ("text", "value"),
    [("0.95", 0.95), ("95%", 0.95), (" 95 % ", 0.95), ("1", 1), ("0", 0), ("100%", 1), (".5", 0.5)],
)
def test_a_share_is_a_number_or_a_percentage(text: str, value: float) -> None:
    assert share(text) == value
    assert share(None) is None


@pytest.mark.parametrize(
    "text", ["95", "101%", "-1%", "1.01", "half", "", "%", "nan", "inf", "1%%"]
)
def test_what_is_no_share_is_refused(text: str) -> None:
    """`95` is most likely meant as a percentage; taken as 9500 % it would never be met."""
    with pytest.raises(ConfigurationError, match="isn't a share of the tables") as caught:
        share(text)
    assert caught.value.where == "--min-coverage"
    assert "95%" in caught.value.remedy
