"""The pages about the policies, generated from their annotations.

    python -m lakewarden.generate.policy_pages [--check] [ROOT [OUT]]

writes `OUT/policies.md` and `OUT/policies/<domain>/<policy>.md` (OUT is `docs`) for every policy
of the bundle root ROOT (`policies`), and removes the pages of policies that are gone; with
`--check` it only says which are out of date (exit 1).
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from lakewarden.generate.policy_page import GENERATED, index_page, policy_page
from lakewarden.generated_files import generate_files
from lakewarden.kit.policy_docs import read_root
from lakewarden_collector.errors import Problem

FOLDER: Final = "policies"
_GUIDE: Final = "settings.md"


def generate(root: Path, out: Path) -> dict[Path, str]:
    """Return the text of every page about the policies of a bundle root, by its path under `out`.

    Raises `ConfigurationError` for policies that cannot be described.
    """
    found = read_root(root)
    guide = (out / _GUIDE).is_file()
    pages = {out / f"{FOLDER}.md": index_page(found, guide=guide)}
    for each in found.policies:
        path = out / FOLDER / each.domain / f"{each.name}.md"
        pages[path] = policy_page(each, found.schemas.get(each.domain, {}), guide=guide)
    return pages


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the pages, or with `--check` name those that are out of date and return 1."""
    parser = ArgumentParser(description="Generate the pages about the policies.")
    parser.add_argument("root", nargs="?", type=Path, default=Path("policies"))
    parser.add_argument("out", nargs="?", type=Path, default=Path("docs"))
    parser.add_argument("--check", action="store_true", help="only say what is out of date")
    options = parser.parse_args(arguments)
    try:
        pages = generate(options.root, options.out)
    except Problem as problem:
        sys.stderr.write(f"{problem}\n")
        return 1
    return generate_files(pages, _gone(options.out / FOLDER, pages), check=options.check)


def _gone(folder: Path, pages: dict[Path, str]) -> list[Path]:
    """Return the generated pages that nothing generates any more; others' files are let alone."""
    return [
        path
        for path in sorted(folder.rglob("*.md"))
        if path not in pages and GENERATED in path.read_text(encoding="utf-8")
    ]


if __name__ == "__main__":
    sys.exit(main())
