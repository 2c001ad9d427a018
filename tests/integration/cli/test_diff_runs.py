"""What changed between two runs of a history, and which part of the run did it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import pytest

from tests.support.commandline import CLUSTERED, document, lakewarden, write_lines

pytestmark = pytest.mark.opa

GIB: Final = 1 << 30
WAIVER: Final = """\
  - {{policy: clustering.strategy_required, table: main.sales.{}, reason: x, owner: a,
     approved_by: b, expires: 2027-01-01}}
"""


def sized(name: str, size: int, **fields: object) -> dict[str, Any]:
    return document(
        name, size={"bytes": size, "origin": "describe_detail", "exact": True}, **fields
    )


def run(folder: Path, day: int, threshold: int, waived: str, *tables: dict[str, Any]) -> None:
    """Evaluate on a day by settings of that day, keep the run, its pack and its report."""
    (folder / "config").mkdir(exist_ok=True)
    (folder / "config/clustering_config.yaml").write_text(f"size_threshold_bytes: {threshold}\n")
    (folder / "config/waivers.yaml").write_text(f"waivers:\n{WAIVER.format(waived)}")
    write_lines(folder / "lake.ndjson", *tables)
    ended = lakewarden(
        *("evaluate", "--inventory", "lake.ndjson", "--policy", "clustering.strategy_required"),
        *("--no-gate", "--no-what-if", "--now", f"2026-11-0{day}T10:00:00Z", "-o", f"{day}.json"),
        *("--history", "h", "--keep-packs", "--pack", f"{day}.zip"),
        cwd=folder,
    )
    assert ended.returncode == 0, ended.stderr


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return two runs, between which data, settings, waivers and the time changed."""
    folder = tmp_path_factory.mktemp("runs")
    big, small, id_ = 9 * GIB, 3 * GIB, {"table_id": "id-1"}
    first = (
        sized("by_data", big, **CLUSTERED),
        sized("by_settings", small),
        sized("by_waiver", big),
        sized("by_two", GIB // 2),
        sized("by_either", 2 * GIB),
        sized("fixed", big),
        sized("old_name", big, **CLUSTERED, **id_),
    )
    run(folder, 1, 5 * GIB, "by_waiver", *first)
    second = (
        sized("by_data", big),
        sized("by_settings", small),
        sized("by_waiver", big),
        sized("by_two", 2 * GIB),
        sized("by_either", big),
        sized("fixed", big, **CLUSTERED),
        sized("new_name", big, **id_),
    )
    run(folder, 2, GIB, "nobody", *second)
    return folder


def diffed(folder: Path, *arguments: str) -> dict[str, tuple[str, list[str], bool]]:
    """Return by table how its violation changed, by what, and whether that's proven."""
    ended = lakewarden("diff", *arguments, "--format", "json", cwd=folder)
    assert ended.returncode == 0, ended.stderr
    return {
        each["full_name"].rpartition(".")[2]: (
            each["change"],
            each["causes"],
            each.get("proven", False),
        )
        for each in json.loads(ended.stdout)["violations"]
    }


def test_packs_prove_what_changed_each_decision(folder: Path) -> None:
    found = diffed(folder, "1.zip", "2.zip")
    assert found == {
        "by_data": ("new", ["data"], True),
        "by_settings": ("new", ["settings"], True),
        "by_waiver": ("new", ["waivers"], True),
        "by_two": ("new", ["data", "settings"], True),
        "by_either": ("new", ["data", "settings"], True),
        "fixed": ("fixed", ["data"], True),
        "new_name": ("new", ["data"], True),
    }
    history = ("history:2026-11-01", "history:latest", "--history", "h")
    assert diffed(folder, *history) == found, "by the packs that it keeps"


def test_reports_and_runs_without_a_pack_say_the_same_as_far_as_they_know(folder: Path) -> None:
    for pack in (folder / "h/_packs").iterdir():
        pack.unlink()
    reports = diffed(folder, "1.json", "2.json")
    assert {causes[2] for causes in reports.values()} == {False}
    runs = diffed(folder, "history:previous", "history:latest", "--history", "h")
    # The history has neither the ids of tables nor when a waiver ends.
    assert {name: change for name, (change, *_) in runs.items()} == {
        name: change for name, (change, *_) in reports.items()
    }
    (folder / "lakewarden.toml").write_text('history = "h"\n')
    mixed = ("history:2026-11-01", "2.zip", "--fail-on-new", "-q")
    ended = lakewarden("diff", *mixed, cwd=folder)
    assert (ended.returncode, "6 mandatory failures are new" in ended.stdout) == (1, True)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("history:latest", "2.json"), "no history is named"),
        (("history:latest", "2.json", "--history", "nowhere"), "isn't there"),
        (("history:2026-10-01", "2.json", "--history", "h"), "no run until the end of 2026-10-01"),
        (("history:previous", "2.json", "--history", "h"), "has no run previous"),
        (("history:", "2.json", "--history", "h"), "no run is named"),
        (("nowhere.zip", "2.zip"), "can't be read"),
        (("1.zip", "changed.zip"), "its seal is broken"),
    ],
)
def test_what_names_no_run_is_a_usage_error(
    folder: Path, arguments: tuple[str, ...], words: str
) -> None:
    (folder / "lakewarden.toml").unlink(missing_ok=True)
    data = (folder / "2.zip").read_bytes()
    (folder / "changed.zip").write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    ended = lakewarden("diff", *arguments, cwd=folder)
    assert (ended.returncode, words in ended.stderr) == (2, True), ended.stderr
