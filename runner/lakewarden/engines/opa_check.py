"""`opa check` before loading: errors with file and line, and no built-in that is impure."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from lakewarden.engines import purity
from lakewarden.engines.opa_binary import run_opa
from lakewarden.model.errors import ConfigurationError, EngineError

_UNDEFINED: Final = "undefined function "


def check_policies(binary: Path, staged: Path, sources: Mapping[str, Path]) -> None:
    """Compile the staged bundle with an OPA that lacks the impure built-ins.

    `sources` maps a path relative to `staged` to the user's file. Raises `ConfigurationError`
    with every error that OPA reports, `EngineError` if the binary cannot be run.
    """
    with tempfile.TemporaryDirectory(prefix="lakewarden-check-") as scratch:
        capabilities = Path(scratch, "capabilities.json")
        pure, removed = _pure_capabilities(binary)
        capabilities.write_text(json.dumps(pure), encoding="utf-8")
        done = run_opa(
            binary,
            ["check", "--bundle", ".", "--format", "json", "--capabilities", str(capabilities)],
            cwd=staged,
        )
    if done.returncode != 0:
        raise _explain(done, sources, removed)


def source_of(file: str, sources: Mapping[str, Path]) -> str:
    """Return the user's file for a file that OPA names, which ends in a staged path."""
    for path, source in sources.items():
        if file == path or file.endswith(f"/{path}"):
            return str(source)
    return file


def _pure_capabilities(binary: Path) -> tuple[dict[str, Any], set[str]]:
    """Return OPA's capabilities without the impure built-ins, and the names of these."""
    done = run_opa(binary, ["capabilities", "--current"])
    try:
        capabilities: dict[str, Any] = json.loads(done.stdout)
        builtins = capabilities["builtins"]
    except (ValueError, KeyError, TypeError) as error:
        raise EngineError(
            f"OPA does not tell its capabilities: {done.stderr.strip()[:500]}",
            where=str(binary),
            remedy="Run `lakewarden opa install`, or set LAKEWARDEN_OPA to a working opa.",
        ) from error
    removed = {
        builtin["name"]
        for builtin in builtins
        if builtin["name"] in purity.IMPURE or builtin.get("nondeterministic")
    }
    pure = [builtin for builtin in builtins if builtin["name"] not in removed]
    return {**capabilities, "builtins": pure}, removed


def _explain(
    done: subprocess.CompletedProcess[str], sources: Mapping[str, Path], removed: set[str]
) -> ConfigurationError:
    said = done.stderr.strip() or done.stdout.strip()
    try:
        errors = json.loads(said)["errors"]
    except (ValueError, KeyError, TypeError):
        errors = []
    if not errors:
        return ConfigurationError(
            f"OPA refuses the policies: {said}",
            where=", ".join(sorted({str(source.parent) for source in sources.values()})[:3]),
            remedy="Correct the policies; `opa check` says the same.",
        )
    for error in errors:
        name = error.get("message", "").removeprefix(_UNDEFINED)
        if name in removed:
            return purity.impure(name, _place(error, sources))
    lines = [f"{error.get('code', 'error')}: {error.get('message', '')}" for error in errors]
    others = [
        f"{_place(error, sources)}: {line}"
        for error, line in zip(errors[1:], lines[1:], strict=True)
    ]
    return ConfigurationError(
        "\n".join([f"this policy does not compile: {lines[0]}", *others]),
        where=_place(errors[0], sources),
        remedy="Correct the policy; `opa check` says the same.",
    )


def _place(error: Mapping[str, Any], sources: Mapping[str, Path]) -> str:
    location = error.get("location") or {}
    return f"{source_of(location.get('file', ''), sources)}:{location.get('row', 0)}"
