"""Reads types in eight threads at once. Standard input names modules, types in them, and values.

A type that no import has worked out crashes the interpreter here. `msgspec.inspect` works it out as
well, so the values come from elsewhere.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import sys
import threading
from typing import Any

import msgspec

_THREADS = 8
_ROUNDS = 10


def main() -> None:
    """Read all types in some rounds, each with types that are new."""
    asked = json.load(sys.stdin)
    sys.setswitchinterval(1e-6)
    for _ in range(_ROUNDS):
        for name in [name for name in sys.modules if name.startswith("lakewarden")]:
            del sys.modules[name]
        for name, _, _ in asked:
            importlib.import_module(name)
        _read_all(
            [
                (eval(text, vars(sys.modules[name])), value)  # noqa: S307 -- text of our sources
                for name, text, value in asked
            ]
        )


def _read_all(kinds: list[tuple[Any, Any]]) -> None:
    together = threading.Barrier(_THREADS)

    def read() -> None:
        for kind, value in kinds:
            encoded = msgspec.json.encode(value)
            together.wait()
            with contextlib.suppress(msgspec.ValidationError):
                msgspec.json.decode(encoded, type=kind)
            with contextlib.suppress(msgspec.ValidationError):
                msgspec.convert(value, kind)

    threads = [threading.Thread(target=read) for _ in range(_THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main()
