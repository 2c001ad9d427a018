"""The demo lakehouse on disk: real tables, made whole, made once."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import yaml
from deltalake import DeltaTable
from deltalake.exceptions import DeltaError

from lakewarden_collector.errors import SourceError
from lakewarden_collector.sources.demo import demo_config_dir
from lakewarden_collector.sources.demo.lakehouse import (
    LABEL_FILE,
    MARKER_FILE,
    DemoLakehouse,
    build_demo,
)
from lakewarden_collector.sources.demo.spec import TableSpec
from lakewarden_collector.sources.demo.tables import TABLES
from lakewarden_collector.sources.demo.tables.vocabulary import LARGE, MIDDLING

SETTINGS: dict[str, Any] = yaml.safe_load(
    (demo_config_dir() / "clustering_config.yaml").read_text(encoding="utf-8")
)
DELTA_TABLES = [spec for spec in TABLES if spec.making == "delta"]


def active_bytes(root: Path, spec: TableSpec) -> int:
    """Return the bytes of the files that the table's current version consists of."""
    actions = pa.table(DeltaTable(root / spec.folder).get_add_actions(flatten=True))
    return sum(actions["size_bytes"].to_pylist())


def snapshot(root: Path) -> dict[str, tuple[int, int]]:
    """Return inode and time of change of every file, so that any rewriting is seen."""
    return {
        str(path.relative_to(root)): (path.stat().st_ino, path.stat().st_mtime_ns)
        for path in root.rglob("*")
        if path.is_file()
    }


def unheard(sentence: str) -> None:
    """Fail: a lakehouse that is complete is reused without a word."""
    pytest.fail(sentence)


def test_every_delta_table_is_readable_and_holds_its_rows(lakehouse: DemoLakehouse) -> None:
    """A demo of broken tables would show failures that it did not mean."""
    for spec in DELTA_TABLES:
        table = DeltaTable(lakehouse.root / spec.folder)
        expected = spec.rows * (1 if spec.replace else spec.writes)
        assert table.to_pyarrow_table().num_rows == expected, spec.full_name
        assert table.metadata().configuration == dict(spec.properties), spec.full_name
        partitions = [spec.partition_by] if spec.partition_by else []
        assert table.metadata().partition_columns == partitions, spec.full_name


def test_sizes_lie_well_on_the_intended_side_of_both_thresholds(lakehouse: DemoLakehouse) -> None:
    """Another Parquet writer's habits would turn large tables into small, exempt ones."""
    test, general = SETTINGS["test_size_threshold_bytes"], SETTINGS["size_threshold_bytes"]
    for spec in DELTA_TABLES:
        size = active_bytes(lakehouse.root, spec)
        if spec.rows == LARGE:
            assert size > general * 1.1, spec.full_name
        elif spec.rows == MIDDLING:
            assert test * 1.1 < size < general * 0.9, spec.full_name
        else:
            assert size < test * 0.9, spec.full_name


def test_old_versions_lie_beside_the_table_that_was_replaced(lakehouse: DemoLakehouse) -> None:
    """Without them nothing shows that only active files count."""
    folder = lakehouse.root / "staging/sales/customers_copy"
    assert (
        sum(f.stat().st_size for f in folder.glob("*.parquet")) > SETTINGS["size_threshold_bytes"]
    )


def test_broken_tables_are_broken(lakehouse: DemoLakehouse) -> None:
    """The demo would not show that unreadable tables are counted."""
    with pytest.raises(DeltaError):
        DeltaTable(lakehouse.root / "staging/sales/orders_import")
    assert not DeltaTable.is_deltatable(str(lakehouse.root / "staging/sales/loyalty_import"))


def test_the_lakehouse_stays_small(lakehouse: DemoLakehouse) -> None:
    """It lies in the cache of everybody who tries Lakewarden."""
    total = sum(path.stat().st_size for path in lakehouse.root.rglob("*") if path.is_file())
    assert total < 60_000_000


def test_no_file_tells_where_the_lakehouse_was_made(lakehouse: DemoLakehouse) -> None:
    """Stale paths of a folder that is gone would lead readers of the log astray."""
    workplace = f"{lakehouse.root.parent}/."
    logs = [*lakehouse.root.rglob("*.json"), lakehouse.list_file]
    assert [log for log in logs if workplace in log.read_text(encoding="utf-8")] == []


def test_table_ids_and_sizes_are_the_same_in_every_lakehouse(
    lakehouse: DemoLakehouse, tmp_path: Path
) -> None:
    """Reports about two demos could not be compared."""
    other = build_demo(tmp_path / "other", lambda _: None)
    for spec in DELTA_TABLES:
        one, two = (DeltaTable(lake.root / spec.folder) for lake in (lakehouse, other))
        assert one.metadata().id == two.metadata().id
        assert active_bytes(lakehouse.root, spec) == active_bytes(other.root, spec)


