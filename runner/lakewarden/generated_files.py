"""Generated files: written where they differ, or only compared."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from lakewarden.model.errors import ConfigurationError


def generate_files(texts: Mapping[Path, str], gone: Sequence[Path] = (), *, check: bool) -> int:
    """Write each file that differs from its text, remove those in `gone`, and name them on stderr.

    With `check`, change nothing, and return 1 if there is anything to change. Folders are made.
    """
    changed = [path for path, text in texts.items() if not _same(path, text)]
    for path in changed:
        if not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(texts[path], encoding="utf-8")
        sys.stderr.write(f"{path} {'is out of date' if check else 'written'}\n")
    for path in gone:
        if not check:
            path.unlink()
        sys.stderr.write(f"{path} {'has no source any more' if check else 'removed'}\n")
    return 1 if check and (changed or gone) else 0


def with_block(text: str, name: str, block: str) -> str:
    """Return a written page with the part between its markers for `name` replaced.

    Raises `ConfigurationError` where the page does not have them.
    """
    begin, end = f"<!-- generated: {name} -->\n", f"<!-- end of {name} -->\n"
    before, begun, rest = text.partition(begin)
    _, ended, after = rest.partition(end)
    if not begun or not ended:
        raise ConfigurationError(f"the page lacks the lines {begin.strip()} and {end.strip()}")
    return f"{before}{begin}{block}{end}{after}"


def _same(path: Path, text: str) -> bool:
    return path.is_file() and path.read_text(encoding="utf-8") == text
