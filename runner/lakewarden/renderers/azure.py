"""The report as logging commands of Azure DevOps: issues of the step, and its result.

Azure DevOps keeps ten errors and ten warnings of a step. It finds a command anywhere in a line, so
nothing of a report's texts may look like one.
"""

from __future__ import annotations

from typing import Final, TextIO

from lakewarden.model.report import Report
from lakewarden.renderers.words.annotations import annotate, conclusion
from lakewarden.renderers.words.findings import Level
from lakewarden.renderers.words.wording import gate_lines, shortened, visible

_KINDS: Final = {Level.ERROR: "error", Level.WARNING: "warning", Level.NOTE: "warning"}
"""There are no notices; what would be one is a warning, after the others."""

_LONGEST: Final = 4_000
"""Characters of a message: a screen has no use for more."""

_ESCAPES: Final = (("%", "%AZP25"), ("\r", "%0D"), ("\n", "%0A"))
_PROPERTY_ESCAPES: Final = (*_ESCAPES, ("]", "%5D"), (";", "%3B"))
"""As the agent reads them back; the percent sign comes first."""


class AzureRenderer:
    """Writes a group with at most ten errors and ten warnings, the counts, and the step's result.

    The result is what the gate says: failed, or succeeded with issues where something is wrong
    that doesn't gate. A run without findings sets none.
    """

    format = "azure"

    def render(self, report: Report, out: TextIO) -> None:
        """Write the commands."""
        found = annotate(report, _KINDS)
        last = conclusion(report, found, "Azure DevOps")
        out.write("##[group]Lakewarden\n")
        for each in found.chosen:
            properties = {"type": each.kind, "code": each.code}
            if each.place:
                properties |= {"sourcepath": each.place.path, "linenumber": str(each.place.line)}
            out.write(command("task.logissue", properties, f"{each.title}\n{each.message}"))
        out.write("##[endgroup]\n")
        out.write(f"{visible(last)}\n")
        for line in gate_lines(report.gate):  # noqa: FURB122 -- some streams join all lines first
            out.write(f"{visible(line)}\n")
        if result := _result(report, issues=bool(found.chosen)):
            out.write(command("task.complete", {"result": result}, ""))


def _result(report: Report, *, issues: bool) -> str:
    if report.gate.exit_code and not report.gate.gate_disabled:
        return "Failed"
    return "SucceededWithIssues" if issues else ""


def command(name: str, properties: dict[str, str], message: str) -> str:
    """Return a logging command, escaped as the agent reads it, on a line of its own."""
    stated = "".join(
        f"{key}={_escaped(visible(value), _PROPERTY_ESCAPES)};"
        for key, value in properties.items()
        if value
    )
    shown = shortened(visible(message, keep="\n"), _LONGEST)
    return f"##vso[{name} {stated}]{_escaped(shown, _ESCAPES)}\n"


def _escaped(text: str, escapes: tuple[tuple[str, str], ...]) -> str:
    for token, replacement in escapes:
        text = text.replace(token, replacement)
    return text
