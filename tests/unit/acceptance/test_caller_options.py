"""What the caller says of evaluating counts when an inventory is evaluated again, too."""

from __future__ import annotations

from pathlib import Path

import pytest

from lakewarden.resources import shipped_policies
from lakewarden_collector.sources.demo import demo_config_dir
from tests.acceptance.steps.caller_options import config_dir, deciding, policy_dirs
from tests.scenarios.options import Place
from tests.support.commandline import REPOSITORY


def _place(*arguments: str, source: str = "databricks") -> Place:
    return Place(source=source, arguments=arguments, tables_in=None, previous=None)


@pytest.mark.parametrize(
    ("output", "kept"),
    [
        ((), []),
        (("--engine", "embedded"), ["--engine", "embedded"]),
        (("--engine=embedded",), ["--engine=embedded"]),
        (
            ("--trust-server-policies", "--table", "a.*"),
            ["--trust-server-policies", "--table", "a.*"],
        ),
        (
            ("--policy-source=mine", "--policy-source", "ours"),
            ["--policy-source=mine", "--policy-source", "ours"],
        ),
    ],
)
def test_what_says_how_is_decided_is_kept(output: tuple[str, ...], kept: list[str]) -> None:
    assert deciding(output) == kept


@pytest.mark.parametrize(
    "output",
    [
        ("--warehouse-id", "w1"),  # an inventory asks no workspace, and refuses these
        ("--include=main.*", "--reuse", "old.ndjson"),
        ("--profile", "prod", "--max-statements", "9"),
        ("--config", "strict"),  # what is changed has a folder of its own
        ("--now", "2026-01-01T00:00:00Z"),  # the clock is the first run's
        ("--report", "json=mine.json", "--no-gate", "--policy", "*.key_limit"),
    ],
)
def test_what_says_how_is_collected_or_reported_is_not(output: tuple[str, ...]) -> None:
    assert deciding(output) == []


def test_the_last_settings_named_count_as_on_the_command_line(tmp_path: Path) -> None:
    named = _place("--config=first", "--config", str(tmp_path), source="demo")
    assert config_dir(named) == tmp_path


def test_without_a_name_they_are_those_that_the_command_line_takes() -> None:
    """The demo has its own; others have those of the checkout, where the command line runs."""
    assert config_dir(_place(source="demo:elsewhere")) == demo_config_dir()
    assert config_dir(_place()) == REPOSITORY / "config"


def test_added_policies_are_known_beside_those_that_ship() -> None:
    assert policy_dirs(("--policy-source", "/mine", "--policy-source=ours")) == (
        shipped_policies(),
        Path("/mine"),
        REPOSITORY / "ours",
    )
