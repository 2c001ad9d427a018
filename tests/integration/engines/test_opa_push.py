"""Pushing policies to a server that runs: any set arrives, and nobody sees half of it."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
import requests

from lakewarden.engines.opa.outline import functions
from lakewarden.engines.opa.remote import remote
from lakewarden.model.errors import ConfigurationError
from tests.integration.engines.pushing import (
    LIB,
    OTHER,
    ROUTER,
    after_each_change,
    decisions,
    held,
    push,
    random_set,
    write,
)
from tests.integration.engines.running_opa import running
from tests.support import rego
from tests.unit.engines import tiny_policies

pytestmark = pytest.mark.opa

OTHERS = "package somebody.elses\n\nx := time.now_ns()\n"


def test_the_shipped_policies_go_into_an_empty_server_and_change_there(
    server: str, tmp_path: Path
) -> None:
    """The router and the policies call functions of modules that come after them."""
    push(server, rego.POLICIES)
    root = rego.copy_policies(tmp_path)
    changed = root / "lakewarden/lib/property/property.rego"
    changed.write_text(changed.read_text().replace('"true"', '"True"'))
    (root / "lakewarden/tables/clustering/key_limit/key_limit.rego").unlink()
    push(server, root)
    push(server, root)
    push(server, rego.POLICIES)


def test_the_servers_policies_become_ours_and_no_others_are_touched(
    opa: Path, tmp_path: Path
) -> None:
    theirs = tiny_policies.write(
        tmp_path / "theirs",
        number=tiny_policies.NUMBER.replace("to_number", "upper"),
        extra="package lakewarden.tables.tiny.extra\n",
    )
    (theirs / "theirs.rego").write_text(OTHERS)
    ours = tiny_policies.write(tmp_path / "ours")
    with running(opa, str(theirs)) as url:
        with remote(url, policy_dirs=[ours], push_policies=True) as engine:
            assert len(engine.modules()) == 2
            assert json.loads(engine.decide(tiny_policies.request("1")))[0]["proof"] == 1
        assert OTHERS in held(url).values()
        with remote(url, policy_dirs=[ours]):
            pass  # what was pushed is what is compared


def test_a_module_of_others_is_not_overwritten(server: str, tmp_path: Path) -> None:
    """It may lie where ours would go."""
    requests.put(f"{server}/v1/policies/{tiny_policies.NUMBER_PATH}", data=OTHERS, timeout=5)
    before = held(server)
    with pytest.raises(ConfigurationError, match="another package") as caught:
        push(server, tiny_policies.write(tmp_path))
    assert tiny_policies.NUMBER_PATH in str(caught.value)
    assert held(server) == before


def test_a_function_changes_together_with_its_callers(server: str, tmp_path: Path) -> None:
    """Neither fits the other's old text, so no order of replacing them works."""
    old = {
        ROUTER: "package lakewarden.main\n\ndecisions := data.lakewarden.lib.one.f(1)\n",
        LIB: "package lakewarden.lib.one\n\nf(x) := x\n",
    }
    new = {
        ROUTER: "package lakewarden.main\n\ndecisions := data.lakewarden.lib.one.f(1, 2)\n",
        LIB: "package lakewarden.lib.one\n\nf(_, y) := y\n",
    }
    for number, texts in enumerate((old, new, old)):
        push(server, write(tmp_path / str(number), texts))
    assert decisions(server) == 1


def test_modules_may_call_each_other(server: str, tmp_path: Path) -> None:
    """They compile together, although the server refuses each one alone."""
    texts = {
        ROUTER: "package lakewarden.main\n\ndecisions := data.lakewarden.lib.one.f(1)\n",
        LIB: """\
package lakewarden.lib.one

import data.lakewarden.lib.two

f(x) := two.g(x, [x, ","], "(") # f(x, y)

default k(_) := 7
""",
        OTHER: """\
package lakewarden.lib.two

import data.lakewarden.lib.one

g(
	x, # (
	[_, _],
	"(",
) := one.k(x)
""",
    }
    push(server, write(tmp_path, texts))
    assert decisions(server) == 7


