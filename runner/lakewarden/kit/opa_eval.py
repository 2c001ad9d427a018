"""One query of OPA in a process of its own: slow for a run, quick for a few questions."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from lakewarden.engines.install.binary import run_opa
from lakewarden_collector.private_folder import PrivateFolder


class QueryError(Exception):
    """What OPA says of a query that it refuses: objects with `message` and maybe `location`."""

    def __init__(self, errors: Sequence[Mapping[str, Any]]) -> None:
        super().__init__("; ".join(str(error.get("message", error)) for error in errors))
        self.errors = errors


def opa_eval(opa: Path, bundle: Path, query: str, given: bytes, *, strict: bool = True) -> Any:  # noqa: ANN401 -- any JSON
    """Return the query's value over the policies of a bundle root, with `given` as input.

    `strict` is how a run decides: a built-in that fails is an error. Raises `QueryError` where OPA
    refuses, `EngineError` if it cannot be run.
    """
    with PrivateFolder("input") as scratch:
        file = Path(scratch, "input.json")
        file.write_bytes(given)
        done = run_opa(
            opa,
            [
                *("eval", "--bundle", ".", "--ignore", "*_test.rego", "--format", "json"),
                *(["--strict-builtin-errors"] if strict else []),
                *("--input", str(file), query),
            ],
            cwd=bundle,
        )
    answer = json.loads(done.stdout or "{}")
    if done.returncode or "result" not in answer:
        raise QueryError(answer.get("errors") or [{"message": done.stderr.strip() or "no answer"}])
    return answer["result"][0]["expressions"][0]["value"]
