"""docs/settings.md: what `policies for` prints of the page's own settings."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Final

import pytest
from typer.testing import CliRunner

from lakewarden.cli import app
from tests.support import pages

_PAGE: Final = pages.CHECKOUT / "docs" / "settings.md"
_COMMAND: Final = "$ lakewarden policies for "


def test_a_table_is_explained_as_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blocks = list(pages.blocks(_PAGE))
    (shown,) = (each.text for each in blocks if each.text.startswith(_COMMAND))
    (settings,) = (each.text for each in blocks if "prod.finance.ledger" in each.text.split("$")[0])
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "clustering_config.yaml").write_text(settings, "utf-8")
    command, _, output = shown.partition("\n")
    ended = CliRunner().invoke(app, shlex.split(command)[2:])
    assert ended.exit_code == 0, ended.output
    assert pages.unlike(output, ended.stdout) is None
