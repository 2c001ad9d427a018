"""`opa check` before loading: errors with file and line, and no built-in that is impure."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from lakewarden.engines.bundle import purity
from lakewarden.engines.install.binary import run_opa
from lakewarden.model.errors import ConfigurationError, EngineError
from lakewarden_collector.private_folder import PrivateFolder

_UNDEFINED: Final = "undefined function "

_TOLD: Final = re.compile(r"^(?P<file>\S.*\.rego):(?P<row>\d+): (?P<what>.*)$", re.MULTILINE)


def check_policies(binary: Path, staged: Path, sources: Mapping[str, Path]) -> None:
    """Compile the staged bundle with an OPA that lacks the impure built-ins.

    `sources` maps a path relative to `staged` to the user's file. Raises `ConfigurationError`
    with every error that OPA reports, `EngineError` if the binary cannot be run.
    """
    with PrivateFolder("check") as scratch:
        capabilities = Path(scratch, "capabilities.json")
        pure, removed = pure_capabilities(binary)
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


def pure_capabilities(binary: Path) -> tuple[dict[str, Any], set[str]]:
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
    found = list(compile_errors(done.stderr.strip() or done.stdout.strip(), sources))
    for where, what in found:
        name = what.rpartition(_UNDEFINED)[2]
        if name in removed:
            return purity.impure(name, where)
    (where, what), *others = found
    first, *more = what.splitlines() or [""]
    return ConfigurationError(
        f"this policy does not compile: {first}",
        where=where,
        details=[*more, *(": ".join(filter(None, pair)) for pair in others)],
        remedy="Correct the policy; `opa check` says the same.",
    )


def compile_errors(said: str, sources: Mapping[str, Path]) -> Iterator[tuple[str, str]]:
    """Yield place and message of each error; at least one.

    Older versions of OPA tell where a bundle cannot be parsed only within the message.
    """
    try:
        errors = json.loads(said)["errors"]
    except (ValueError, KeyError, TypeError):
        errors = [{"message": said}]
    for error in errors:
        message, location = error.get("message", ""), error.get("location")
        if location:
            where = f"{source_of(location['file'], sources)}:{location['row']}"
            yield where, f"{error.get('code', 'error')}: {message}"
        elif lines := list(_TOLD.finditer(message)):
            for line in lines:
                yield f"{source_of(line['file'], sources)}:{line['row']}", line["what"]
        else:
            yield "", message
