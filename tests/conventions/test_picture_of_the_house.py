"""CONTRIBUTING draws the rooms that there are, and the arrows that the imports make."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.support.commandline import REPOSITORY

RUNNER = REPOSITORY / "runner" / "lakewarden"
DATABRICKS = REPOSITORY / "collector" / "lakewarden_collector" / "sources" / "databricks"
PAGE = (REPOSITORY / "CONTRIBUTING.md").read_text(encoding="utf-8")


def _drawn(text: str) -> set[str]:
    """Return the folders and modules that stand in a part of the picture."""
    rows = re.findall(r"^[│├└─ ]*── ([^ ].*?)(?:  |$)", text, re.MULTILINE)
    return {name.strip().rstrip("/") for row in rows for name in row.split(",")}


def _part(begin: str, end: str) -> str:
    return PAGE.partition(begin)[2].partition(end)[0]


def _packages(folder: Path) -> set[str]:
    return {each.parent.relative_to(folder).as_posix() for each in folder.rglob("__init__.py")}


def test_every_room_is_drawn() -> None:
    runner = _drawn(_part("runner/lakewarden/   ", "tests/   "))
    rooms = {name.partition("/")[0] for name in _packages(RUNNER)} - {"."}
    assert rooms <= runner
    assert all((RUNNER / name).exists() or _somewhere(name) for name in runner), runner
    databricks = _drawn(_part("└── databricks/", "policies/   "))
    assert _packages(DATABRICKS) - {"."} == databricks


def _somewhere(name: str) -> bool:
    return any(path.exists() for path in RUNNER.glob(f"*/{name}"))


def test_every_import_follows_the_arrows() -> None:
    arrows = " ".join(_part("Arrows: `", "`").split())
    levels = [level.split(" | ") for level in arrows.split(" → ")]
    place = {name: number for number, level in enumerate(levels) for name in level}
    wrong = [
        f"{importer} imports {imported}"
        for importer, imported in _imports()
        if importer in place and imported in place and place[importer] >= place[imported]
    ]
    assert not wrong
    rooms = {name.partition("/")[0] for name in _packages(RUNNER)} - {"."}
    assert rooms <= place.keys()


def _imports() -> Iterator[tuple[str, str]]:
    """Yield which room of the runner imports from which other."""
    for path in RUNNER.rglob("*.py"):
        importer = path.relative_to(RUNNER).with_suffix("").parts[0]
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module:
                package, _, rest = node.module.partition(".")
                imported = rest.partition(".")[0]
                if package == "lakewarden" and imported and imported != importer:
                    yield importer, imported