def test_a_second_build_changes_nothing(lakehouse: DemoLakehouse) -> None:
    """Every run would pay for the demo again, and readers would see tables vanish."""
    before = snapshot(lakehouse.root)
    assert build_demo(lakehouse.root, unheard) == lakehouse
    assert snapshot(lakehouse.root) == before


@pytest.fixture
def small_demo(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Let the demo have three tables; return where to make it."""
    monkeypatch.setattr(
        "lakewarden_collector.sources.demo.lakehouse.TABLES",
        [spec for spec in TABLES if spec.full_name.startswith("prod.ops.s")],
    )
    return tmp_path / "cache" / "demo"


def test_a_build_says_so_once(small_demo: Path) -> None:
    """The first run would seem to hang."""
    heard: list[str] = []
    build_demo(small_demo, heard.append)
    assert len(heard) == 1
    assert str(small_demo) in heard[0]


@pytest.mark.parametrize("damage", ["marker", "version", "lost file", "cut file"])
def test_an_incomplete_or_outdated_lakehouse_is_made_again(small_demo: Path, damage: str) -> None:
    """A demo cut short by Ctrl-C or a cleaner of caches would stay broken for good."""
    root = build_demo(small_demo, lambda _: None).root
    marker, data = root / MARKER_FILE, next((root / "prod/ops/suppliers").glob("*.parquet"))
    if damage == "marker":
        marker.unlink()
    elif damage == "version":
        marker.write_text(json.dumps(json.loads(marker.read_text()) | {"version": "older"}))
    elif damage == "lost file":
        data.unlink()
    else:
        data.write_bytes(data.read_bytes()[:-1])
    heard: list[str] = []
    build_demo(small_demo, heard.append)
    assert len(heard) == 1
    build_demo(small_demo, unheard)
    assert DeltaTable(root / "prod/ops/suppliers").count() > 0


def test_a_build_that_is_cut_short_leaves_nothing_behind(
    small_demo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half a lakehouse would be taken for a whole one, or litter the cache."""

    def interrupted(_root: Path, _spec: TableSpec) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("lakewarden_collector.sources.demo.lakehouse.make_table", interrupted)
        with pytest.raises(KeyboardInterrupt):
            build_demo(small_demo, lambda _: None)
    assert not small_demo.exists()
    assert [path.name for path in small_demo.parent.iterdir() if path.is_dir()] == []
    assert build_demo(small_demo, lambda _: None).list_file.is_file()


def test_what_a_killed_build_left_is_swept_away(small_demo: Path) -> None:
    """Every killed run would leave its tables in the cache for good."""
    abandoned = small_demo.parent / f".{small_demo.name}.lakewarden-killed" / "new"
    abandoned.mkdir(parents=True)
    neighbour = small_demo.parent / f".{small_demo.name}.mine"
    neighbour.mkdir()
    build_demo(small_demo, lambda _: None)
    assert not abandoned.parent.exists()
    assert neighbour.is_dir()


def test_concurrent_builds_make_it_once(small_demo: Path) -> None:
    """Two runs started together would write into each other's tables."""
    heard: list[str] = []
    with ThreadPoolExecutor(4) as pool:
        lakes = list(pool.map(lambda _: build_demo(small_demo, heard.append), range(4)))
    assert len(heard) == 1
    assert len(set(lakes)) == 1
    assert DeltaTable(small_demo / "prod/ops/suppliers").count() > 0


def test_a_directory_with_other_things_in_it_is_left_alone(small_demo: Path) -> None:
    """`demo:DIR` with the wrong DIR would delete the user's files."""
    small_demo.mkdir(parents=True)
    (small_demo / "thesis.txt").write_text("years of work")
    with pytest.raises(SourceError) as refusal:
        build_demo(small_demo, lambda _: None)
    assert refusal.value.where == str(small_demo)
    assert refusal.value.remedy
    assert [path.name for path in small_demo.iterdir()] == ["thesis.txt"]


def test_an_empty_directory_is_taken(small_demo: Path) -> None:
    """A directory made for the demo beforehand would be refused."""
    small_demo.mkdir(parents=True)
    build_demo(small_demo, lambda _: None)
    assert (small_demo / LABEL_FILE).is_file()


def test_a_place_that_cannot_be_written_is_a_source_error(tmp_path: Path) -> None:
    """The user would see a traceback instead of what to do."""
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(SourceError) as refusal:
        build_demo(tmp_path / "file" / "demo", lambda _: None)
    assert "demo:DIR" in refusal.value.remedy
