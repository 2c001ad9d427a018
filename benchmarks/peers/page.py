"""The table of the page: a row for each trap, a column for each tool."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from benchmarks.peers.cases import CASES, Case, Right
from benchmarks.peers.tools import SILENT, TOOLS, Answers, Tool

PAGE: Final = Path(__file__).parents[2] / "docs" / "beside-conftest-and-checkov.md"
_BEGIN: Final = "<!-- measured: beside -->\n"
_END: Final = "<!-- end of measured -->\n"
_RIGHT: Final = {
    Right.FAIL: {"fail"},
    Right.PASS: {"pass", "exempt", "not_applicable", SILENT},
    Right.UNKNOWN: {"unknown", "warn"},
}


def column(tool: Tool) -> list[str]:
    """Return the tool's cells, a case each, and last how many are wrong and its exit codes."""
    answers = {plan: tool.run(plan) for plan in dict.fromkeys(case.plan for case in CASES)}
    cells = [cell(case, answers[case.plan]) for case in CASES]
    wrong = sum(each.startswith("**") for each in cells)
    return [*cells, str(wrong), ", ".join(str(each.exit_code) for each in answers.values())]


def cell(case: Case, answers: Answers) -> str:
    """Return the answers about the tables of a case: one word if all are alike, bold if wrong."""
    words = list(dict.fromkeys(answers.words.get(address, SILENT) for address in case.addresses))
    text = " / ".join(words)
    return text if set(words) <= _RIGHT[case.right] else f"**{text}**"


def measured() -> str:
    """Run every tool on every plan, and return the table in Markdown."""
    columns = [column(tool) for tool in TOOLS]
    names = [case.words for case in CASES] + ["**Wrong**", "Exit codes of the plans"]
    right = [case.right for case in CASES] + ["", ""]
    return table([[*each] for each in zip(names, right, *columns, strict=True)])


def table(lines: list[list[str]]) -> str:
    """Return rows of cells as a table in Markdown, under the tools' names."""
    head = ["Trap", "Right", *(tool.name for tool in TOOLS)]
    everything = [head, ["---"] * len(head), *lines]
    return "".join(f"| {' | '.join(line)} |\n" for line in everything)


def rows(text: str) -> list[list[str]]:
    """Return the rows of the table on the page `text`, without its head."""
    lines = text.partition(_BEGIN)[2].partition(_END)[0].splitlines()[2:]
    return [line.removeprefix("| ").removesuffix(" |").split(" | ") for line in lines]


def with_table(text: str, table: str) -> str:
    """Return the page `text` with another table."""
    head, begin, rest = text.partition(_BEGIN)
    _, end, tail = rest.partition(_END)
    return head + begin + table + end + tail
