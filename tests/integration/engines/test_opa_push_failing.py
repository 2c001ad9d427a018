"""A push that fails: the server stays as it was, or the error says how it is."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from lakewarden.engines.opa.connection import ConnectionLostError
from lakewarden.model.errors import ConfigurationError, EngineError
from tests.integration.engines.pushing import Texts, after_each_change, decisions, held, push, write
from tests.support import rego
from tests.unit.engines import tiny_policies

pytestmark = pytest.mark.opa

BROKEN: Texts = {
    "lakewarden/tables/tiny/a/a.rego": "package lakewarden.tables.tiny.a\n\nx := nofn(1)\n",
    "lakewarden/tables/tiny/b/b.rego": "package lakewarden.tables.tiny.b\n\nf(x) := x\n",
    "lakewarden/tables/tiny/c/c.rego": "package lakewarden.tables.tiny.c\n\nx := [\n",
    tiny_policies.NUMBER_PATH: tiny_policies.NUMBER + "# edited\n",
}


def test_a_push_that_fails_leaves_the_server_as_it_was(server: str, tmp_path: Path) -> None:
    """Also the module that is deleted, and the ids and comments of those that were there."""
    old = tiny_policies.write(tmp_path / "old", extra="package lakewarden.tables.tiny.extra\n")
    push(server, old)
    before = held(server)
    new = tiny_policies.write(tmp_path / "new", extra="package lakewarden.tables.tiny.d\n")
    write(new, BROKEN)

    with pytest.raises(ConfigurationError) as caught:
        push(server, new)

    told = str(caught.value)
    assert "undefined function nofn" in told
    assert re.search(r"a\.rego:3: .*nofn", told)
    assert "c.rego" in told
    assert "b.rego" not in told
    assert told.endswith("policies are as they were")
    assert held(server) == before
    assert decisions(server, json.loads(tiny_policies.request("1")))[0]["proof"] == 1


def test_an_interrupted_push_leaves_the_server_as_it_was(
    server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    push(server, tiny_policies.write(tmp_path / "old"))
    before = held(server)
    new = rego.copy_policies(tmp_path)

    def interrupt(number: int) -> None:
        if number == 9:
            raise KeyboardInterrupt

    after_each_change(monkeypatch, interrupt)
    with pytest.raises(KeyboardInterrupt):
        push(server, new)
    assert held(server) == before


def test_a_server_that_goes_away_decides_nothing_and_the_message_says_how_it_is(
    server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing can be put back then; the next push finds its way from there."""
    push(server, tiny_policies.write(tmp_path / "old"))
    new = rego.copy_policies(tmp_path)

    def vanish(number: int) -> None:
        if number >= 9:
            raise ConnectionLostError("gone", where=server)

    with monkeypatch.context() as patched:
        after_each_change(patched, vanish, before=True)
        with pytest.raises(EngineError) as caught:
            push(server, new)

    told = str(caught.value)
    assert "gone" in told
    assert "decided nothing" in told
    assert "a placeholder: lakewarden/main/main.rego" in told
    assert "new: lakewarden/lib/" in told
    assert "push" in caught.value.remedy
    assert decisions(server) is None
    push(server, new)
