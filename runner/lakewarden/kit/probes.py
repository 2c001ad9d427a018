"""Whether tests notice that a policy has been blinded.

Reading a test does not tell: it may leave evidence out in any of a dozen ways, and assert nothing
in as many. So the policies are changed in scratch copies, each in one way, and the tests are run.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import zip_longest
from pathlib import Path
from typing import Final, Literal

from msgspec import Struct

from lakewarden.engines.install.binary import run_opa
from lakewarden.kit.rego_module import RegoModule, rule_name
from lakewarden.kit.scratch import Workspace
from lakewarden.model.errors import EngineError
from lakewarden_collector.private_folder import PrivateFolder

Case = Literal["absent", "null", "always"]


class Blind(Struct, frozen=True, kw_only=True):
    """One change: the set `name` of the policy at `path` loses members.

    It loses `kind` where that evidence is `absent` or `null`, or, `always`, whatever is in it.
    """

    path: str
    name: str
    case: Case
    kind: str = ""


_ALL: Final = "_all_before_it_was_blinded"
_BLIND: Final = """
{name} contains member if {{
	some member in {all}
	not _blinded(member)
}}

_blinded({member}) if {{
	{condition}
}}
"""
_CONDITIONS: Final[Mapping[Case, str]] = {
    # Of a part with leaves of its own, such as the size, absent is also without any leaf.
    "absent": 'object.get(input, "{kind}", {{}}) == {{}}',
    "null": 'walk(object.get(input, "{kind}", {{}}), [_, null])',
    "always": "true",
}
_WORKERS: Final = 2


def unnoticed(
    workspace: Workspace, modules: Sequence[RegoModule], blinds: Sequence[Blind]
) -> frozenset[Blind]:
    """Return those of the blinds with which every test beside the policy passes all the same.

    A run of OPA tries one blind of every policy.
    """
    by_path = {module.path: module for module in modules}
    of_each = ([blind for blind in blinds if blind.path == path] for path in by_path)
    rounds = [list(filter(None, column)) for column in zip_longest(*of_each)]
    with ThreadPoolExecutor(_WORKERS) as pool:
        noticed = pool.map(lambda tried: _noticed(workspace, by_path, tried), rounds)
        return frozenset(
            blind
            for tried, folders in zip(rounds, noticed, strict=True)
            for blind in tried
            if blind.path.rpartition("/")[0] not in folders
        )


def _noticed(
    workspace: Workspace, modules: Mapping[str, RegoModule], blinds: Sequence[Blind]
) -> set[str]:
    """Return the folders in which a test failed."""
    with PrivateFolder("probe") as scratch:
        staged = Path(scratch, "policies")
        shutil.copytree(workspace.staged, staged)
        for blind in blinds:
            text = _blinded(modules[blind.path], blind)
            (staged / blind.path).write_text(text, encoding="utf-8")
        only = _only_about(modules, (blind.path for blind in blinds))
        done = run_opa(
            workspace.opa,
            ["test", "--bundle", ".", "--format", "json", "--run", only],
            cwd=staged,
        )
    try:
        results = json.loads(done.stdout or "[]")
    except ValueError:
        results = []
    if not results and done.stderr.strip():
        raise EngineError(f"OPA can't test the changed policies: {done.stderr.strip()}")
    return {
        workspace.staged_path(result["location"]["file"]).rpartition("/")[0]
        for result in results
        if result.get("fail") or result.get("error")
    }


def _blinded(module: RegoModule, blind: Blind) -> str:
    """Return the module's text with the set replaced by one that lacks what the blind says."""
    lines = module.text.splitlines()
    places = {
        (place["row"], place["col"])
        for rule in module.rules
        if rule_name(rule) == blind.name
        for place in [rule["head"]["ref"][0]["location"]]
    }
    for row, column in places:
        line = lines[row - 1]
        lines[row - 1] = f"{line[: column - 1]}{_ALL}{line[column - 1 + len(blind.name) :]}"
    rule = _BLIND.format(
        name=blind.name,
        all=_ALL,
        member="_" if blind.case == "always" else json.dumps(blind.kind),
        condition=_CONDITIONS[blind.case].format(kind=blind.kind),
    )
    return "\n".join([*lines, rule])


def _only_about(modules: Mapping[str, RegoModule], paths: Iterable[str]) -> str:
    """Return a pattern that is found in the names of the tests of these policies."""
    names = ("\\.".join(modules[path].package) for path in paths)
    return f"^data\\.({'|'.join(names)})(_test)?\\."
