"""`lakewarden policies for`: what it prints of a table's policies, settings and waivers."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any, Final

import pytest
from rich.cells import cell_len
from typer.testing import CliRunner, Result

from lakewarden.cli import app
from lakewarden.commands import policies_for
from lakewarden.renderers.words.wording import HIDDEN
from tests.support import scratch_policies
from tests.support.commandline import NOW

_SETTINGS: Final = """\
max_length: 3
severity: {short_columns: high}
overrides:
  - tables: ["main.old.*", main.sales.*]
    max_length: 9
    enforcement: {short_columns: mandatory}
  - {tables: "*.lines", max_length: 9}
"""
_WAIVERS: Final = """\
waivers:
  - policy: naming.short_columns
    table: main.sales.lines
    reason: "It goes.\\u202e\\e[31m\\n::error::x"
    owner: a@example.com
    approved_by: boss@example.com
    ticket: GOV-1
    expires: 2027-01-31
  - policy: naming.short_columns
    pattern: "main.*"
    reason: Old.
    owner: a
    approved_by: b
    expires: 2026-11-22
"""


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in a folder with ./policies and ./config of a team."""
    monkeypatch.chdir(tmp_path)
    scratch_policies.write(tmp_path, router=False).rename(tmp_path / "policies")
    config = tmp_path / "config"
    config.mkdir()
    (config / "naming_config.yaml").write_text(_SETTINGS)
    (config / "waivers.yaml").write_text(_WAIVERS)


def rules_for(*arguments: str) -> Result:
    return CliRunner().invoke(
        app, ["policies", "for", *arguments, "--policy", "naming.*", "--now", NOW]
    )


def test_each_value_is_printed_with_the_line_that_says_so() -> None:
    ended = rules_for("MAIN.sales.Lines")
    assert ended.exit_code == 0, ended.output
    lines = ended.stdout.splitlines()
    assert lines[0] == "MAIN.sales.Lines: 1 policy applies"
    assert lines[1] == "Settings and waivers: config. Clock: 2026-11-23 05:10:00 UTC."
    start = lines.index("  naming.short_columns  mandatory  high")
    assert lines[start + 1 : start + 5] == [
        "      enforcement: mandatory (config/naming_config.yaml:6, override for main.sales.*)",
        "        replaces advisory (the policy's own)",
        "      severity: high (config/naming_config.yaml:2)",
        "        replaces low (the policy's own)",
    ]
    start = lines.index("  max_length: 9 (config/naming_config.yaml:7, override for *.lines)")
    assert lines[start + 1 : start + 3] == [
        "    replaces 9 (config/naming_config.yaml:5, override for main.sales.*)",
        "    replaces 3 (config/naming_config.yaml:1)",
    ]
    assert "  naming.short_columns: active until 2027-01-31" in lines
    assert "      config/waivers.yaml:2, table main.sales.lines" in lines
    approval = "risk accepted, owner a@example.com, approved by boss@example.com, ticket GOV-1"
    assert f"      {approval}" in lines
    start = lines.index("  naming.short_columns: expired, valid until 2026-11-22")
    assert lines[start + 1] == "      config/waivers.yaml:9, pattern main.*"


def test_a_table_that_nothing_names_has_the_values_for_all() -> None:
    lines = rules_for("dev.a.b").stdout.splitlines()
    assert "  max_length: 3 (config/naming_config.yaml:1)" in lines
    assert "  legacy_schemas: [] (default)" in lines
    assert lines[-2:] == ["Waivers that name it", "  None."]


def test_a_policy_that_is_off_for_the_table_is_counted_apart(tmp_path: Path) -> None:
    (tmp_path / "config/naming_config.yaml").write_text("enforcement: {short_columns: off}\n")
    lines = rules_for("dev.a.b").stdout.splitlines()
    assert lines[0] == "dev.a.b: 0 policies apply, 1 is off"
    assert "  naming.short_columns  off  low" in lines


_DATED: Final = """\
enforcement: {short_columns: mandatory}
effective_on: {short_columns: 2027-01-31}
overrides:
  - {tables: main.soon.*, effective_on: {short_columns: 2026-11-24}}
  - {tables: main.now.*, effective_on: {short_columns: 2026-11-23}}
"""


