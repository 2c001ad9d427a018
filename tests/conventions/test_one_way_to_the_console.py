"""Nothing prints but through `safe_console`, so that no text of strangers gets past it."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Final

from tests.support import rego

_PACKAGES: Final = ("collector", "runner")
_THE_PLACE: Final = "runner/lakewarden/renderers/safe_console.py"
_STREAMS: Final = {
    "runner/lakewarden/cli.py": "says that a fault is ours, behind the guard",
    "runner/lakewarden/commands/evaluate.py": "hands the guarded streams to the console renderer",
    "runner/lakewarden/commands/terminal.py": "flushes the guarded streams",
    "runner/lakewarden/commands/policies.py": "writes a policy's page to the guarded stream",
    "runner/lakewarden/report/atomic_file.py": "flushes before it writes to the same stream",
    "runner/lakewarden/generated_files.py": "a developer's own tool: paths of the checkout",
    "runner/lakewarden/engines/embedded.py": "passes on what Regorus prints, through the guard",
    "runner/lakewarden/renderers/plug_ins.py": "passes on what a plug-in prints, through the guard",
    "runner/lakewarden/engines/install/__main__.py": "runs before rich is installed, for make",
    "runner/lakewarden/engines/opa/background.py": "`make opa-up`, a tool of its own",
    "runner/lakewarden/generate/evidence_page.py": "a developer's own tool",
    "runner/lakewarden/generate/policy_pages.py": "a developer's own tool",
    "runner/lakewarden/generate/editor_schemas.py": "a developer's own tool",
}
"""Modules that name a standard stream, and why they may."""


def _prints(tree: ast.AST) -> set[str]:
    """Return what a module does that reaches a stream: print, echo, Console, sys.stdout."""
    found: set[str] = set()
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id="print" | "Console" as name)):
                found.add(name)
            case ast.Call(func=ast.Attribute(attr="echo" | "secho" | "print_exception" as name)):
                found.add(name)
            case ast.Attribute(
                value=ast.Name(id="sys"),
                attr="stdout" | "stderr" | "__stdout__" | "__stderr__" as name,
            ):
                found.add(f"sys.{name}")
            case ast.ImportFrom(module="rich.console", names=names):
                found |= {each.name for each in names if each.name == "Console"}
            case ast.ImportFrom(module="rich", names=names):
                found |= {each.name for each in names if each.name == "print"}
            case _:
                pass
    return found


def test_only_one_module_prints() -> None:
    found = {
        path.relative_to(rego.CHECKOUT).as_posix(): _prints(ast.parse(path.read_text("utf-8")))
        for package in _PACKAGES
        for path in (rego.CHECKOUT / package).rglob("*.py")
    }
    assert found.pop(_THE_PLACE)
    streams = {"sys.stdout", "sys.stderr"}
    assert {path: seen - streams for path, seen in found.items() if seen - streams} == {}
    assert {path for path, seen in found.items() if seen} == set(_STREAMS)


def test_the_search_sees_each_way_to_print() -> None:
    for line, name in {
        "print('x')": "print",
        "typer.echo('x')": "echo",
        "Console().print(x)": "Console",
        "from rich import print": "print",
        "sys.__stdout__.write(x)": "sys.__stdout__",
    }.items():
        assert name in _prints(ast.parse(line))


def test_the_exceptions_are_still_there() -> None:
    assert all(Path(rego.CHECKOUT, path).is_file() for path in _STREAMS)
