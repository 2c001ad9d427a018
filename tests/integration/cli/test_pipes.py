"""Output that one can pipe: whole lines, and no complaint when the reader has seen enough."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.support.commandline import COMMAND, document, environment, lakewarden, write_lines

pytestmark = pytest.mark.opa


def test_a_reader_that_leaves_is_no_error_to_talk_about(tmp_path: Path) -> None:
    inventory = write_lines(tmp_path / "lake.ndjson", *(document(f"t{n}") for n in range(3000)))
    process = subprocess.Popen(
        [*COMMAND, "evaluate", "--inventory", inventory, "--report", "json=-"],
        cwd=tmp_path,
        env=environment(tmp_path),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.readline()
    process.stdout.close()
    output = process.stderr.read()
    assert process.wait(30) == 141
    assert "Traceback" not in output
    assert "Exception" not in output


def test_nothing_is_wrapped_or_cut_when_piped(tmp_path: Path) -> None:
    name = "t" * 300
    inventory = write_lines(tmp_path / "lake.ndjson", document(name))
    output = lakewarden("evaluate", "--inventory", inventory, cwd=tmp_path, COLUMNS="40").stdout
    assert f"main.sales.{name} holds 2.0 GiB (2147483648 bytes)" in output
    assert "\x1b" not in output


def test_a_report_is_utf_8_wherever_it_is_piped(tmp_path: Path) -> None:
    """A build agent without a locale must not lose a page to the first umlaut."""
    inventory = write_lines(tmp_path / "lake.ndjson", document("Aufträge"))
    plain = {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    written = ("--report", "json=r.json", "--report", "markdown=-")
    first = lakewarden("evaluate", "--inventory", inventory, *written, cwd=tmp_path, **plain)
    assert "`main.sales.Aufträge`" in first.stdout
    for kind in ("html", "json", "markdown"):
        again = lakewarden("report", "r.json", "--format", kind, cwd=tmp_path, **plain)
        assert again.returncode == 0, again.stderr
        assert "Aufträge" in again.stdout
    console = lakewarden("report", "r.json", cwd=tmp_path, **plain)
    assert r"main.sales.Auftr\xe4ge" in console.stdout


def test_an_inventory_can_come_from_standard_input(tmp_path: Path) -> None:
    inventory = write_lines(tmp_path / "lake.ndjson", document("orders"))
    piped = lakewarden("evaluate", "--inventory", "-", cwd=tmp_path, stdin=inventory.read_text())
    named = lakewarden("evaluate", "--inventory", inventory, cwd=tmp_path)
    assert piped.returncode == named.returncode == 1
    assert piped.stdout == named.stdout
