"""Values and files that make no sense are refused before a workspace is asked for anything."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Final

import pytest

from tests.integration.databricks.small_estate import six_tables
from tests.integration.databricks.workspace_commands import run, variables
from tests.support.commandline import COMMAND, environment, lakewarden
from tests.workspace.handmade import HandmadeEstate
from tests.workspace.server import Workspace

pytestmark = pytest.mark.opa

COLLECT: Final = ("collect", "--source", "databricks", "--evidence", "none", "-o", "i.ndjson")


@pytest.mark.parametrize(
    ("arguments", "option"),
    [
        (("--max-age", "1 day"), "--max-age"),
        (("--max-statements", "-1"), "--max-statements"),
        (("--evidence", "some"), "--evidence"),
        (("--min-coverage", "nan"), "--min-coverage"),
        (("--resume",), "--resume"),
        (("--exclude", "main.sales.[s-z]*"), "--exclude main.sales.[s-z]*"),
        (("--include", "main.{a,b}.*"), "--include main.{a,b}.*"),
        (("--reuse", "absent.ndjson"), "absent.ndjson"),
        (("--save-inventory", "absent/i.ndjson"), "absent/i.ndjson"),
        (("--report", "json=absent/r.json"), "absent/r.json"),
    ],
)
def test_2_for_a_value_that_makes_no_sense_before_anything_is_asked(
    tmp_path: Path, arguments: tuple[str, ...], option: str
) -> None:
    with Workspace(HandmadeEstate()) as w:
        ended = run(w, "evaluate", *arguments, cwd=tmp_path)
        assert w.log.requests == {}
    assert ended.returncode == 2, ended.stdout + ended.stderr
    assert option in ended.stderr
    assert "remedy:" in ended.stderr or "Usage:" in ended.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("option", [("--exclude", "a.*"), ("--plan",)])
def test_2_for_an_option_of_a_workspace_with_another_source(
    tmp_path: Path, option: tuple[str, ...]
) -> None:
    """Else somebody believes that --exclude has kept tables out of the report."""
    ended = lakewarden("collect", "--source", "delta:lake", *option, cwd=tmp_path)
    assert ended.returncode == 2, ended.stderr
    assert option[0] in ended.stderr
    assert "remedy: It belongs to --source databricks and --with databricks." in ended.stderr


def test_4_for_a_disk_that_is_full_before_anything_is_asked(tmp_path: Path) -> None:
    with Workspace(six_tables()) as w:
        ended = subprocess.run(
            ["sh", "-c", 'ulimit -f 0; exec "$@"', "sh", *COMMAND, *COLLECT],
            cwd=tmp_path,
            env=environment(tmp_path, PYTHONDONTWRITEBYTECODE="1", **variables(w)),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert w.log.requests == {}
    assert ended.returncode == 4, ended.stderr
    assert "i.ndjson.partial: can't be written" in ended.stderr
    assert "remedy: Make room, and repeat the command.\n" in ended.stderr
    assert list(tmp_path.iterdir()) == []


def test_an_inventory_can_go_to_a_pipe(tmp_path: Path) -> None:
    """Standard output and devices have no place for a journal beside them."""
    with Workspace(six_tables()) as w:
        to_output = run(w, "collect", "--evidence", "none", cwd=tmp_path)
        to_device = run(w, "collect", "--evidence", "none", "-o", "/dev/null", cwd=tmp_path)
    assert to_output.returncode == to_device.returncode == 0, to_device.stderr
    assert len(to_output.stdout.splitlines()) == 6 + 2
    assert not list(Path("/dev").glob("null.*"))
