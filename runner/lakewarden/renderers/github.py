"""Annotations of a GitHub Actions run: workflow commands, the worst findings first.

GitHub shows ten errors, ten warnings and ten notices of a step and drops the rest without a word.
So no more are written, and the last line says how many there are.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any, Final, TextIO

from lakewarden.model.decision import Outcome
from lakewarden.model.report import Report, TableReport
from lakewarden.renderers.words.findings import (
    Finding,
    Level,
    Worst,
    causes,
    findings,
    place_of,
)
from lakewarden.renderers.words.wording import headline, visible
from lakewarden.report.table_status import PolicyIndex
from lakewarden_collector.counted import counted

MOST: Final = 10
"""Annotations of one level that GitHub shows of a step."""

_COMMANDS: Final = {Level.ERROR: "error", Level.WARNING: "warning", Level.NOTE: "notice"}
_LONGEST: Final = 4_000
"""Characters of a message: the runner cuts it at 4,096."""

_LONGEST_TITLE: Final = 255
_NAMED: Final = 5
"""What couldn't be read or decided that one annotation names."""


class GithubRenderer:
    """Writes at most ten commands of each level; a last line counts all findings."""

    format = "github"

    def render(self, report: Report, out: TextIO) -> None:
        """Write the commands and the line that counts."""
        policy_index = {policy.policy_id: policy for policy in report.policies}
        worst = {level: Worst[tuple[str, int]](MOST) for level in Level}
        seen = dict.fromkeys(Level, 0)
        waived = undecided = 0
        for table in report.tables():
            for same in _grouped(table, policy_index):
                if same[0].waivers:
                    waived += len(same)
                    continue
                undecided += sum(each.gates and each.outcome is not Outcome.FAIL for each in same)
                seen[same[0].level] += len(same)
                worst[same[0].level].offer(same[0], partial(_annotation, same))
        lines = _incomplete(report, undecided)
        shown = dict.fromkeys(Level, 0)
        for level, kept in worst.items():
            room = MOST - len(lines) if level is Level.ERROR else MOST
            for line, number in kept.ordered()[:room]:
                lines.append(line)
                shown[level] += number
        for line in lines:
            out.write(line)
        out.write(f"{visible(_last(report, shown, seen, waived))}\n")


def _grouped(table: TableReport, policy_index: PolicyIndex) -> Iterator[list[Finding]]:
    """Yield a table's findings, those together that lack the same evidence for a decision."""
    groups: dict[object, list[Finding]] = {}
    for number, each in enumerate(sorted(findings(table, policy_index), key=_order)):
        lacking = each.outcome is Outcome.UNKNOWN
        same = (each.level, each.decision.missing, bool(each.waivers)) if lacking else number
        groups.setdefault(same, []).append(each)
    yield from groups.values()


def _order(finding: Finding) -> Any:  # noqa: ANN401 -- a sort key
    return finding.worst_first


def _annotation(same: list[Finding], first: Finding) -> tuple[str, int]:
    """Return the command for findings that say the same of one table, and how many they are."""
    place = place_of(first.table)
    properties = {} if place.stands_for_table else {"file": place.path, "line": str(place.line)}
    what = first.policy.title
    parts = [first.message, first.advice.strip()]
    if len(same) > 1:
        what = f"{counted(len(same), 'policy')} undecided"
        parts.append(f"Undecided: {', '.join(each.policy.policy_id for each in same)}.")
    properties["title"] = f"{first.table.full_name}: {what}"
    return command(_COMMANDS[first.level], properties, "\n".join(filter(None, parts))), len(same)


def _incomplete(report: Report, undecided: int) -> list[str]:
    """Return an annotation of a run that couldn't look at everything, or decide it."""
    found = [cause.text for cause in causes(report)]
    lines = found[:_NAMED]
    if len(found) > _NAMED:
        lines.append(f"And {len(found) - _NAMED:,} more.")
    if undecided:
        lines.append(f"{counted(undecided, 'decision')} that gate couldn't be made.")
    title = {"title": "Lakewarden: the run is incomplete"}
    return [command("error", title, "\n".join(lines))] if lines else []


def _last(report: Report, shown: dict[Level, int], seen: dict[Level, int], waived: int) -> str:
    """Say what was annotated of what there is, and where the rest is."""
    left_out = sum(seen.values()) - sum(shown.values())
    counts = [
        f"{shown[level]:,} of {counted(seen[level], word)}"
        for level, word in _COMMANDS.items()
        if seen[level]
    ]
    parts = [headline(report)]
    parts.append(f"Annotated {', '.join(counts)}." if counts else "Nothing to annotate.")
    if left_out:
        verb = "isn't" if left_out == 1 else "aren't"
        parts.append(
            f"{counted(left_out, 'finding')} of lower weight {verb} annotated: GitHub shows {MOST} "
            "of each level. See the other reports."
        )
    if waived:
        parts.append(f"{counted(waived, 'waived finding')} left out.")
    return " ".join(parts)


def command(name: str, properties: dict[str, str], message: str) -> str:
    """Return a workflow command, escaped as the runner reads it, on a line of its own.

    Text is shown as text before, so that none of it is a command inside of the command.
    """
    stated = ",".join(
        f"{key}={_property(_cut(visible(value), _LONGEST_TITLE if key == 'title' else _LONGEST))}"
        for key, value in properties.items()
        if value
    )
    data = _data(_cut(visible(message, keep="\n"), _LONGEST))
    return f"::{name}{' ' if stated else ''}{stated}::{data}\n"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