@pytest.mark.parametrize(
    ("schema", "applies", "line"),
    [
        ("a", "advisory until 2027-01-31", "2027-01-31 (config/naming_config.yaml:2)"),
        ("soon", "advisory until 2026-11-24", "2026-11-24 (config/naming_config.yaml:4, override"),
        ("now", "mandatory", "2026-11-23 (config/naming_config.yaml:5, override"),
    ],
)
def test_a_policy_that_waits_for_a_day_shows_it_with_its_line(
    tmp_path: Path, schema: str, applies: str, line: str
) -> None:
    (tmp_path / "config/naming_config.yaml").write_text(_DATED)
    text = rules_for(f"main.{schema}.t").stdout
    assert f"  naming.short_columns  {applies}  low\n" in text
    assert f"      effective_on: {line}" in text


def test_json_has_all_of_it_for_programs() -> None:
    output: dict[str, Any] = json.loads(rules_for("main.sales.lines", "--format", "json").stdout)
    assert (output["full_name"], output["now"]) == ("main.sales.lines", NOW)
    (policy,) = output["policies"]
    assert policy["override"] == "main.old.*, main.sales.*; *.lines"  # what reports say
    assert policy["enforcement"] == {
        "value": "mandatory",
        "by": "override",
        "where": "config/naming_config.yaml:6",
        "tables": ["main.old.*", "main.sales.*"],
        "matched": ["main.sales.*"],
        "replaced": [
            {
                "value": "advisory",
                "by": "default",
                "where": f"policies/{scratch_policies.POLICY}",
            }
        ],
    }
    assert list(output["settings"]) == ["naming"]
    limit = output["settings"]["naming"]["max_length"]
    assert [each["by"] for each in limit["replaced"]] == ["override", "file", "default"]
    assert limit["replaced"][-1]["where"] == f"policies/{scratch_policies.SETTINGS}"
    assert [each["state"] for each in output["waivers"]] == ["active", "expired"]
    assert output["waivers"][0]["ticket"] == "GOV-1"


def test_all_policies_and_settings_are_there_without_a_pattern() -> None:
    arguments = ["policies", "for", "main.sales.lines", "--format", "json"]
    output = json.loads(CliRunner().invoke(app, arguments).stdout)
    assert len({each["policy_id"].partition(".")[0] for each in output["policies"]}) > 1
    assert len(output["settings"]) > 1
    assert "override" not in output["policies"][0]


@pytest.mark.parametrize(
    ("name", "remedy"),
    [
        ("sales.lines", "Write catalog.schema.table"),
        ("main.sales.a b", "main.sales.`a b`"),
        ("main.sales.*", "Name one table"),
        ("", "Write catalog.schema.table"),
    ],
)
def test_what_names_no_table_is_refused_with_a_remedy(name: str, remedy: str) -> None:
    ended = rules_for(name)
    assert ended.exit_code == 2
    assert remedy in ended.stderr
    assert ended.stdout == ""


def test_a_pattern_that_matches_no_policy_is_refused() -> None:
    ended = rules_for("main.sales.lines", "--policy", "naming.gone")
    assert ended.exit_code == 2
    assert "naming.short_columns" in ended.stderr


def test_a_name_keeps_only_the_back_quotes_that_it_needs() -> None:
    lines = rules_for("`main`.sales.`a.b`").stdout.splitlines()
    assert lines[0] == "main.sales.`a.b`: 1 policy applies"


class _Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_screen_of_80_columns_shows_it_whole_and_as_text(monkeypatch: pytest.MonkeyPatch) -> None:
    """A waiver's words are other people's: they command no terminal and no log."""
    piped, screen = rules_for("main.sales.lines").stdout, _Screen()
    for name, value in {"COLUMNS": "80", "TERM": "dumb", "NO_COLOR": "1"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(policies_for, "report_stream", lambda _: screen)
    assert rules_for("main.sales.lines").exit_code == 0
    text = screen.getvalue()
    assert max(map(cell_len, text.split("\n"))) <= 80
    for output in (text, piped):
        assert "It goes.\\u202e\\x1b[31m\\n" in output
        assert not HIDDEN.search(output)
        assert not any(line.strip().startswith("::") for line in output.split("\n"))
