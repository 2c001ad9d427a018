"""Pushing in tests: sets of policies, what a server then holds, and what it decides."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import requests

from lakewarden.engines.opa.connection import Connection
from lakewarden.engines.opa.remote import remote

ROUTER = "lakewarden/main/main.rego"
LIB = "lakewarden/lib/one/one.rego"
OTHER = "lakewarden/lib/two/two.rego"

Texts = Mapping[str, str]
"""Path below the bundle root to Rego."""


def write(root: Path, texts: Texts) -> Path:
    for path, text in texts.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
    return root


def push(url: str, root: Path) -> None:
    """Push, which also compares what the server then has with what was to be pushed."""
    with remote(url, policy_dirs=[root], push_policies=True):
        pass


def held(url: str) -> dict[str, str]:
    answer = requests.get(f"{url}/v1/policies", timeout=5).json()
    return {policy["id"]: policy["raw"] for policy in answer["result"]}


def decisions(url: str, request: object = None) -> Any:  # noqa: ANN401 -- what a router says
    """Return the router's answer, or None where there is none."""
    asked = {"input": {} if request is None else request}
    answer = requests.post(f"{url}/v1/data/lakewarden/main/decisions", json=asked, timeout=5)
    assert answer.ok, answer.text
    return answer.json().get("result")


def after_each_change(
    monkeypatch: pytest.MonkeyPatch, then: Callable[[int], None], *, before: bool = False
) -> None:
    """Call `then` with the number of the change, from 1, around every change of the server."""
    real, count = Connection._change, 0  # noqa: SLF001 -- where every change goes through

    def change(self: Connection, *arguments: Any) -> str | None:  # noqa: ANN401 -- passed on
        nonlocal count
        count += 1
        if before:
            then(count)
        answer: str | None = real(self, *arguments)
        if not before:
            then(count)
        return answer

    monkeypatch.setattr(Connection, "_change", change)


def random_set(chance: random.Random, tag: str) -> dict[str, str]:
    """Return modules whose functions call each other across modules at random.

    Every function adds the set's tag to what it returns, so an answer tells who made it. A
    function calls only functions of lower numbers, for Rego knows no recursion.
    """
    packages = chance.sample(["one", "two", "three", "four"], chance.randint(1, 4))
    bodies = {package: [f"# {tag}", "fixed(x) := x"] for package in ("one", *packages)}
    functions: list[tuple[str, int]] = []
    for number in range(chance.randint(1, 7)):
        package, arity = chance.choice(packages), chance.randint(1, 3)
        calls = [
            f"data.lakewarden.lib.{name}({', '.join(map(str, range(count)))})"
            for name, count in chance.sample(functions, min(len(functions), 2))
        ]
        result = f'["{tag}"]'
        for call in calls:
            result = f"array.concat({result}, {call})"
        name = f"f{chance.choice((number, number + 10))}"
        parameters = ", ".join(f"p{index}" for index in range(arity))
        bodies[package].append(f"{name}({parameters}) := {result}")
        functions.append((f"{package}.{name}", arity))
    name, count = functions[-1]
    call = f"data.lakewarden.lib.{name}({', '.join('0' * count)})"
    return {
        ROUTER: f'package lakewarden.main\n\ndecisions := array.concat(["{tag}"], {call})\n',
        **{
            f"lakewarden/lib/{package}/{package}.rego": f"package lakewarden.lib.{package}\n\n"
            + "\n\n".join(lines)
            + "\n"
            for package, lines in bodies.items()
        },
    }


def test_nobody_is_decided_by_a_mixture(
    server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A policy of one version with a library of another may pass what both would fail."""
    router = "package lakewarden.main\n\ndecisions := [data.lakewarden.lib.one.x, {}]\n"
    answers: list[Any] = []
    after_each_change(monkeypatch, lambda _: answers.append(decisions(server)))
    for tag in ("old", "new"):
        texts = {
            path: f'package {path.rpartition("/")[0].replace("/", ".")}\n\nx := "{tag}"\n'
            for path in (LIB, "lakewarden/tables/tiny/number/number.rego")
        } | {ROUTER: router.format("data.lakewarden.tables.tiny.number.x")}
        push(server, write(tmp_path / tag, texts))
    assert [answer for answer in answers if answer is not None] == [["old", "old"], ["new", "new"]]
