"""`lakewarden policies try`: one policy about one document, as a run decides it, and all proofs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import pytest

from tests.support import scratch_policies
from tests.support.commandline import document, lakewarden
from tests.support.scratch_policies import POLICY, change

pytestmark = pytest.mark.opa

_LONG: Final = document("orders", columns=[{"name": "a_name_that_nobody_can_type"}])
_SETTINGS: Final = "max_length: 3\noverrides: [{tables: '*.lines', max_length: 9}]\n"
_WAIVERS: Final = """\
waivers:
  - {policy: naming.short_columns, table: main.sales.returns, reason: It goes., owner: a,
     approved_by: boss, expires: 2200-12-31}
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Return a folder with ./policies and ./config of a team."""
    scratch_policies.write(tmp_path, router=False).rename(tmp_path / "policies")
    config = tmp_path / "config"
    config.mkdir()
    (config / "naming_config.yaml").write_text(_SETTINGS)
    (config / "waivers.yaml").write_text(_WAIVERS)
    return tmp_path


def _try(home: Path, table: dict[str, Any], code: int = 0) -> dict[str, Any]:
    ended = lakewarden(
        *("policies", "try", "naming.short_columns", "-", "--format", "json"),
        cwd=home,
        stdin=json.dumps(table, indent=2),
    )
    assert ended.returncode == code, ended.stderr
    output: dict[str, Any] = json.loads(ended.stdout)
    return output


@pytest.mark.parametrize(
    ("fields", "outcome", "number", "full_sets"),
    [
        ({"table_type": None}, "unknown", 1, {"needs"}),
        ({"table_type": "VIEW"}, "not_applicable", 2, {"not_applicable", "deny"}),
        ({"columns": None}, "unknown", 3, {"needs"}),
        ({"columns": [{"name": "id"}]}, "pass", 6, {"pass"}),
        ({}, "fail", 5, {"deny"}),
    ],
)
def test_every_set_is_shown_and_which_decided(
    home: Path, fields: dict[str, Any], outcome: str, number: int, full_sets: set[str]
) -> None:
    """A run shows what the outcome needs; an author sees the sets behind it too."""
    table = {key: each for key, each in {**_LONG, **fields}.items() if each is not None}
    output = _try(home, table)
    assert output["decision"]["outcome"] == outcome
    assert output["step"]["number"] == number
    if number != 1:  # what the table's type would lead to isn't asked, but proven all the same
        assert {name for name, members in output["proofs"].items() if members} == full_sets
    assert list(output["proofs"]) == ["needs", "not_applicable", "exempt", "deny", "pass"]
    assert output["settings"]["max_length"] == 3


def test_settings_of_the_table_and_waivers_are_those_of_a_run(home: Path) -> None:
    waived = _try(home, {**_LONG, "full_name": "main.sales.returns", "name": "returns"})
    assert waived["decision"]["outcome"] == "exempt"
    assert waived["decision"]["would_be"] == "fail"
    assert waived["step"] == {
        "number": 5,
        "set": "deny",
        "why": "deny has a proof and pass has none; then an active waiver makes it exempt",
    }
    assert waived["waived"]
    other = _try(home, document("lines", columns=[{"name": "customer"}]))
    assert (other["decision"]["outcome"], other["settings"]["max_length"]) == ("pass", 9)


def test_a_set_that_cannot_be_evaluated_spares_the_others(home: Path) -> None:
    """The decision is an error, as in a run, and OPA's words say in which line."""
    limit = "_limit := settings.max_length\n"
    change(home / "policies", POLICY, limit, f"{limit}\n_limit := 5 if input.full_name\n")
    output = _try(home, _LONG, code=3)
    assert output["decision"]["outcome"] == "error"
    assert output["step"]["number"] == 0
    assert set(output["errors"]) == {"deny", "pass"}
    assert "short_columns.rego:" in output["errors"]["deny"]
    assert output["proofs"] == {"needs": [], "not_applicable": [], "exempt": []}


def test_it_can_be_read(home: Path) -> None:
    (home / "doc.json").write_text(json.dumps(_LONG))
    ended = lakewarden("policies", "try", "naming.short_columns", "doc.json", cwd=home)
    assert ended.returncode == 0, ended.stderr
    lines = ended.stdout.splitlines()
    assert lines[0] == "naming.short_columns about main.sales.orders: fail"
    assert "  decided by step 5, deny: deny has a proof and pass has none" in lines
    assert "  exempt          nothing" in lines
    assert "                    expected: at most 3 characters" in lines
    assert "  settings        max_length: 3" in lines


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("naming.short_colums", "The nearest of"),
        ("naming.*", "Name one: naming.long_columns, naming.short_columns."),
    ],
)
def test_name_that_is_not_one_policy_exits_2(home: Path, name: str, words: str) -> None:
    lakewarden("policies", "new", "naming.long_columns", cwd=home)
    (home / "doc.json").write_text(json.dumps(_LONG))
    ended = lakewarden("policies", "try", name, "doc.json", cwd=home)
    assert ended.returncode == 2
    assert words in ended.stderr
    assert not ended.stdout
