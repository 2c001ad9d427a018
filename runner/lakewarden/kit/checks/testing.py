"""`opa test`, and the lines that no test reaches."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from subprocess import CompletedProcess
from typing import Any, Final

from lakewarden.engines.bundle.stage import package_of
from lakewarden.engines.install.binary import run_opa
from lakewarden.kit.checks.step import Result, counted, judged, skipped
from lakewarden.kit.finding import Finding
from lakewarden.kit.scratch import Workspace

_NOT_COMPILED: Final = "the policies do not compile"


def check(workspace: Workspace, *, works: bool) -> Result:
    """Run all tests; those that fail are told, also those of the shipped policies."""
    if not works:
        return skipped(_NOT_COMPILED)
    done = _opa_test(workspace)
    results = _tests(done)
    if results is None:
        return judged([_no_results(workspace, done)], "OPA reports no test")
    own = [result for result in results if _path(workspace, result) in set(workspace.own)]
    findings = [_failed(workspace, result) for result in results if _has_failed(result)]
    if not own:
        findings.append(_untested(workspace))
    beside = len(results) - len(own)
    others = f", {counted(beside, 'test')} of the shipped policies" if beside else ""
    return judged(findings, f"{counted(len(own), 'test')}{others}")


def check_coverage(workspace: Workspace, *, passed: bool) -> Result:
    """Name the lines of the judged modules that no test evaluates."""
    done = _opa_coverage(workspace) if passed else None
    try:
        files = json.loads(done.stdout)["files"] if done else None
    except (ValueError, KeyError):
        files = None
    if files is None:
        return skipped("known only when all tests pass")
    reports = {workspace.staged_path(file): report for file, report in files.items()}
    missed, reached = dict[str, set[int]](), 0
    for path in workspace.own_modules:
        report = reports.get(path, {})
        missed[path] = _rows(report.get("not_covered", []))
        reached += len(_rows(report.get("covered", [])) - missed[path])
    total = reached + sum(map(len, missed.values()))
    findings = [
        _missed(workspace, path, first, last)
        for path, rows in missed.items()
        for first, last in _ranges(rows)
    ]
    percent = 100 * reached // total if total else 100
    return judged(findings, f"{percent} % of {counted(len(missed), 'module')}")


def _tests(done: CompletedProcess[str]) -> list[dict[str, Any]] | None:
    """Return what OPA says about each test; None if it did not run them."""
    if done.returncode and not done.stdout.strip():
        return None
    try:
        results: list[dict[str, Any]] = json.loads(done.stdout or "[]") or []
    except ValueError:
        return None
    return results


def _no_results(workspace: Workspace, done: CompletedProcess[str]) -> Finding:
    output = done.stderr.strip() or done.stdout.strip() or f"it ended with {done.returncode}"
    return Finding(
        file=str(workspace.roots[0]),
        what=f"OPA did not run the tests: {output}",
        remedy="Correct what it says; `opa test --bundle` says the same.",
    )


def _opa_test(workspace: Workspace, *options: str) -> CompletedProcess[str]:
    arguments = ["test", "--bundle", ".", "--format", "json", *options]
    if workspace.only:
        texts = ((workspace.staged / path).read_text(encoding="utf-8") for path in workspace.own)
        packages = sorted({re.escape(package_of(text)) for text in texts})
        arguments += ["--run", rf"^data\.({'|'.join(packages)})\.[^.]+$"]
    return run_opa(workspace.opa, arguments, cwd=workspace.staged)


def _opa_coverage(workspace: Workspace) -> CompletedProcess[str]:
    """Run the tests once; newer OPAs would run them thrice, to say why a line is missed."""
    done = _opa_test(workspace, "--coverage", "--coverage-runs", "")
    return _opa_test(workspace, "--coverage") if "unknown flag" in done.stderr else done


def _has_failed(result: dict[str, Any]) -> bool:
    return bool(result.get("fail") or result.get("error"))


def _path(workspace: Workspace, result: dict[str, Any]) -> str:
    return workspace.staged_path(result["location"]["file"])


def _failed(workspace: Workspace, result: dict[str, Any]) -> Finding:
    error = result.get("error")
    message = str(error.get("message", error) if isinstance(error, dict) else error)
    why = f": {message}" if error else ""
    return Finding(
        cause=message.partition("\n")[0] if error else "",
        file=workspace.source(result["location"]["file"]),
        line=result["location"]["row"],
        what=f"{result['name']} {'is an error' if error else 'fails'}{why}",
        remedy="Correct the policy or the test.",
    )


def _untested(workspace: Workspace) -> Finding:
    return Finding(
        file=str(
            [*workspace.own_folders, workspace.roots[0]][0]
            if workspace.only
            else workspace.roots[0]
        ),
        what="there is no test",
        remedy="Write <policy>_test.rego beside each policy, with rules that begin with test_.",
    )


def _missed(workspace: Workspace, path: str, first: int, last: int) -> Finding:
    lines = f"line {first} is" if first == last else f"lines {first} to {last} are"
    return Finding(
        file=workspace.source(path),
        line=first,
        what=f"{lines} never reached by a test",
        remedy="Test a table for which it matters, or remove the unreachable line.",
    )


def _rows(parts: list[dict[str, Any]]) -> set[int]:
    return {row for part in parts for row in range(part["start"]["row"], part["end"]["row"] + 1)}


def _ranges(rows: set[int]) -> Iterator[tuple[int, int]]:
    """Yield first and last of each run of rows without a gap."""
    starts = sorted(row for row in rows if row - 1 not in rows)
    ends = sorted(row for row in rows if row + 1 not in rows)
    yield from zip(starts, ends, strict=True)
