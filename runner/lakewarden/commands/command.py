"""What every command does besides its work: it turns errors into messages and exit codes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup, TyperOption

from lakewarden.commands.expand import expanded
from lakewarden.commands.terminal import reporting_errors


def add(
    app: typer.Typer,
    function: Callable[..., None],
    name: str | None = None,
    *,
    epilog: str | None = None,
) -> None:
    """Make a command of a function; see `expanded`."""
    app.command(name, cls=Command, epilog=epilog)(expanded(function))


class Command(TyperCommand):
    """A command whose errors are shown in our words, also those of its arguments."""

    def make_context(self, *arguments: Any, **extra: Any) -> Any:  # noqa: ANN401 -- as Typer has it
        """Read the arguments."""
        with reporting_errors():
            return super().make_context(*arguments, **extra)

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401 -- as Typer has it
        """Run the command."""
        with reporting_errors():
            return super().invoke(ctx)

    def get_params(self, ctx: Any) -> Any:  # noqa: ANN401 -- as Typer has it
        """Return the parameters; the help shows no type for a flag, which takes no value."""
        return _plain_flags(super().get_params(ctx))


class Group(TyperGroup):
    """A group of commands, whose help shows no type for a flag either."""

    def get_params(self, ctx: Any) -> Any:  # noqa: ANN401 -- as Typer has it
        """Return the parameters."""
        return _plain_flags(super().get_params(ctx))


def _plain_flags(params: list[Any]) -> list[Any]:
    for each in params:
        if isinstance(each, TyperOption) and each.is_flag:
            each.metavar = ""
    return params
