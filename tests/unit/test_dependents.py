"""What an edit may have flipped is decided again: too much at times, never too little."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest

from lakewarden.dependents import Basis, affected, references
from lakewarden.engines.embedded import EmbeddedEngine
from lakewarden.model.policy import Policy
from lakewarden.policy_set import load_rules
from tests.support import rego, scratch_policies


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x := data.a.b.c", {("a", "b", "c")}),
        ("x := data.a[name].c", {("a",)}),
        ('x := data.a["b"]', {("a", "b")}),
        ("x := data", {()}),
        ("walk(data, y)", {()}),
        ("x if f with data.a as 1", {("a",)}),
        ("import data.a.b\nx := b.c", {("a", "b", "c")}),
        ("import data.a.b\nx := 1", set()),
        ("import data.a.b as q # why\nx := q.c.d", {("a", "b", "c", "d")}),
        ("import data.a.b as q\nx := object.get(q, y, 0)", {("a", "b")}),
        ("import data.a.b as q\nx := q[y]", {("a", "b")}),
        ("import data\nx := data.c", {("c",)}),
        ("import data.a; import data.b\nx := a.c", {("a",), ("b",)}),
        ('import data.a["b"].c as q\nx := q.d', {("a", "b", "c", "d")}),
        ("# data.a.b\nx := 1 # data.c", set()),
        ('x := "data.a # no"', set()),
        ('x := "a # b"; y := data.c', {("c",)}),
        (r'x := "a\" # b"; y := data.c', {("c",)}),
        ('x := `a " # b\n# c`; y := data.d', {("d",)}),
        ('x := $"a {data.b.c} d"', {("b", "c")}),
        ("x := input.data_size; y := metadata.a", set()),
        (
            "import data.lakewarden_run.settings.a as settings\n# settings\nx := settings.n",
            {("lakewarden_run", "settings", "a", "n")},
        ),
    ],
)
def test_references_are_read_from_the_text(text: str, expected: set[tuple[str, ...]]) -> None:
    assert set(references(text)) == expected


def _module(package: str, body: str) -> str:
    custom = "{severity: low, enforcement: advisory, remediation: r}"
    head = f"# METADATA\n# title: t\n# description: d\n# custom: {custom}\n"
    return f"{head}package lakewarden.{package}\n{body}\n"


_FILES: Final = {
    "tables.a.alone": "pass contains 1",
    "tables.a.lib_user": "import data.lakewarden.lib.deep\npass contains deep.x",
    "tables.a.setter": "import data.lakewarden_run.settings.a as own\npass contains own.n",
    "tables.a.waived": "pass contains data.lakewarden_run.waived",
    "tables.b.facts": "pass contains 1",
    "tables.b.peeping": "pass contains data.lakewarden.tables.a.alone.pass",
    "lib.deep": "x := data.lakewarden.lib.deeper.x",
    "lib.deeper": "x := 1",
    "lib.b": 'facts := {"s": data.lakewarden_run.settings.b.m}',
    "lib.unused": "x := 1",
}
_ROUTER: Final = """\
package lakewarden.main

