"""Policies are functions of their input: built-ins that are not may not be called.

Where an OPA binary is there, `opa check` with reduced capabilities finds them
(`opa_check.py`); elsewhere the modules' text is searched here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from lakewarden.model.errors import ConfigurationError

IMPURE: Final = frozenset(
    {
        "http.send",
        "io.jwt.decode_verify",
        "io.jwt.encode_sign",
        "io.jwt.encode_sign_raw",
        "json.match_schema",
        "json.verify_schema",
        "net.lookup_ip_addr",
        "opa.runtime",
        "rand.intn",
        "time.now_ns",
        "uuid.rfc4122",
    }
)
"""What OPA's capabilities call non-deterministic; a test compares the two."""

REMEDY: Final = (
    "A decision must depend on its input alone, so that it can be replayed. "
    "The run's clock is data.lakewarden_run.now."
)

# A comment, a raw string, a quoted string (with the brackets around it, if it is a key) or a word.
_TOKEN = re.compile(
    r"""(?P<comment>\#[^\n]*)
      | \[\s*(?:"(?P<key>\w+)"|`(?P<rawkey>\w+)`)\s*\]
      | `[^`]*` | "(?:\\.|[^"\\\n])*"
      | (?P<dot>\s*\.\s*)
      | (?P<word>[A-Za-z_]\w*)
      | (?P<space>\s+)""",
    re.VERBOSE,
)


def reject_impure(modules: Iterable[tuple[str, str]]) -> None:
    """Raise `ConfigurationError` for the first impure built-in in any (file, text) pair.

    The look is by words: strings and comments are skipped, `http["send"]` is seen.
    """
    for where, text in modules:
        for line, name in impure_calls(text):
            raise impure(name, f"{where}:{line}")


def impure(name: str, where: str) -> ConfigurationError:
    """Return the error that says which built-in is called where."""
    return ConfigurationError(f"a policy may not call {name}", where=where, remedy=REMEDY)


def line_of(name: str, text: str) -> int:
    """Return the first line that calls the built-in `name`; 1 if the text hides it."""
    return next((line for line, called in impure_calls(text) if called == name), 1)


def impure_calls(text: str) -> Iterator[tuple[int, str]]:
    """Yield line and name of every reference in the text that is an impure built-in."""
    for start, reference in _references(text):
        if reference in IMPURE:
            yield text.count("\n", 0, start) + 1, reference


def _references(text: str) -> Iterator[tuple[int, str]]:
    """Yield offset and dotted form of each reference: `a.b`, `a["b"]` and `a . b` are `a.b`."""
    start, parts, joined, end = 0, list[str](), False, 0
    for token in _TOKEN.finditer(text):
        if token["comment"] is not None or token["space"] is not None:
            continue
        key = token["key"] or token["rawkey"]
        adjacent = token.start() == end
        if token["dot"] is not None and adjacent and parts:
            joined = True
        elif key is not None and adjacent and parts:
            parts.append(key)
        elif token["word"] is not None and adjacent and joined:
            parts.append(token["word"])
            joined = False
        else:
            if parts:
                yield start, ".".join(parts)
            parts, joined, start = [], False, token.start()
            if token["word"] is not None:
                parts = [token["word"]]
        end = token.end()
    if parts:
        yield start, ".".join(parts)
