"""Annotations of a GitHub Actions run: workflow commands, the worst findings first.

GitHub shows ten errors, ten warnings and ten notices of a step and drops the rest without a word.
So no more are written, and the last line says how many there are.
"""

from __future__ import annotations

from typing import Final, TextIO

from lakewarden.model.report import Report
from lakewarden.renderers.words.annotations import annotate, conclusion
from lakewarden.renderers.words.findings import Level
from lakewarden.renderers.words.wording import shortened, visible

_COMMANDS: Final = {Level.ERROR: "error", Level.WARNING: "warning", Level.NOTE: "notice"}
_LONGEST: Final = 4_000
"""Characters of a message: the runner cuts it at 4,096."""

_LONGEST_TITLE: Final = 255


class GithubRenderer:
    """Writes at most ten commands of each level; a last line counts all findings."""

    format = "github"

    def render(self, report: Report, out: TextIO) -> None:
        """Write the commands and the line that counts."""
        found = annotate(report, _COMMANDS)
        for each in found.chosen:
            place = {"file": each.place.path, "line": str(each.place.line)} if each.place else {}
            out.write(command(each.kind, {**place, "title": each.title}, each.message))
        out.write(f"{visible(conclusion(report, found, 'GitHub'))}\n")


def command(name: str, properties: dict[str, str], message: str) -> str:
    """Return a workflow command, escaped as the runner reads it, on a line of its own.

    Text is shown as text before, so that none of it is a command inside of the command.
    """
    stated = ",".join(
        f"{key}={_property(value, _LONGEST_TITLE if key == 'title' else _LONGEST)}"
        for key, value in properties.items()
        if value
    )
    data = _data(shortened(visible(message, keep="\n"), _LONGEST))
    return f"::{name}{' ' if stated else ''}{stated}::{data}\n"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str, longest: int) -> str:
    return _data(shortened(visible(text), longest)).replace(":", "%3A").replace(",", "%2C")
