"""Each option is said once, and the help of every command fits a terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import fields
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from lakewarden.cli import app
from lakewarden.commands.expand import option_name, options_of
from lakewarden.engines.choice import EngineOptions
from lakewarden.options import ClockOptions
from lakewarden.options.policies import PolicyOptions
from lakewarden.options.reports import GateOptions, ReportOptions
from lakewarden.options.tables import TableOptions
from lakewarden.options.workspace import WorkspaceOptions

_GROUPS = (
    *(TableOptions, PolicyOptions, ReportOptions, GateOptions),
    *(ClockOptions, WorkspaceOptions, EngineOptions),
)


def _commands(command: Any, *path: str) -> Iterator[str]:  # noqa: ANN401 -- Typer's
    """Yield every command as it is typed, the groups with a star."""
    inner = getattr(command, "commands", {})
    yield " ".join(path) + "*" * bool(inner)
    for name, each in inner.items():
        yield from _commands(each, *path, name)


def test_no_option_is_in_two_groups() -> None:
    names = Counter(
        option_name(each.name, note) for group in _GROUPS for each, note, _ in options_of(group)
    )
    assert [name for name, count in names.items() if count > 1] == []


@pytest.mark.parametrize("group", _GROUPS)
def test_every_field_has_a_default(group: Any) -> None:  # noqa: ANN401 -- a dataclass
    """A group is what was left out, too: Python needs to name only what it wants."""
    assert fields(group())


@pytest.mark.parametrize("command", list(_commands(typer.main.get_command(app))))
def test_help_fits_a_terminal_and_teaches(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    shown = (
        CliRunner()
        .invoke(app, [*command.removesuffix("*").split(), "--help"], prog_name="lakewarden")
        .output
    )
    assert max(map(len, shown.splitlines())) <= 80
    for noise in ("<bool>", "<str>", "<int>", "<path>", "<text>", "[x>=", "…"):
        assert noise not in shown
    if not command.endswith("*"):
        about = shown.partition("\u256d")[0].partition("\n")[2]
        assert f" lakewarden {command}" in about.partition("Usage")[2].partition("\n")[2], about
