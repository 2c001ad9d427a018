"""No output destroys what the run reads, nor another output, however the paths are spelt."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from lakewarden.model.errors import ConfigurationError
from lakewarden.report.output_paths import Input, Output, check_outputs


def report(path: Path | int) -> Output:
    return Output(option="--report", what="the report", path=path)


@pytest.fixture
def inventory(tmp_path: Path) -> Path:
    path = tmp_path / "inventory.ndjson"
    path.write_text("{}")
    return path


def _spellings(path: Path) -> list[Path]:
    folder = path.parent
    (folder / "soft").symlink_to(path)
    (folder / "twice").symlink_to(folder / "soft")
    (folder / "hard").hardlink_to(path)
    (folder / "below").mkdir()
    (folder / "around").symlink_to(folder)
    names = (
        "soft",
        "twice",
        "hard",
        f"below/../{path.name}",
        f"absent/../{path.name}",
        f"around/{path.name}",
    )
    return [path, Path(os.path.relpath(path)), *(folder / name for name in names)]


def test_an_input_is_known_under_every_name(inventory: Path) -> None:
    for spelt in _spellings(inventory):
        with pytest.raises(ConfigurationError, match="would overwrite the inventory") as refused:
            check_outputs([report(spelt)], [Input(what="the inventory", path=inventory)])
        assert refused.value.where == "--report"


def test_two_outputs_are_never_one_file(tmp_path: Path) -> None:
    """Not even where it isn't there yet."""
    (tmp_path / "around").symlink_to(tmp_path)
    saved = Output(option="--save-inventory", what="the saved inventory", path=tmp_path / "new")
    for spelt in (
        tmp_path / "new",
        tmp_path / "around/new",
        Path(os.path.relpath(tmp_path / "new")),
    ):
        with pytest.raises(ConfigurationError, match="two reports would both go to"):
            check_outputs([report(tmp_path / "new"), report(spelt)], [])
        with pytest.raises(
            ConfigurationError, match="the report and the saved inventory would both"
        ):
            check_outputs([report(spelt), saved], [])
    check_outputs([report(tmp_path / "new"), report(tmp_path / "other"), report(1)], [])


def test_names_that_differ_in_case_are_one_where_the_folder_takes_them_for_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outputs = [report(tmp_path / "R.html"), report(tmp_path / "r.html")]
    check_outputs(outputs, [])
    monkeypatch.setattr("lakewarden.report.output_paths._ignores_case", lambda _: True)
    with pytest.raises(ConfigurationError, match="two reports"):
        check_outputs(outputs, [])


def test_standard_streams_are_files_where_they_lead_to_one(inventory: Path) -> None:
    stream = os.open(inventory, os.O_RDWR)
    try:
        with pytest.raises(ConfigurationError, match="would overwrite"):
            check_outputs([report(Path(f"/dev/fd/{stream}"))], [Input(what="it", path=inventory)])
        with pytest.raises(ConfigurationError, match="would both go to"):
            check_outputs([report(inventory), report(stream)], [])
        check_outputs([report(stream), report(Path(f"/dev/fd/{stream}"))], [])
    finally:
        os.close(stream)


def test_pipes_and_devices_are_shared(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    check_outputs([report(pipe), report(pipe), report(Path("/dev/null"))], [])
    check_outputs([report(pipe)], [Input(what="the inventory", path=pipe)])


def test_what_is_read_below_a_folder_is_not_written(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path)
    settings = Input(what="the settings in", path=tmp_path, below=("*_config.yaml",))
    for name in ("naming_config.yaml", "link/naming_config.yaml"):
        with pytest.raises(ConfigurationError, match="would overwrite the settings in"):
            check_outputs([report(tmp_path / name)], [settings])
    check_outputs([report(tmp_path / "report.json")], [settings])


def test_nothing_is_written_into_the_log_of_a_table(tmp_path: Path) -> None:
    (tmp_path / "t" / "_delta_log").mkdir(parents=True)
    with pytest.raises(ConfigurationError, match="inside the log of a Delta table"):
        check_outputs([report(tmp_path / "t/_delta_log/report.json")], [])


def test_nothing_else_is_written_into_the_folder_of_the_history(tmp_path: Path) -> None:
    """Its VACUUM would remove that; whether the folder is there yet doesn't matter."""
    folder = tmp_path / "history"
    history = Output(option="--history", what="the history", path=folder, is_table=True)
    (tmp_path / "link").symlink_to(folder)
    for path in (folder / "r.json", folder / "a" / "r.json", tmp_path / "link" / "r.json"):
        report = Output(option="--report", what="the report", path=path)
        for outputs in ([report, history], [history, report]):
            with pytest.raises(ConfigurationError, match="would be inside of the history"):
                check_outputs(iter(outputs), [])
    beside = Output(option="--report", what="the report", path=tmp_path / "history.json")
    check_outputs([beside, history], [])


def test_what_cannot_be_looked_at_is_left_to_its_opening(tmp_path: Path) -> None:
    long = tmp_path / ("x" * 300)
    check_outputs([report(long), report(long), report(tmp_path / "absent" / "r")], [])
