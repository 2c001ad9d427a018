"""A domain is added with folders and a settings file, and nothing else: no line of Python.

A small one is written into a folder of its own and looked for wherever a domain has to appear.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest

from tests.support.commandline import document, environment, lakewarden, write_lines

pytestmark = pytest.mark.opa

POLICY_ID: Final = "naming.no_leftovers"
TITLE: Final = "Names of tables do not call them left over"

_FILES: Final = {
    "tables/naming/settings.schema.json": json.dumps(
        {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": "Settings of the naming policies",
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "leftover_endings": {
                    "description": "Endings of names that nobody means to keep.",
                    "type": "array",
                    "items": {"type": "string"},
                    "default": ["_old"],
                }
            },
        }
    ),
    "tables/naming/no_leftovers/no_leftovers.rego": f"""\
# METADATA
# title: {TITLE}
# description: No name of a table ends in one of leftover_endings.
# schemas:
#   - input: schema.table
#   - data.lakewarden_run: schema.settings
# custom:
#   severity: low
#   enforcement: advisory
#   why: Anyone who finds two tables of nearly one name reads the wrong one.
#   remediation: Rename the table, or drop it.
#   examples:
#     before: {{name: orders_old}}
#     after: {{name: orders}}
package lakewarden.tables.naming.no_leftovers

import data.lakewarden.lib.naming

pass contains "Its name is one to keep." if naming.leftover == false

deny contains {{"message": message, "expected": "a name to keep", "actual": input.name}} if {{
	naming.leftover
	message := sprintf("%s is called a leftover. Rename or drop it.", [input.full_name])
}}
""",
    "lib/naming/naming.rego": """\
# METADATA
# title: Facts about names
# description: Whether a table is called a leftover.
# schemas:
#   - input: schema.table
#   - data.lakewarden_run: schema.settings
package lakewarden.lib.naming

import data.lakewarden_run.settings.naming as settings

leftover if {
	some ending in settings.leftover_endings
	endswith(input.name, ending)
} else := false

facts := {"leftover": leftover}
""",
}


_WITHOUT_SETTINGS: Final = f"""\
# METADATA
# title: {TITLE}
# description: No name of a table ends in _old.
# schemas:
#   - input: schema.table
# custom:
#   severity: low
#   enforcement: advisory
#   remediation: Rename the table, or drop it.
package lakewarden.tables.naming.no_leftovers

pass contains "Its name is one to keep." if not _leftover

deny contains {{"message": message, "expected": "a name to keep", "actual": input.name}} if {{
	_leftover
	message := sprintf("%s is called a leftover. Rename or drop it.", [input.full_name])
}}

