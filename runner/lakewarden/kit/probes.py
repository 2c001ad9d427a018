"""Whether tests notice that a policy no longer needs evidence which is absent, or null.

Reading a test does not tell: it may leave evidence out in any of a dozen ways. So the policies are
changed in a scratch copy, all at once, each in one kind of evidence, and the tests are run.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import zip_longest
from pathlib import Path
from typing import Final, Literal

from lakewarden.engines.opa_binary import run_opa
from lakewarden.kit.rego_module import RegoModule, rule_name
from lakewarden.kit.workspace import Workspace
from lakewarden.model.errors import EngineError

Case = Literal["absent", "null"]

_ALL: Final = "_needs_before_it_was_blinded"
_BLIND: Final = """
needs contains kind if {{
	some kind in {all}
	not _blinded(kind)
}}

_blinded("{kind}") if {{
	{condition}
}}
"""
_CONDITIONS: Final[Mapping[Case, str]] = {
    # Of a part with leaves of its own, such as the size, absent is also without any leaf.
    "absent": 'object.get(input, "{kind}", {{}}) == {{}}',
    "null": 'walk(object.get(input, "{kind}", {{}}), [_, null])',
}
_WORKERS: Final = 2


def needed_kinds(module: RegoModule) -> tuple[str, ...]:
    """Return the kinds of evidence that the module's own `needs` rules name."""
    kinds = {
        rule["head"]["key"]["value"]
        for rule in module.rules
        if rule_name(rule) == "needs" and rule["head"].get("key", {}).get("type") == "string"
    }
    return tuple(sorted(kinds))


def unnoticed(
    workspace: Workspace,
    modules: Sequence[RegoModule],
    wanted: Mapping[str, Sequence[str]],
    case: Case,
) -> Iterator[tuple[str, str]]:
    """Yield path and kind wherever the tests beside a policy pass although it was blinded.

    `wanted` has the kinds to try by the policies' paths. A run tries one kind of every policy.
    """
    by_path = {module.path: module for module in modules}
    columns = zip_longest(*([(path, kind) for kind in kinds] for path, kinds in wanted.items()))
    rounds = [dict(filter(None, column)) for column in columns]
    with ThreadPoolExecutor(_WORKERS) as pool:
        noticed = pool.map(lambda kinds: _noticed(workspace, by_path, kinds, case), rounds)
        for kinds, folders in zip(rounds, noticed, strict=True):
            for path, kind in kinds.items():
                if path.rpartition("/")[0] not in folders:
                    yield path, kind


def _noticed(
    workspace: Workspace, modules: Mapping[str, RegoModule], kinds: Mapping[str, str], case: Case
) -> set[str]:
    """Return the folders in which a test failed."""
    with tempfile.TemporaryDirectory(prefix="lakewarden-probe-") as scratch:
        staged = Path(scratch, "policies")
        shutil.copytree(workspace.staged, staged)
        for path, kind in kinds.items():
            blind = _blinded(modules[path], kind, case)
            (staged / path).write_text(blind, encoding="utf-8")
        done = run_opa(
            workspace.opa,
            ["test", "--bundle", ".", "--format", "json", "--run", _only_about(modules, kinds)],
            cwd=staged,
        )
    try:
        results = json.loads(done.stdout or "[]")
    except ValueError:
        results = []
    if not results and done.stderr.strip():
        raise EngineError(f"OPA cannot test the changed policies: {done.stderr.strip()}")
    return {
        workspace.staged_path(result["location"]["file"]).rpartition("/")[0]
        for result in results
        if result.get("fail") or result.get("error")
    }


def _blinded(module: RegoModule, kind: str, case: Case) -> str:
    """Return the module's text with a `needs` that overlooks the kind in this case."""
    lines = module.text.splitlines()
    for rule in module.rules:
        if rule_name(rule) == "needs":
            place = rule["head"]["ref"][0]["location"]
            line, column = lines[place["row"] - 1], place["col"] - 1
            lines[place["row"] - 1] = f"{line[:column]}{_ALL}{line[column + len('needs') :]}"
    condition = _CONDITIONS[case].format(kind=kind)
    return "\n".join([*lines, _BLIND.format(all=_ALL, kind=kind, condition=condition)])


def _only_about(modules: Mapping[str, RegoModule], paths: Iterable[str]) -> str:
    """Return a pattern that is found in the names of the tests of these policies."""
    names = ("\\.".join(modules[path].package) for path in paths)
    return f"^data\\.({'|'.join(names)})(_test)?\\."