def test_a_rule_gives_way_to_a_package(server: str, tmp_path: Path) -> None:
    """`one.two` cannot be a rule of one module and another's package at the same time."""
    router = "package lakewarden.main\n\ndecisions := data.lakewarden.lib.one.two.x\n"
    rule = {ROUTER: router, LIB: 'package lakewarden.lib.one\n\ntwo := {"x": 1}\n'}
    package = {
        ROUTER: router,
        LIB: "package lakewarden.lib.one\n\ny := 2\n",
        "lakewarden/lib/one/two/two.rego": "package lakewarden.lib.one.two\n\nx := 2\n",
    }
    for number, (texts, says) in enumerate(((rule, 1), (package, 2), (rule, 1))):
        push(server, write(tmp_path / str(number), texts))
        assert decisions(server) == says


def test_modules_with_the_same_path_are_made_one(server: str, tmp_path: Path) -> None:
    """Two servers' folders loaded into one server, say."""
    ours = tiny_policies.write(tmp_path)
    for prefix in ("old", "older"):
        requests.put(
            f"{server}/v1/policies/{prefix}/{tiny_policies.NUMBER_PATH}",
            data=f"package lakewarden.tables.tiny.number\n\n{prefix} := 1\n",
            timeout=5,
        )
    push(server, ours)
    assert len(held(server)) == 2


def test_any_set_replaces_any_other(server: str, tmp_path: Path) -> None:
    """Whatever calls whatever, and although a module of others calls ours."""
    chance = random.Random(11)  # noqa: S311 -- test data
    theirs = "package somebody.elses\n\nx := data.lakewarden.lib.one.fixed(1)\n"
    for number in range(30):
        push(server, write(tmp_path / str(number), random_set(chance, f"set {number}")))
        assert set(decisions(server)) == {f"set {number}"}
        requests.put(f"{server}/v1/policies/theirs.rego", data=theirs, timeout=5).raise_for_status()
    assert held(server)["theirs.rego"] == theirs


def test_what_others_need_of_ours_is_not_taken_from_them(server: str, tmp_path: Path) -> None:
    """Their module is named, and everything is as it was."""
    old = {
        ROUTER: "package lakewarden.main\n\ndecisions := 1\n",
        LIB: "package lakewarden.lib.one\n\nf(x) := x\n",
        OTHER: "package lakewarden.lib.two\n\ng(x) := x\n",
    }
    push(server, write(tmp_path / "old", old))
    theirs = "package somebody.elses\n\nx := data.lakewarden.lib.one.f(1)\n"
    requests.put(f"{server}/v1/policies/theirs.rego", data=theirs, timeout=5).raise_for_status()
    before = held(server)
    with pytest.raises(ConfigurationError, match=r"to drop lakewarden/lib/one.*theirs\.rego:3"):
        push(server, write(tmp_path / "new", {ROUTER: old[ROUTER]}))
    assert held(server) == before


def test_a_single_change_does_not_close_the_router(
    server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is whole at once: nobody needs to wait."""
    push(server, tiny_policies.write(tmp_path))
    closed = []
    after_each_change(
        monkeypatch,
        lambda number: (
            closed.append(number)
            if decisions(server, json.loads(tiny_policies.request("1"))) is None
            else None
        ),
    )
    push(server, tiny_policies.write(tmp_path, number=tiny_policies.NUMBER + "# edited\n"))
    assert not closed


@pytest.mark.parametrize("module", rego.modules(), ids=lambda module: module.stem)
def test_the_functions_of_a_module_are_found_as_opa_finds_them(module: Path) -> None:
    """An outline that lacks one lets nobody compile who calls it."""
    heads = [rule["head"] for rule in rego.parsed(module)["rules"]]
    of_opa = {(head["ref"][0]["value"], len(head["args"])) for head in heads if "args" in head}
    assert set(functions(module.read_text("utf-8"))) == of_opa
