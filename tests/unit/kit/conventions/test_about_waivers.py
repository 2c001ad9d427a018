"""Policies about waivers keep the conventions, which know that a waiver isn't a table.

The modules are `sets.py`, `annotations.py`, `examples.py`, `messages.py` and `interface.py`.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest

from lakewarden.kit.conventions import CONVENTIONS, Policies
from lakewarden.kit.rego_module import parse_modules
from lakewarden.kit.scratch import open_workspace
from tests.support import rego, scratch_policies

pytestmark = pytest.mark.opa

_PLACE: Final = "lakewarden/waivers/ownership/by_team/by_team.rego"


def policy() -> str:
    """Return the policy that the page about waivers shows."""
    page = (rego.CHECKOUT / "docs" / "waivers.md").read_text(encoding="utf-8")
    found = re.search(r"```rego\n(.*?)```", page, re.DOTALL)
    assert found
    return found[1]


@pytest.mark.parametrize(
    ("right", "wrong", "found"),
    [
        ("", "", {}),
        ("schema.waiver", "schema.table", {"what_is_read_is_typed": "- input: schema.waiver"}),
        (
            "ownership.by_team\n",
            'ownership.by_team\n\nneeds contains "owner" if not input.owner\n',
            {"public_rules_are_the_five_sets": "public rules are pass, deny, not_applicable"},
        ),
        (
            "before: {owner: jo}",
            "before: {owner: jo, table_type: VIEW}",
            {"examples_are_documents": "isn't a waiver's document"},
        ),
        (
            '"%s is owned by %s, but needs a team as its owner.", [input.name, input.owner]',
            '"It is owned by %s.", [input.owner]',
            {"message_names_the_table": "does not name the waiver"},
        ),
        ("after: {owner: sales-team}", "after: {owner: al}", {"examples_fail_and_pass": "to pass"}),
    ],
)
def test_a_breach_is_caught(right: str, wrong: str, found: dict[str, str], tmp_path: Path) -> None:
    root = scratch_policies.write(tmp_path)
    file = root / _PLACE
    file.parent.mkdir(parents=True)
    file.write_text(policy().replace(right, wrong))
    with open_workspace(rego.opa_binary(), [root], only=["ownership.by_team"]) as workspace:
        policies = Policies(workspace=workspace, modules=parse_modules(workspace))
        names = {
            *("what_is_read_is_typed", "public_rules_are_the_five_sets", "message_names_the_table"),
            *("examples_are_documents", "examples_fail_and_pass", "pass_and_deny_exist"),
            *("lacking_evidence_decides_nothing", "what_may_be_absent_is_needed"),
        }
        findings = [
            finding
            for each in CONVENTIONS
            if each.name in names
            for finding in each.findings(policies)
        ]
    assert {each.check for each in findings} == found.keys()
    for each in findings:
        assert found[each.check] in f"{each.what} {each.remedy}"
