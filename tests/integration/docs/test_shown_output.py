"""What the pages show as output is what the commands print, and the commands shown work."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Final

import pytest

from tests.integration.docs.shown_workspace import ask
from tests.support import commandline, pages
from tests.support.pages import unlike
from tests.support.scenario_command import scenarios_command

pytestmark = pytest.mark.opa

README: Final = pages.CHECKOUT / "README.md"
DATABRICKS: Final = pages.CHECKOUT / "docs" / "databricks.md"
TESTING: Final = pages.CHECKOUT / "docs" / "testing.md"
FORMATS: Final = pages.CHECKOUT / "docs" / "formats.md"
REPORT: Final = pages.CHECKOUT / "docs" / "report.md"
EXPLAIN: Final = pages.CHECKOUT / "docs" / "explain.md"
FIXES: Final = pages.CHECKOUT / "docs" / "fixes.md"
WHAT_IF: Final = pages.CHECKOUT / "docs" / "what-if.md"
TUTORIAL: Final = pages.CHECKOUT / "docs" / "policy-tutorial.md"


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        ("a\nc", None),
        ("a\n…\nd e f", None),
        ("a\n…\nd … f", None),
        ("…\nd e f", None),
        ("c", "c"),
        ("a\nd e f", "d e f"),
        ("…\nx", "x"),
        ("…\nd … g", "d … g"),
        ("a\n…\na", "a"),
    ],
)
def test_a_difference_is_seen(shown: str, expected: str | None) -> None:
    assert unlike(shown, "a\nc\nb\nd e f\n") == expected


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a home in which the demo is made once."""
    home = tmp_path_factory.mktemp("home")
    (home / "lakewarden").mkdir()
    return home


def run(*words: str, home: Path, cwd: Path) -> str:
    """Return what `lakewarden` prints, with the home as `~`."""
    ended = commandline.lakewarden(*words, cwd=cwd, HOME=str(home))
    assert ended.returncode == 0, ended.stderr
    return ended.stdout.replace(str(home), "~")


def console_block(command: str, page: Path = README) -> str:
    """Return a page's output of a command line."""
    (text,) = (
        block.text
        for block in pages.blocks(page)
        if block.language == "console" and block.text.startswith(f"$ {command}")
    )
    return text.partition("\n")[2]


def test_readme_shows_what_a_run_prints(home: Path) -> None:
    """The first thing that a newcomer compares."""
    shown = console_block("lakewarden evaluate")
    wanted = ("--source", "demo", "--no-gate", "--report", "report.html")
    real = run("evaluate", *wanted, home=home, cwd=home)
    assert unlike(shown, real) is None, real


@pytest.mark.parametrize(
    "arguments",
    [
        ("--set", "clustering.size_threshold_bytes=1MiB"),
        ("--sweep", "clustering.size_threshold_bytes=256KiB..8MiB"),
    ],
)
def test_the_page_shows_what_a_change_would_do(arguments: tuple[str, ...], home: Path) -> None:
    command = ("what-if", "--source", "demo", *arguments)
    shown = console_block(f"lakewarden {' '.join(command)}", WHAT_IF)
    real = run(*command, home=home, cwd=home)
    assert unlike(shown, real) is None, real


def test_the_tutorial_shows_what_its_policy_decides(home: Path) -> None:
    text = TUTORIAL.read_text("utf-8")
    (command,) = re.findall(r"^\$ lakewarden (evaluate .* --policy-source .*)$", text, re.MULTILINE)
    real = run(*shlex.split(command), home=home, cwd=pages.CHECKOUT)
    assert unlike(console_block("lakewarden evaluate", TUTORIAL), real) is None, real


def test_the_tutorial_shows_what_testing_its_policy_says(home: Path) -> None:
    """The example keeps the conventions that it is the example of."""
    real = run("policies", "test", "docs/examples", home=home, cwd=pages.CHECKOUT)
    assert unlike(console_block("lakewarden policies test", TUTORIAL), real) is None, real


@pytest.mark.parametrize(
    ("command", "words", "code"),
    [
        ("lakewarden doctor --source databricks", ("doctor",), 4),
        ("lakewarden collect --source databricks", ("collect", "--plan"), 0),
        ("make evaluate SOURCE=databricks", ("evaluate",), 1),
    ],
)
def test_the_first_run_on_a_workspace_is_as_shown(
    command: str, words: tuple[str, ...], code: int, tmp_path: Path
) -> None:
    """The steps for a real workspace, against the double of one."""
    real = ask(*words, "--source", "databricks", "--profile", "prod", home=tmp_path)
    assert real.returncode == code, real.stderr
    assert unlike(console_block(command, DATABRICKS), real.stdout) is None, real.stdout


def test_the_scenarios_shown_are_those_that_there_are() -> None:
    """With the numbers of tests that they have now."""
    listed = scenarios_command("list")
    assert unlike(console_block("make list-scenarios", TESTING), listed.stdout) is None, (
        listed.stdout
    )


def test_the_markdown_shown_is_what_is_written(home: Path, tmp_path: Path) -> None:
    """Anyone who puts it into a pull request sees first here what that will look like."""
    target, log = tmp_path / "report.md", tmp_path / "log"
    wanted = ("--source", "demo", "--no-gate", "--report", f"markdown={target}")
    run("evaluate", *wanted, "--report", f"github={log}", home=home, cwd=tmp_path)
    (shown,) = (block.text for block in pages.blocks(REPORT) if block.language == "markdown")
    real = target.read_text("utf-8")
    assert unlike(shown, real) is None, real
    (shown,) = (block.text for block in pages.blocks(FORMATS) if "Annotated" in block.text)
    assert unlike(shown, log.read_text("utf-8")) is None, log.read_text("utf-8")[-600:]


def test_the_fixes_shown_are_those_of_the_demo(home: Path, tmp_path: Path) -> None:
    """A table's part of the file is what a reader compares with their own."""
    one = ("--policy", "clustering.strategy_required", "--table", "prod.sales.order_lines")
    wanted = ("--source", "demo", "--no-gate", "--no-what-if", "--report", "json=report.json")
    run("evaluate", *wanted, *one, home=home, cwd=tmp_path)
    real = run("fix", "--report", "report.json", home=home, cwd=tmp_path)
    (shown,) = (block.text for block in pages.blocks(FIXES) if block.language == "sql")
    assert unlike(shown, real) is None, real


def test_the_explanation_shown_is_that_of_the_demo(home: Path) -> None:
    """What somebody who owns a failing table reads first."""
    command = "explain prod.finance.payments --source demo"
    real = run(*command.split(), home=home, cwd=home)
    shown = console_block(f"lakewarden {command}", EXPLAIN)
    assert unlike(shown, real) is None, real


def test_the_questions_for_jq_have_answers(home: Path) -> None:
    """A filter that names a field which is gone prints nothing, and says nothing."""
    if shutil.which("jq") is None:
        pytest.skip("jq is not installed")
    folder = home / "lakewarden"
    wanted = ("--source", "demo", "--no-gate", "--report", "json=report.json")
    run("evaluate", *wanted, home=home, cwd=folder)
    questions = [block.text for block in pages.blocks(REPORT) if block.language == "sh"]
    assert len(questions) > 3
    for question in questions:
        ended = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", question],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
        assert ended.returncode == 0, question + ended.stderr
        assert ended.stdout.strip() not in {"", "null"}, question
