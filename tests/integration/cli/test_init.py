"""`lakewarden init` writes a project or nothing, and never over another file."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.commandline import lakewarden


def _files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_it_says_what_it_made_and_what_to_do_next(tmp_path: Path) -> None:
    """In an empty repository, whose own folder isn't in the way."""
    (tmp_path / ".git").mkdir()
    ended = lakewarden("init", cwd=tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert sorted(ended.stdout.splitlines()) == _files(tmp_path)
    assert ended.stderr.splitlines()[-4:] == [
        "Next:",
        "1. lakewarden policies test",
        "2. lakewarden evaluate --source demo",
        "3. lakewarden policies new <domain>.<policy>",
    ]


def test_a_folder_is_made(tmp_path: Path) -> None:
    ended = lakewarden("init", "our rules/tables", cwd=tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert (tmp_path / "our rules" / "tables" / "lakewarden.toml").is_file()
    assert "Next, after `cd 'our rules/tables'`:" in ended.stderr


@pytest.mark.parametrize(
    "there", ["README.md", "config/waivers.yaml", ".vscode/settings.json", "policies/schemas"]
)
def test_nothing_is_overwritten(tmp_path: Path, there: str) -> None:
    """Be it the last file of all, or a file where a folder is to be."""
    (tmp_path / there).parent.mkdir(exist_ok=True)
    (tmp_path / there).write_text("mine")
    ended = lakewarden("init", cwd=tmp_path)
    assert ended.returncode == 2
    assert there in ended.stderr
    assert not ended.stdout
    assert _files(tmp_path) == [there]
    assert (tmp_path / there).read_text() == "mine"


def test_twice_names_every_file(tmp_path: Path) -> None:
    assert lakewarden("init", cwd=tmp_path).returncode == 0
    before = {name: (tmp_path / name).read_bytes() for name in _files(tmp_path)}
    ended = lakewarden("init", cwd=tmp_path)
    assert ended.returncode == 2
    assert all(f"\n  {name}\n" in ended.stderr for name in before)
    assert {name: (tmp_path / name).read_bytes() for name in _files(tmp_path)} == before


def test_a_link_that_leads_nowhere_is_in_the_way_too(tmp_path: Path) -> None:
    (tmp_path / "README.md").symlink_to("elsewhere")
    ended = lakewarden("init", cwd=tmp_path)
    assert ended.returncode == 2
    assert not (tmp_path / "elsewhere").exists()
