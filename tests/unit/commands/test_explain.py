"""`lakewarden explain`: what it says of one table, and what it says of one that isn't there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

import pytest
from msgspec import UNSET, UnsetType
from typer.testing import CliRunner, Result

from lakewarden.cli import app
from lakewarden.options.policies import PolicySourceOptions
from lakewarden.resources import shipped_policies
from lakewarden_collector.document import Column, TableDocument, encoded
from tests.support import scratch_policies
from tests.support.commandline import NOW

_CHANGES: Final = """
# METADATA
# description: What could be different about the table.
changes := [{"title": "call its columns c", "patch": {"columns": [{"name": "c"}]}}]
"""
_SETTINGS: Final = """\
max_length: 8
overrides:
  - tables: "main.sales.*"
    max_length: 6
    enforcement: {short_columns: mandatory}
"""
_WAIVERS: Final = """\
waivers:
  - policy: naming.short_columns
    table: main.sales.lines
    reason: It goes soon.
    owner: a@example.com
    approved_by: boss@example.com
    expires: 2026-11-22
  - policy: naming.short_columns
    table: main.sales.line
    reason: Another one.
    owner: a@example.com
    approved_by: boss@example.com
    expires: 2027-11-22
"""


def _document(name: str, columns: list[Column] | UnsetType = UNSET) -> bytes:
    table = TableDocument(
        full_name=f"main.sales.{name}",
        catalog_name="main",
        schema_name="sales",
        name=name,
        table_type="MANAGED",
        columns=columns,
    )
    return encoded(table).data + b"\n"


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in a folder with policies, settings, waivers and an inventory of three tables."""
    monkeypatch.chdir(tmp_path)
    root = scratch_policies.write(tmp_path)
    lib = root / scratch_policies.LIB
    lib.write_text(lib.read_text() + _CHANGES)
    monkeypatch.setattr(
        "lakewarden.options.policies.PolicySourceOptions.roots", property(lambda _: (root,))
    )
    config = tmp_path / "config"
    config.mkdir()
    (config / "naming_config.yaml").write_text(_SETTINGS)
    (config / "waivers.yaml").write_text(_WAIVERS)
    (tmp_path / "tables.ndjson").write_bytes(
        _document("lines", columns=[Column(name="quantity"), Column(name="id")])
        + _document("items", columns=[Column(name="id")])
        + _document("dark")
    )


def explain(table: str, *arguments: str, inventory: str = "tables.ndjson") -> Result:
    return CliRunner().invoke(
        app,
        [
            *("explain", table, "--inventory", inventory, "--engine", "embedded"),
            *("--now", NOW, *arguments),
        ],
    )


def test_a_failure_is_explained_from_its_proof_to_what_would_flip_it() -> None:
    ended = explain("MAIN.sales.Lines")
    assert ended.exit_code == 0, ended.output
    lines = ended.stdout.splitlines()
    assert lines[0] == "main.sales.lines: 1 fail"
    assert lines[2] == "Settings and waivers: config."
    start = lines.index("naming.short_columns: fail (low, mandatory)")
    assert lines[start + 1 : start + 21] == [
        "  Column names are short",
        "  main.sales.lines has the column quantity of 8 characters. Rename it.",
        "    expected: at most 6 characters",
        "    actual: 8",
        "  Not exempt; the policy would exempt:",
        "    Tables in a schema of legacy_schemas.",
        "  What would change it, the smallest first:",
        "    call its columns c -> pass",
        "    set naming.max_length to 8 (now 6, naming_config.yaml:4) -> pass",
        "  enforcement: mandatory (naming_config.yaml:5, override for main.sales.*)",
        "    replaces advisory (the policy's own)",
        "  Settings that it reads:",
        "    max_length: 6 (naming_config.yaml:4, override for main.sales.*)",
        "      replaces 8 (naming_config.yaml:1)",
        "      replaces 20 (default)",
        "  1 other setting that it reads has its default.",
        "",
        "The table",
        "  type   MANAGED",
        "  owner  not known",
    ]
    start = lines.index("Waivers")
    assert lines[start + 1] == "  naming.short_columns: expired, valid until 2026-11-22"
    assert "  waivers.yaml:8: doesn't apply, it's for another table, main.sales.line" in lines


def test_json_has_it_all_in_a_stable_shape() -> None:
    ended = explain("main.sales.lines", "--format", "json")
    assert ended.exit_code == 0, ended.output
    found = json.loads(ended.stdout)
    assert found["version"] == 1
    assert found["full_name"] == "main.sales.lines"
    (decision,) = found["decisions"]
    assert decision["decision"]["outcome"] == "fail"
    assert decision["step"] == {
        "number": 5,
        "set": "deny",
        "why": "deny has a proof and pass has none",
    }
    assert decision["settings"]["max_length"]["where"] == "config/naming_config.yaml:4"
    assert decision["flips"] == [
        {
            "outcome": "pass",
            "changes": [
                {
                    "what": {
                        "change": "table",
                        "title": "call its columns c",
                        "patch": {"columns": [{"name": "c"}]},
                    }
                }
            ],
        },
        {
            "outcome": "pass",
            "changes": [
                {
                    "what": {
                        "change": "setting",
                        "setting": "naming.max_length",
                        "value": 8,
                        "now": 6,
                    },
                    "where": "config/naming_config.yaml:4",
                }
            ],
        },
    ]


def test_a_pass_takes_a_line_and_is_explained_where_its_policy_is_named() -> None:
    brief = explain("main.sales.items").stdout.splitlines()
    assert "  naming.short_columns: pass. No name has more than 6 characters." in brief
    assert not any("What would change it" in each for each in brief)
    whole = explain("main.sales.items", "--policy", "naming.*").stdout.splitlines()
    assert "  Decided by step 6, pass: pass has a proof and deny has none." in whole
    assert "    set naming.max_length to 1 (now 6, naming_config.yaml:4) -> fail" in whole
    assert "    legacy_schemas: [] (default)" in whole


def test_what_is_not_known_is_named() -> None:
    lines = explain("main.sales.dark").stdout.splitlines()
    assert [each for each in lines if each.startswith("  Not known: ") and "columns" in each]
    assert "    call its columns c -> pass" in lines


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["main.sales.liness"], "no table matches main.sales.liness"),
        (["main.sales.lines", "--policy", "naming.long"], "no policy matches naming.long"),
        (["main.sales.*"], "main.sales.* is a pattern"),
        (["lines"], "lines isn't a full name"),
    ],
)
def test_what_is_not_there_is_an_error_with_what_is_near(
    arguments: list[str], message: str
) -> None:
    ended = explain(*arguments)
    assert ended.exit_code == 2
    assert message in ended.stderr
    assert ended.stdout == ""


def test_a_table_that_could_not_be_read_says_why() -> None:
    Path("broken.ndjson").write_bytes(
        _document("lines") + b'{"full_name": "main.sales.bad", "size": {"bytes": -1}}\n'
        b'{"failure": {"what": "main.sales.gone", "where": "s3://x", "reason": "it is denied",'
        b' "remedy": "Grant it."}}\n'
    )
    ended = explain("main.sales.gone", inventory="broken.ndjson")
    assert ended.exit_code == 2
    assert "it is denied" in ended.stderr
    assert "Grant it." in ended.stderr


def test_the_shipped_policies_are_those_of_the_options() -> None:
    """What the fixture replaces is there."""
    assert PolicySourceOptions().shipped == shipped_policies()
