"""`opa check` before loading: errors with file and line, and no built-in that is impure."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from msgspec import Struct

from lakewarden.engines.bundle import purity
from lakewarden.engines.install.binary import run_opa
from lakewarden.model.errors import ConfigurationError, EngineError
from lakewarden.resources import are_installed, called
from lakewarden_collector.private_folder import PrivateFolder

PARSE: Final = "rego_parse_error"
UNDEFINED: Final = "undefined function "
_UNSAFE: Final = "rego_unsafe_var_error"
_UNSAFE_NAME: Final = re.compile(r"var (\w+) is unsafe")
_LINE: Final = re.compile(r"^(?P<file>\S.*\.rego):(?P<row>\d+): (?P<what>.*)$", re.MULTILINE)


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
            return called(source) if are_installed() else str(source)
    return file


def pure_capabilities(binary: Path) -> tuple[dict[str, Any], set[str]]:
    """Return OPA's capabilities without the impure built-ins, and the names of these."""
    done = run_opa(binary, ["capabilities", "--current"])
    try:
        capabilities: dict[str, Any] = json.loads(done.stdout)
        builtins = capabilities["builtins"]
    except (ValueError, KeyError, TypeError) as error:
        raise EngineError(
            f"OPA doesn't list its capabilities: {done.stderr.strip()[:500]}",
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


class CompileError(Struct, frozen=True, kw_only=True):
    """One error of OPA's compiler; `file` is the user's, empty where OPA names none."""

    file: str = ""
    line: int = 1
    code: str = ""
    message: str
    details: dict[str, Any] = {}

    @property
    def where(self) -> str:
        """Its place, as `file:line`."""
        return f"{self.file}:{self.line}" if self.file else ""

    @property
    def what(self) -> str:
        """What is wrong, behind OPA's word for the kind of error."""
        return f"{self.code}: {self.message}" if self.code else self.message


def compile_errors(output: str, sources: Mapping[str, Path]) -> list[CompileError]:
    """Return the errors that OPA reports; at least one.

    Older versions of OPA tell where a bundle cannot be parsed only within the message.
    """
    try:
        errors = json.loads(output)["errors"]
    except (ValueError, KeyError, TypeError):
        errors = [{"message": output}]
    return [found for error in errors for found in _read(error, sources)]


def _read(error: Mapping[str, Any], sources: Mapping[str, Path]) -> Iterator[CompileError]:
    message, location = error.get("message", ""), error.get("location") or {}
    if location.get("file"):
        yield CompileError(
            file=source_of(location["file"], sources),
            line=location["row"],
            code=error.get("code", "error"),
            message=message,
            details=error.get("details") or {},
        )
    elif lines := list(_LINE.finditer(message)):
        for line in lines:
            file = source_of(line["file"], sources)
            yield CompileError(file=file, line=int(line["row"]), message=line["what"])
    else:
        yield CompileError(message=message)


def by_cause(errors: Sequence[CompileError]) -> list[list[CompileError]]:
    """Group errors that one correction is likely to end, each group with its cause first.

    These are all errors of a file that does not parse; a name that has no value in a file, with
    the variables that would get theirs from it; and one message about several places.
    """
    groups: dict[object, list[CompileError]] = {}
    unsafe = [each for each in errors if each.code == _UNSAFE]
    blamed = {each.file: each for each in reversed(unsafe) if not _is_bound(each)}
    for error in errors:
        key: object = error.message
        if error.code == PARSE:
            key = (error.file, error.code)
        elif error.code == _UNSAFE:
            key = (error.file, blamed.get(error.file, error).message if _is_bound(error) else key)
        groups.setdefault(key, []).append(error)
    return [sorted(group, key=_is_bound) for group in groups.values()]


def unsafe_name(error: CompileError) -> str:
    """Return the name that has no value, if that is what the error says."""
    found = _UNSAFE_NAME.fullmatch(error.message) if error.code == _UNSAFE else None
    return found[1] if found else ""


def _is_bound(error: CompileError) -> bool:
    """Tell whether a name without a value is one that its rule means to give a value to."""
    name = unsafe_name(error)
    if not name:
        return False
    try:
        text = Path(error.file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return False
    declared = rf"\b(?:some|every)\b[^\n]*\b{name}\b[^\n]*\bin\b|\b{name}\s*:="
    return re.search(declared, text) is not None


def _explain(
    done: subprocess.CompletedProcess[str], sources: Mapping[str, Path], removed: set[str]
) -> ConfigurationError:
    found = compile_errors(done.stderr.strip() or done.stdout.strip(), sources)
    for error in found:
        name = error.message.rpartition(UNDEFINED)[2]
        if name in removed:
            return purity.impure(name, error.where)
    causes = by_cause(found)
    (first, *_), *others = causes
    what, *more = first.what.splitlines() or [""]
    folded = sum(len(group) - 1 for group in causes)
    others_say = (": ".join(filter(None, (each.where, each.what))) for each, *_ in others)
    return ConfigurationError(
        f"this policy does not compile: {what}",
        where=first.where,
        details=[*more, *others_say],
        remedy="Correct the policy; `lakewarden policies test` shows the same"
        + (f", and names {folded} more that follow from it." if folded else "."),
    )
