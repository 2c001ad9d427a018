"""What each owner has to do, as lines of tab-separated values."""

from typing import TextIO

from lakewarden import Report


class OwnersRenderer:
    """Writes a line for each failed decision: owner, table, policy."""

    format = "owners"

    def render(self, report: Report, out: TextIO) -> None:
        """Write the lines, in the report's order."""
        for table in report.tables():
            for policy_id, decision in table.decisions.items():
                if decision.outcome == "fail":
                    row = (table.owner or "-", table.full_name, policy_id)
                    out.write("\t".join(map(_shown, row)) + "\n")


def _shown(text: str) -> str:
    """Return text that can't end a value or a line, whatever a table is called."""
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n")
