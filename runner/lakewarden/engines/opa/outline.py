"""Outlines of Rego modules: what others need of a module so that they compile without it.

OPA refuses a call of a function that is not there; any other reference to what is not there is
merely undefined. So a module's outline is its package and its functions, without their bodies.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

_NOTE: Final = "# A placeholder: Lakewarden is replacing this server's policies."

_PACKAGE: Final = re.compile(r"^package\s[^#\n]*", re.MULTILINE)
_TOKEN: Final = re.compile(
    r"""(?P<comment>\#[^\n]*)
      | ^(?:default[ \t]+)?(?P<function>[A-Za-z_]\w*(?:\.\w+|\["[^"\n]*"\])*)\(
      | `[^`]*` | "(?:\\.|[^"\\\n])*"
      | (?P<open>[\[({]) | (?P<close>[\])}]) | (?P<comma>,) | \S""",
    re.VERBOSE | re.MULTILINE,
)


def outline(text: str) -> str:
    """Return a module with the package and the functions of `text`, which return anything.

    It is understood by every version of OPA. It calls nothing, so it compiles beside any module.
    """
    package = _PACKAGE.search(text)
    heads = {
        f"{name}({', '.join('_' * parameters)}) := input" for name, parameters in functions(text)
    }
    return "\n".join([_NOTE, package[0].strip() if package else "", "", *sorted(heads), ""])


def functions(text: str) -> Iterator[tuple[str, int]]:
    """Yield name and number of parameters wherever a function is defined.

    A definition begins in a line's first column, as `opa fmt` has it.
    """
    name, depth, commas, pending = "", 0, 0, False
    for token in _TOKEN.finditer(text):
        kind = token.lastgroup
        if kind == "comment":
            continue
        if kind == "function" and depth == 0:
            name, depth, commas, pending = token["function"], 1, 0, False
            continue
        if kind == "close":
            depth = max(depth - 1, 0)
            if name and depth == 0:
                if commas + pending:  # `f()` is a rule
                    yield name, commas + pending
                name = ""
        elif kind in {"open", "function"}:
            depth += 1
        if kind == "comma" and depth == 1:
            commas, pending = commas + 1, False
        else:
            pending = True
