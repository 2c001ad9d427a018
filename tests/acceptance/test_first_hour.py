"""A newcomer's first hour: docs/first-hour.md, command by command, with Lakewarden from its wheel.

Nothing of the checkout is in reach of the commands. Every line that they print is as the page has
it, where the page leaves nothing out.
"""

from __future__ import annotations

import re
import subprocess
import sys
import venv
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.integration.browser import chromium
from tests.support import commandline, pages
from tests.support.pages import unlike

pytestmark = pytest.mark.opa

PAGE: Final = pages.CHECKOUT / "docs" / "first-hour.md"
_WHERE: Final = "import lakewarden; print(lakewarden.__file__)"
_END: Final = "(nothing follows)\n"
_BLOCK: Final = re.compile(
    r"(?:in\s+`(?P<file>[^`]+)`:\n\n)?```(?P<language>\w+)\n(?P<text>.*?)^```$",
    re.DOTALL | re.MULTILINE,
)


@pytest.fixture(
    params=["beside the packages that are here", pytest.param("new", marks=pytest.mark.nightly)]
)
def environment(
    request: pytest.FixtureRequest, wheel: Path, tmp_path: Path
) -> tuple[dict[str, str], Path]:
    """Install the wheel; return the environment of its commands, and where it is."""
    home = tmp_path / "home"
    home.mkdir()
    pip = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    base = commandline.environment(home, PYTHONUNBUFFERED="1")
    if request.param == "new":
        place = tmp_path / "environment"
        venv.create(place, with_pip=True)
        subprocess.run([place / "bin" / "python", *pip, wheel], check=True)
        base.pop("PYTHONPATH", None)
    else:
        place = tmp_path / "installed"
        target = ("--no-deps", "--no-index", "--target", place)
        subprocess.run([sys.executable, *pip, *target, wheel], check=True)
        base["PYTHONPATH"] = str(place)
    return base | {"PATH": f"{place / 'bin'}:/usr/bin:/bin"}, place


def _steps() -> Iterator[tuple[str, str, str]]:
    """Yield each block of the page: the file that it is, or its command, and its text."""
    for found in _BLOCK.finditer(PAGE.read_text("utf-8")):
        if found["file"]:
            yield "file", found["file"], found["text"]
        else:
            assert found["language"] == "console", found[0]
            command, _, shown = found["text"].partition("\n")
            assert command.startswith("$ lakewarden "), command
            yield "command", command[2:], shown


def _run(command: str, folder: Path, variables: dict[str, str]) -> tuple[int, str]:
    ended = subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env=variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
        check=False,
    )
    return ended.returncode, ended.stdout.replace(variables["HOME"], "~")


def test_the_first_hour_is_as_its_page_says(environment: tuple[dict[str, str], Path]) -> None:
    variables, installed = environment
    folder = Path(variables["HOME"], "our-tables")
    folder.mkdir()
    fresh = installed / "bin" / "python"
    where = f"{fresh if fresh.exists() else sys.executable} -c '{_WHERE}'"
    assert str(installed) in _run(where, folder, variables)[1]
    kinds = []
    for kind, name, text in _steps():
        kinds.append(kind)
        if kind == "file":
            (folder / name).write_text(text, "utf-8")
            continue
        code, output = _run(name, folder, variables)
        assert unlike(f"{text}{_END}", f"{output}{_END}") is None, f"{name}\n{output}"
        assert code == (1 if "found\n" in text else 0), f"{name}\n{output}"
    assert kinds.count("file") == 4
    _opens(folder / "report.html")


def _opens(report: Path) -> None:
    """Open the report as a manager does; nothing may go wrong in it."""
    path = chromium.executable()
    if path is None:
        assert "Table names are short" in report.read_text("utf-8")
        return
    with chromium.browser(path) as browser:
        page = browser.new_page()
        trouble: list[str] = []
        page.on("pageerror", lambda error: trouble.append(str(error)))
        page.goto(report.as_uri())
        assert page.get_by_text("Table names are short").first.is_visible()
        assert trouble == []
