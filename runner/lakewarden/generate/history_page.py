"""The table of the history's columns in docs/history.md, generated from their definitions.

    python -m lakewarden.generate.history_page [--check] [PATH]

writes it into PATH (`docs/history.md`), or only says whether it is out of date (exit 1).
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path

from lakewarden.generated_files import generate_files, with_block
from lakewarden.history.columns import SECTIONS


def columns() -> str:
    """Return a Markdown table of the columns for each kind of row."""
    lines = []
    for title, section in SECTIONS:
        lines += [f"**{title}**", "", "| Column | Type | What it says |", "|---|---|---|"]
        lines += [f"| `{each.name}` | {each.type_name} | {each.comment} |" for each in section]
        lines.append("")
    return "\n".join(lines[:-1]) + "\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the block, or with `--check` return 1 if it is out of date."""
    parser = ArgumentParser(description="Generate the table of the history's columns.")
    parser.add_argument("path", nargs="?", type=Path, default=Path("docs/history.md"))
    parser.add_argument("--check", action="store_true", help="only say whether it is out of date")
    options = parser.parse_args(arguments)
    page = with_block(options.path.read_text(encoding="utf-8"), "columns", columns())
    return generate_files({options.path: page}, check=options.check)


if __name__ == "__main__":
    sys.exit(main())
