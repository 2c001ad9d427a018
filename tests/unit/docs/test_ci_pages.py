"""The pages of docs/ci show the pipelines that are tested, and name every input and hook."""

from __future__ import annotations

import re
from typing import Final

import pytest
import yaml

import lakewarden
from lakewarden.model import errors
from tests.support import pages
from tests.support.composite_action import action
from tests.support.pipelines import FILES

CI: Final = pages.CHECKOUT / "docs" / "ci"
PAGES: Final = {
    "github": "github.md",
    "gitlab": "gitlab.md",
    "azure": "azure-devops.md",
    "jenkins": "jenkins.md",
}


@pytest.mark.parametrize("pipeline", FILES)
def test_a_page_shows_the_whole_file_that_is_tested(pipeline: str) -> None:
    shown = [block.text for block in pages.blocks(CI / PAGES[pipeline])]
    assert FILES[pipeline].read_text("utf-8") in shown


def test_the_page_of_the_action_names_each_input_and_output() -> None:
    named = re.findall(r"^\| (`.+?) \|", (CI / "github.md").read_text("utf-8"), re.MULTILINE)
    words = [word for row in named for word in re.findall(r"`([a-z-]+)`", row)]
    assert words == [*action()["inputs"], *action()["outputs"]]


def test_the_hooks_of_the_page_are_those_of_the_manifest() -> None:
    manifest = yaml.safe_load((pages.CHECKOUT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    (shown,) = (
        yaml.safe_load(block.text)["repos"]
        for block in pages.blocks(CI / "README.md")
        if block.text.startswith("repos:")
    )
    assert [hook["id"] for hook in shown[0]["hooks"]] == [hook["id"] for hook in manifest]


def test_what_is_copied_names_this_version() -> None:
    """A release with the version before it in its pages would be copied for a year."""
    texts = [*FILES.values(), *CI.glob("*.md"), pages.CHECKOUT / "README.md"]
    found = [
        version
        for file in texts
        for version in re.findall(
            r"(?:lakewarden(?:@v|==)|rev: v)(\d[\w.]*)", file.read_text("utf-8")
        )
    ]
    assert len(found) > 10
    assert set(found) == {lakewarden.__version__}


def test_every_exit_code_of_a_run_has_its_row() -> None:
    rows = re.findall(r"^\| (\d) \|", (CI / "README.md").read_text("utf-8"), re.MULTILINE)
    codes = {value for name, value in vars(errors).items() if name.startswith("EXIT_")}
    by_signal = {errors.EXIT_INTERRUPTED, errors.EXIT_TERMINATED}
    assert [int(row) for row in rows] == sorted(codes - by_signal)
