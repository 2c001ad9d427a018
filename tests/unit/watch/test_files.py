"""Which files a watch looks at, and that a change of one is noticed however it was saved."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from lakewarden.watch.files import Kind, Snapshot, Waker, difference, look, of_kind


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name, text in {
        "own/lakewarden/tables/a/one/one.rego": "package lakewarden.tables.a.one",
        "own/lakewarden/tables/a/one/one_test.rego": "package x",
        "own/lakewarden/tables/a/settings.schema.json": "{}",
        "own/.hidden/h.rego": "package h",
        "config/a_config.yaml": "{}",
        "config/waivers.yaml": "waivers: []",
        "config/notes.txt": "",
        "inventory.ndjson": "{}",
    }.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return tmp_path


def _look(tree: Path) -> Snapshot:
    return look([tree / "own"], tree / "config", tree / "inventory.ndjson")


def _kinds(tree: Path, found: Snapshot) -> dict[str, Kind]:
    return {path.relative_to(tree).as_posix(): kind for path, (kind, _) in found.items()}


def test_policies_settings_waivers_and_inventory_are_looked_at(tree: Path) -> None:
    assert _kinds(tree, _look(tree)) == {
        "own/lakewarden/tables/a/one/one.rego": Kind.POLICY,
        "own/lakewarden/tables/a/settings.schema.json": Kind.RULES,
        "config": Kind.RULES,
        "config/a_config.yaml": Kind.RULES,
        "config/waivers.yaml": Kind.RULES,
        "inventory.ndjson": Kind.TABLES,
    }
    assert set(of_kind(_look(tree), Kind.TABLES)) == {tree / "inventory.ndjson"}


def test_edits_additions_and_removals_are_told_apart_from_touches(tree: Path) -> None:
    """An editor that saves an unchanged file must not cost an evaluation."""
    before = _look(tree)
    os.utime(tree / "config/waivers.yaml")
    assert difference(before, _look(tree)) == {}
    (tree / "config/waivers.yaml").write_text("waivers:", "utf-8")
    (tree / "config/b_config.yml").write_text("", "utf-8")
    (tree / "own/lakewarden/tables/a/one/one.rego").unlink()
    assert difference(before, _look(tree)) == {
        tree / "config/b_config.yml": Kind.RULES,
        tree / "config/waivers.yaml": Kind.RULES,
        tree / "own/lakewarden/tables/a/one/one.rego": Kind.POLICY,
    }


def test_an_edit_that_keeps_size_and_time_is_seen(tree: Path) -> None:
    before = _look(tree)
    path = tree / "config/a_config.yaml"
    status = path.stat()
    path.write_text("[]", "utf-8")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert list(difference(before, _look(tree))) == [path]


def test_an_inventory_that_was_replaced_is_seen(tree: Path) -> None:
    before = _look(tree)
    status = (tree / "inventory.ndjson").stat()
    (tree / "new").write_text("[]", "utf-8")
    os.utime(tree / "new", ns=(status.st_atime_ns, status.st_mtime_ns))
    (tree / "new").rename(tree / "inventory.ndjson")
    assert list(difference(before, _look(tree)).values()) == [Kind.TABLES]


def test_a_folder_that_is_gone_is_no_error(tree: Path) -> None:
    """It may be back in a moment: git replaces folders."""
    assert look([tree / "nowhere"], tree / "nowhere", tree / "nowhere") == {}


def test_a_folder_that_goes_while_it_is_looked_through_is_no_error(
    tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Git removes whole folders, and Python's search for files does not expect it."""
    before = _look(tree)
    glob = Path.glob

    def half(folder: Path, pattern: str) -> Iterator[Path]:
        yield from list(glob(folder, pattern))[:1]
        raise FileNotFoundError(2, "No such file or directory", str(folder))

    monkeypatch.setattr(Path, "glob", half)
    found = _look(tree)
    monkeypatch.undo()
    assert found.keys() < before.keys()
    assert difference(found, _look(tree))


def _woken_by(tree: Path, edit: Path, *, rename: bool = False) -> bool:
    waker = Waker()
    waker.watch([tree / "own"], [tree / "config"])
    try:
        # The threads take a moment to begin: what is repeated is seen at last.
        for number in range(50):
            if rename:
                scratch = edit.with_name("scratch~")
                scratch.write_text(str(number), "utf-8")
                scratch.rename(edit)
            else:
                edit.write_text(str(number), "utf-8")
            if waker.wait(0.2):
                return True
        return False
    finally:
        waker.close()


@pytest.mark.parametrize("rename", [False, True])
@pytest.mark.parametrize(
    "file", ["own/lakewarden/tables/a/one/one.rego", "own/new.rego", "config/waivers.yaml"]
)
def test_a_save_wakes_even_one_by_renaming(tree: Path, file: str, *, rename: bool) -> None:
    assert _woken_by(tree, tree / file, rename=rename)


def test_a_folder_that_was_replaced_can_be_watched_again(tree: Path) -> None:
    """Git replaces folders, and the system goes on watching the one that is gone."""
    waker = Waker()
    waker.watch([], [tree / "config"])
    try:
        (tree / "config").rename(tree / "away")
        (tree / "config").mkdir()
        waker.watch([], [tree / "config"], restart=True)
        waker.wait(0.3)
        assert any(_saved(tree / "config" / "new.yaml", number, waker) for number in range(50))
    finally:
        waker.close()


def _saved(path: Path, number: int, waker: Waker) -> bool:
    path.write_text(str(number), "utf-8")
    return waker.wait(0.2)


def test_a_flat_folder_is_not_watched_below(tree: Path) -> None:
    """An inventory may lie in a home folder, with a million files below."""
    (tree / "config/deep").mkdir()
    waker = Waker()
    waker.watch([], [tree / "config"])
    try:
        assert not waker.wait(0.3)
        (tree / "config/deep/file").write_text("", "utf-8")
        assert not waker.wait(0.5)
    finally:
        waker.close()


def test_waiting_ends_by_itself_and_closing_ends_the_threads(tree: Path) -> None:
    waker = Waker()
    waker.watch([tree / "own"], [tree / "missing"])
    assert not waker.wait(0.01)
    waker.close()
    waker.close()
    assert not waker.wait(0.01)
