"""Where a resource is declared: the `.tf` file beside the plan, and the line in it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final

from lakewarden_collector.sources.terraform.configuration import TABLE, Module

_LARGEST: Final = 4_000_000
"""Bytes of a file that are parsed; nobody writes a larger one by hand."""


class SourceLines:
    """Finds declarations of tables. A file that can't be read or parsed has none."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._declared = cache(lambda folder: dict(_declarations(folder)))

    def find(self, module: Module | None, name: str) -> tuple[str, int] | None:
        """Return file and line of a table's declaration in a module; None where unknown."""
        folder = self._folder_of(module)
        return None if folder is None else self._declared(folder).get(name)

    def _folder_of(self, module: Module | None) -> Path | None:
        if module is None:
            return None
        if module.parent is None:
            return self._folder
        source = module.call.get("source")
        parent = self._folder_of(module.parent)
        if parent is None or not isinstance(source, str) or not source.startswith(("./", "../")):
            return None
        return parent / source


def _declarations(folder: Path) -> Iterator[tuple[str, tuple[str, int]]]:
    try:
        files = sorted((*folder.glob("*.tf"), *folder.glob("*.tofu")), key=_overrides, reverse=True)
    except (OSError, ValueError):
        return
    for file in files:
        yield from ((name, (str(file), line)) for name, line in _tables(file))


def _overrides(file: Path) -> tuple[bool, str]:
    """Order files so that an override, which only changes a declaration, comes last."""
    return file.stem == "override" or file.stem.endswith("_override"), file.name


def _tables(file: Path) -> list[tuple[str, int]]:
    """Return the tables that a file declares, each with its line."""
    # Imported here, since it takes 0.1 s, and only where there are such files.
    import hcl2  # noqa: PLC0415 -- see above
    from lark.exceptions import LarkError  # noqa: PLC0415 -- see above

    try:
        if file.stat().st_size > _LARGEST:
            return []
        text = file.read_text("utf-8-sig")
        if TABLE not in text:
            return []
        tree = hcl2.parses_to_tree(text + "\n")
        blocks = [each for body in tree.children for each in body.children if each.data == "block"]
        labelled = [([_label(part) for part in block.children[:3]], block) for block in blocks]
    except (OSError, ValueError, RuntimeError, LarkError):  # a line is worth no failure
        return []
    return [
        (labels[2], block.meta.line)
        for labels, block in labelled
        if labels[:2] == ["resource", TABLE]
    ]


def _label(part: Any) -> str:  # noqa: ANN401 -- a tree or token of lark
    tokens = part.scan_values(lambda _: True) if hasattr(part, "scan_values") else part
    return "".join(tokens).strip('"')
