"""Texts in SARIF: what others wrote is neither a placeholder nor a link.

Sections 3.11.5 and 3.11.6 of the standard.
"""

from __future__ import annotations

import re
from typing import Any, Final

from lakewarden.model.decision import Fix
from lakewarden.renderers.markdown.escape import prose
from lakewarden.renderers.words.findings import Finding, statement
from lakewarden.renderers.words.wording import visible

_LINK: Final = re.compile(r"\\*\[(?=[^\]]*\]\()")
_LONGEST_ESCAPE: Final = len(r"\U000e0041")
_TICKS: Final = re.compile(r"`+")


def plain(text: str) -> str:
    """Return plain text: braces are doubled, and what would be a link to others isn't one."""
    return _LINK.sub(_escaped, _doubled(visible(text, keep="\n\t")))


def text_only(text: str) -> dict[str, Any]:
    """Return a message of plain text."""
    return {"text": plain(text)}


def paragraphs(text: str) -> str:
    """Return a text as Markdown that shows it and does nothing else."""
    blocks = (block for block in text.split("\n\n") if block.strip())
    return _doubled(
        "\n\n".join(prose(block, longest=_LONGEST_ESCAPE * len(block)) for block in blocks)
    )


def with_fixes(finding: Finding) -> str:
    """Return a finding as Markdown, with every fix that its policy gives."""
    blocks = [paragraphs(finding.message)]
    if finding.table.definition or not finding.fixes:
        blocks.append(paragraphs(finding.advice))
    else:
        blocks += [_fix(each) for each in finding.fixes]
    return "\n\n".join(filter(None, blocks))


def _fix(fix: Fix) -> str:
    blocks = [f"**Fix:** {paragraphs(fix.title)}"]
    if fix.requires:
        blocks.append(f"Requires: {paragraphs('; '.join(fix.requires))}")
    if fix.sql:
        blocks.append(_code(fix.sql))
    if fix.note:
        blocks.append(paragraphs(fix.note))
    if fix.undo:
        blocks += ["To undo it:", _code(fix.undo)]
    return "\n\n".join(blocks)


def _code(statements: tuple[str, ...]) -> str:
    """Return a block of SQL, fenced by more ticks than are in it."""
    sql = _doubled(visible("\n".join(map(statement, statements)), keep="\n\t"))
    fence = "`" * max(3, 1 + max(map(len, _TICKS.findall(sql)), default=0))
    return f"{fence}sql\n{sql}\n{fence}"


def _doubled(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


def _escaped(found: re.Match[str]) -> str:
    return found[0].replace("\\", "\\\\").replace("[", "\\[")