decisions := [answer |
	some table in input.tables
	answer := {
		"decisions": data.lakewarden.tables[input.domain][input.name].pass,
		"facts": data.lakewarden.lib[input.domain].facts,
	}
]
"""
_SETTING: Final = {"default": 1, "description": "d", "type": "integer"}
_ALL: Final = {f"{package.partition('.')[2]}" for package in _FILES if package.startswith("tables")}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for package, body in _FILES.items():
        path = tmp_path / "lakewarden" / package.replace(".", "/")
        path.mkdir(parents=True)
        (path / f"{path.name}.rego").write_text(_module(package, body), "utf-8")
    for domain, names in {"a": ("n", "o"), "b": ("m",)}.items():
        schema = {"type": "object", "properties": dict.fromkeys(names, _SETTING)}
        folder = tmp_path / "lakewarden/tables" / domain
        (folder / "settings.schema.json").write_text(json.dumps(schema), "utf-8")
    (tmp_path / "config").mkdir()
    scratch_policies.put(tmp_path, "lakewarden/main/main.rego", _ROUTER)
    return tmp_path


def _basis(root: Path) -> Basis:
    with EmbeddedEngine([root]) as engine:
        modules = engine.modules()
    rules = load_rules(modules, policy_dirs=[root], config_dir=root / "config")
    return Basis(modules=modules, rules=rules)


def _edit(root: Path, package: str, body: str | None = None) -> None:
    path = root / "lakewarden" / package.replace(".", "/")
    text = _module(package, f"{_FILES.get(package, '')}\n_new := 1" if body is None else body)
    path.mkdir(exist_ok=True)
    (path / f"{path.name}.rego").write_text(text, "utf-8")


@pytest.mark.parametrize(
    ("package", "expected"),
    [
        ("tables.a.alone", {"a.alone", "b.peeping"}),
        ("tables.a.setter", {"a.setter"}),
        ("tables.a.new", {"a.new"}),
        ("lib.deep", {"a.lib_user"}),
        ("lib.deeper", {"a.lib_user"}),
        ("lib.b", {"b.facts", "b.peeping"}),
        ("lib.unused", set()),
    ],
)
def test_who_reads_a_changed_module_is_decided_again(
    root: Path, package: str, expected: set[str]
) -> None:
    before = _basis(root)
    _edit(root, package)
    assert affected(before, _basis(root)) == expected


def test_a_changed_router_changes_everything(root: Path) -> None:
    before = _basis(root)
    router = next(m for m in before.modules if m.package == "lakewarden.main")
    edited = msgspec.structs.replace(router, text=f"{router.text}\n_new := 1")
    modules = [edited if module is router else module for module in before.modules]
    assert affected(before, Basis(modules=modules, rules=before.rules)) == _ALL


def test_what_the_router_reads_for_all_changes_everything(root: Path) -> None:
    """A router that imports a library shares its changes with every policy."""
    before = _basis(root)
    router = next(m for m in before.modules if m.package == "lakewarden.main")
    text = f"{router.text}\n_more := data.lakewarden.lib.deep.x"
    edited = msgspec.structs.replace(router, text=text)
    modules = [edited if module is router else module for module in before.modules]
    routed = Basis(modules=modules, rules=before.rules)
    library = next(m for m in modules if m.package == "lakewarden.lib.deeper")
    other = msgspec.structs.replace(library, text=f"{library.text}\n_new := 1")
    changed = [other if module is library else module for module in modules]
    assert affected(routed, Basis(modules=changed, rules=before.rules)) == _ALL


def test_a_policy_that_is_gone_is_not_asked(root: Path) -> None:
    before = _basis(root)
    (root / "lakewarden/tables/a/alone/alone.rego").unlink()
    assert affected(before, _basis(root)) == {"b.peeping"}


def test_nothing_changed_asks_nobody(root: Path) -> None:
    assert affected(_basis(root), _basis(root)) == set()


_WAIVER: Final = (
    "{table: c.s.t, reason: r, owner: o, approved_by: b, expires: 2099-01-01, policy: b.facts}"
)


@pytest.mark.parametrize(
    ("file", "text", "expected"),
    [
        ("a_config.yaml", "n: 2", {"a.setter"}),
        ("a_config.yaml", "n: 1", set()),
        ("a_config.yaml", "o: 2", set()),
        ("b_config.yaml", "m: 2", {"b.facts", "b.peeping"}),
        ("a_config.yaml", "enforcement: {alone: mandatory}", {"a.alone"}),
        ("a_config.yaml", "severity: {alone: high}", {"a.alone"}),
        ("a_config.yaml", "overrides: [{tables: t, n: 3}]", {"a.setter"}),
        ("a_config.yaml", "overrides: [{tables: t, severity: {alone: high}}]", {"a.alone"}),
        ("waivers.yaml", f"waivers: [{_WAIVER}]", {"b.facts", "a.waived"}),
    ],
)
def test_who_reads_what_a_file_says_is_decided_again(
    root: Path, file: str, text: str, expected: set[str]
) -> None:
    """Forwards and back: taking an exception out matters as much as putting it in."""
    before = _basis(root)
    (root / "config" / file).write_text(text, "utf-8")
    after = _basis(root)
    assert affected(before, after) == expected
    assert affected(after, before) == expected


def test_the_order_of_overrides_counts(root: Path) -> None:
    file = root / "config/a_config.yaml"
    file.write_text("overrides: [{tables: t, n: 2}, {tables: '*', n: 3}]", "utf-8")
    before = _basis(root)
    file.write_text("overrides: [{tables: '*', n: 3}, {tables: t, n: 2}]", "utf-8")
    assert affected(before, _basis(root)) == {"a.setter"}


def _shipped() -> Basis:
    with EmbeddedEngine([rego.POLICIES]) as engine:
        modules = engine.modules()
    rules = load_rules(modules, policy_dirs=[rego.POLICIES], config_dir=rego.CHECKOUT / "config")
    return Basis(modules=modules, rules=rules)


def _with(basis: Basis, domain: str, changes: dict[str, Any]) -> Basis:
    values = dict(basis.rules.settings.values)
    values[domain] = values[domain] | changes
    settings = msgspec.structs.replace(basis.rules.settings, values=values)
    rules = msgspec.structs.replace(basis.rules, settings=settings)
    return msgspec.structs.replace(basis, rules=rules)


def test_every_shipped_policy_is_asked_when_a_setting_changes_that_it_reads() -> None:
    """Their annotations say what they read, which `opa deps` has confirmed."""
    basis = _shipped()

    def readers(domain: str, name: str) -> set[str]:
        def reads(policy: Policy) -> bool:
            return policy.policy_id.startswith(f"{domain}.") and name in (policy.settings or ())

        return {policy.policy_id for policy in basis.rules.policies if reads(policy)}

    some = 0
    for domain, settings in basis.rules.settings.values.items():
        for name in settings:
            asked = affected(basis, _with(basis, domain, {name: "another"}))
            assert readers(domain, name) <= asked, name
            some += bool(asked)
    assert some