_leftover if endswith(input.name, "_old")
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the domain in `mine`, its settings in `config`, and two tables."""
    home = tmp_path_factory.mktemp("home")
    for path, text in _FILES.items():
        file = home / "mine" / "lakewarden" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    (home / "config").mkdir()
    (home / "config" / "naming_config.yaml").write_text(
        "leftover_endings: [_old, _bak]\nenforcement: {no_leftovers: mandatory}\n"
    )
    write_lines(home / "lake.ndjson", document("orders"), document("orders_bak"))
    return home


def _evaluate(home: Path, name: str, *arguments: str) -> dict[str, Any]:
    """Return the JSON report `<name>.json`; the HTML report lies beside it."""
    ended = lakewarden(
        *("evaluate", "--inventory", "lake.ndjson", "--policy-source", "mine", "--no-gate"),
        *("--report", f"json={name}.json", "--report", f"html={name}.html", *arguments),
        cwd=home,
    )
    assert ended.returncode == 0, ended.stderr
    report: dict[str, Any] = json.loads((home / f"{name}.json").read_text())
    return report


@pytest.fixture(scope="module")
def report(home: Path) -> dict[str, Any]:
    """Evaluate the two tables, with the settings in `config`."""
    return _evaluate(home, "report")


def _outcomes(report: dict[str, Any]) -> list[tuple[str, str]]:
    return [
        (table["full_name"], table["decisions"][POLICY_ID]["outcome"]) for table in report["tables"]
    ]


def test_its_policy_is_listed_and_explained(home: Path) -> None:
    ended = lakewarden("policies", "list", "--policy-source", "mine", cwd=home)
    (line,) = (line for line in ended.stdout.splitlines() if line.startswith(POLICY_ID))
    assert line.split("\t") == [POLICY_ID, "low", "mandatory", TITLE]
    shown = lakewarden("policies", "show", POLICY_ID, "--policy-source", "mine", cwd=home).stdout
    assert TITLE in shown
    assert "leftover_endings" in shown


def test_it_decides_by_its_settings(report: dict[str, Any]) -> None:
    assert _outcomes(report) == [("main.sales.orders", "pass"), ("main.sales.orders_bak", "fail")]
    (policy,) = (each for each in report["policies"] if each["policy_id"] == POLICY_ID)
    assert policy["enforcement"] == "mandatory"
    assert len(report["policies"]) > 1  # beside those that are shipped


def test_its_facts_are_reported(report: dict[str, Any]) -> None:
    facts = {table["full_name"]: table["facts"]["naming"] for table in report["tables"]}
    assert facts == {
        "main.sales.orders": {"leftover": False},
        "main.sales.orders_bak": {"leftover": True},
    }


def test_it_is_on_the_html_page(home: Path, report: dict[str, Any]) -> None:
    assert report["tables"]
    page = (home / "report.html").read_text()
    assert TITLE in page
    assert POLICY_ID in page
    assert "main.sales.orders_bak is called a leftover." in page
    assert "Naming: leftover" in page  # its fact, to count by


def test_it_gates_as_its_settings_say(home: Path) -> None:
    """`--policy` leaves it alone to decide, so that nothing else can be what fails the run."""
    narrowed = ("--inventory", "lake.ndjson", "--policy-source", "mine", "--policy", POLICY_ID)
    assert lakewarden("evaluate", *narrowed, cwd=home).returncode == 1
    (home / "none").mkdir(exist_ok=True)
    assert lakewarden("evaluate", *narrowed, "--config", "none", cwd=home).returncode == 0


def test_its_defaults_hold_without_a_settings_file(home: Path) -> None:
    (home / "nothing").mkdir()
    report = _evaluate(home, "defaults", "--config", "nothing")
    assert {outcome for _, outcome in _outcomes(report)} == {"pass"}


def test_the_embedded_engine_finds_it_too(home: Path, report: dict[str, Any]) -> None:
    embedded = _evaluate(home, "embedded", "--engine", "embedded")
    assert embedded["run"]["engine"]["name"] == "embedded"
    assert embedded["tables"] == report["tables"]


def test_a_setting_that_it_does_not_have_is_refused(home: Path) -> None:
    (home / "wrong").mkdir()
    file = home / "wrong" / "naming_config.yaml"
    file.write_text("leftover_endings: []\nleftover_ending: [_tmp]\n")
    ended = lakewarden(
        *("evaluate", "--inventory", "lake.ndjson", "--policy-source", "mine", "--config", "wrong"),
        cwd=home,
    )
    assert ended.returncode == 2
    assert f"{file.relative_to(home)}:2" in ended.stderr
    assert "`leftover_ending`" in ended.stderr
    assert "leftover_endings" in ended.stderr


def test_its_settings_need_its_policies(home: Path) -> None:
    """A settings file whose domain is not there would be read by nobody."""
    ended = lakewarden("evaluate", "--inventory", "lake.ndjson", "--config", "config", cwd=home)
    assert ended.returncode == 2
    assert "there is no domain naming" in ended.stderr


def test_its_pages_are_generated(home: Path) -> None:
    def pages(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "lakewarden.generate.policy_pages", *arguments, "mine", "docs"],
            cwd=home,
            env=environment(home),
            capture_output=True,
            text=True,
            check=False,
        )

    (home / "docs").mkdir()
    assert pages("--check").returncode == 1
    assert pages().returncode == 0
    assert pages("--check").returncode == 0
    assert TITLE in (home / "docs" / "policies.md").read_text()
    page = (home / "docs" / "policies" / "naming" / "no_leftovers.md").read_text()
    assert "Anyone who finds two tables of nearly one name reads the wrong one." in page
    assert "`leftover_endings`" in page
    assert "orders_old" in page


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a domain of one policy and no settings, made mandatory but for some."""
    plain = tmp_path_factory.mktemp("plain")
    file = (
        plain / "mine" / "lakewarden" / "tables" / "naming" / "no_leftovers" / "no_leftovers.rego"
    )
    file.parent.mkdir(parents=True)
    file.write_text(_WITHOUT_SETTINGS)
    (plain / "config").mkdir()
    (plain / "config" / "naming_config.yaml").write_text(
        "enforcement: {no_leftovers: mandatory}\n"
        "overrides: [{tables: '*.orders_old', enforcement: {no_leftovers: advisory}}]\n"
    )
    write_lines(plain / "lake.ndjson", document("orders_old"), document("sales_old"))
    return plain


def test_a_domain_without_settings_is_configured_too(plain: Path) -> None:
    """What its page says that one may write has to be read."""
    listed = lakewarden(
        *("policies", "list", "--policy-source", "mine", "--config", "config"), cwd=plain
    ).stdout
    assert f"{POLICY_ID}\tlow\tmandatory\t{TITLE}" in listed
    report = _evaluate(plain, "report")
    assert _outcomes(report) == [
        ("main.sales.orders_old", "fail"),
        ("main.sales.sales_old", "fail"),
    ]
    first, second = (table["decisions"][POLICY_ID] for table in report["tables"])
    assert (first["enforcement"], first["override"]) == ("advisory", "*.orders_old")
    assert "enforcement" not in second
    assert (
        lakewarden(
            *(
                "evaluate",
                "--inventory",
                "lake.ndjson",
                "--policy-source",
                "mine",
                "--policy",
                POLICY_ID,
            ),
            cwd=plain,
        ).returncode
        == 1
    )


def test_a_domain_without_settings_has_pages_and_schemas(plain: Path) -> None:
    shown = lakewarden("policies", "show", POLICY_ID, "--policy-source", "mine", cwd=plain).stdout
    assert "It reads no settings." in shown
    ended = lakewarden(
        *("policies", "schemas", "--policy-source", "mine", "--output", "schemas"), cwd=plain
    )
    assert ended.returncode == 0, ended.stderr
    schema = json.loads((plain / "schemas" / "naming_config.schema.json").read_text())
    common = {"enforcement", "severity", "effective_on", "overrides"}
    assert set(schema["properties"]) == common | {"max_waiver_days", "max_waiver_tables"}
    assert "no_leftovers" in schema["properties"]["enforcement"]["properties"]
