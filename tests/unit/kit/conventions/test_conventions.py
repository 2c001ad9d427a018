"""Each convention catches its breach, and says where; without one, none of them says anything."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

import pytest

from lakewarden.kit import example_decisions
from lakewarden.kit.conventions import CONVENTIONS, Policies, interface
from lakewarden.kit.example_decisions import Decision
from lakewarden.kit.finding import Finding
from lakewarden.kit.rego_module import parse_modules
from lakewarden.kit.scratch import Workspace, open_workspace
from tests.support import rego, scratch_policies
from tests.support.scratch_policies import LIB, POLICY, SETTINGS, TEST

pytestmark = pytest.mark.opa

_FOLDER: Final = "lakewarden/tables/naming/short_columns"
_POLICY: Final = scratch_policies.FILES[POLICY]


class Breach(NamedTuple):
    """In `file`, `wrong` instead of `right`; the finding is about `about` and says `words`.

    Where `right` is empty, the file is written again.
    """

    convention: str
    file: str
    right: str
    wrong: str
    words: str
    about: str = ""


_OTHER: Final = """\
# METADATA
# title: More names
# description: Lies where it should not.
package lakewarden.lib.naming.deeper

words := ["a"]
"""

_MESSAGE: Final = """\
message := sprintf("%s has the column %s of %d characters. Rename it.", [
		input.full_name,
		name,
		count(name),
	])"""

_NEEDS: Final = 'needs contains "columns"'

_ASKS_DENY: Final = """\
	some violation in policy.deny with input as _table(["towns"])
		with data.lakewarden_run as _run
	violation.actual == 5
"""

_REST: Final = f"{_MESSAGE}\n}}\n"

_REST_BY_A_RULE: Final = """\
message := _message
}

_message := sprintf("%s is bad.", [_what]) if input.full_name

_what := "It"
"""

_MEMBER: Final = """\
deny contains {"message": message, "expected": expected, "actual": count(name), "key": name} if {
"""

_TEXT_ALONE: Final = """\
deny contains violation if {
	violation := sprintf("%s is bad.", [input.full_name])
"""

_MESSAGE_ALONE: Final = """\
deny contains violation if {
	violation := {"message": sprintf("%s is bad.", [input.full_name])}
"""

_CONSTANT_BEHIND_A_VARIABLE: Final = """\
deny contains violation if {
	violation := {"message": "It is bad.", "expected": expected, "actual": count(name)}
"""

_EXEMPTIONS: Final = _POLICY[_POLICY.index("#   exemptions:") : _POLICY.index("\npass contains")]
_EXEMPTS_IF_SMALLER: Final = _EXEMPTIONS.replace(
    "input.schema_name in settings.legacy_schemas", "settings.max_length < 15"
).replace(
    "#   exemptions:", "#   what_if: {settings: [max_length], factors: [0.5]}\n#   exemptions:"
)

_METADATA: Final = _POLICY[: _POLICY.index("package ")]

BREACHES: Final = [
    Breach("package_is_the_path", POLICY, "naming.short_columns\n", "naming.shortcolumns\n",
           "its folder says lakewarden.tables.naming.short_columns"),
    Breach("package_is_the_path", TEST, "columns_test\n", "columns_tests\n",
           "its folder says lakewarden.tables.naming.short_columns_test"),
    Breach("folder_holds_the_policy_and_its_test", f"{_FOLDER}/more.rego", "", _OTHER,
           "neither short_columns.rego nor"),
    Breach("folder_holds_the_policy_and_its_test", "lakewarden/tables/naming/bare/bare.rego", "",
           _OTHER, "lacks bare_test.rego", "lakewarden/tables/naming/bare"),
    Breach("folder_holds_the_policy_and_its_test", "lakewarden/tables/naming/b/b_test.rego", "",
           _OTHER, "lacks b.rego", "lakewarden/tables/naming/b"),
    Breach("domain_holds_policies_and_its_settings", "lakewarden/tables/naming/notes.rego", "",
           _OTHER, "a domain's folder holds"),
    Breach("no_package_is_inside_another", "lakewarden/lib/naming/deeper/deeper.rego", "", _OTHER,
           "inside another one that has rules, lakewarden.lib.naming"),
    Breach("annotation_is_complete", POLICY, _METADATA, "", "it has no METADATA block"),
    Breach("annotation_is_complete", POLICY, "title: C", "titel: C", "nothing reads titel"),
    Breach("annotation_is_complete", POLICY, "# title: Column names are short\n", "",
           "lacks title"),
    Breach("annotation_is_complete", POLICY, "severity: low", "severity: lowest",
           "lacks custom.severity"),
    Breach("annotation_is_complete", POLICY, "#   why: Long names do not fit into the reports.\n",
           "", "lacks custom.why"),
    Breach("annotation_is_complete", POLICY, "  why", "  because", "nothing reads custom.because"),
    Breach("annotation_is_complete", POLICY, "  why", "  settings: [max_length]\n#   why",
           "nothing reads custom.settings"),
    Breach("annotation_is_complete", POLICY, "#     after:", "#     later:",
           "lacks custom.examples"),
    Breach("annotation_is_complete", POLICY,
           "#   exemptions:\n#     - Tables in a schema of legacy_schemas.\n", "",
           "lacks custom.exemptions"),
    Breach("annotation_is_complete", POLICY, "exempt contains", "_exempt contains",
           "there is no rule `exempt`"),
    Breach("package_is_described_once", LIB, "# title: Names\n", "", "lacks title and description"),
    Breach("package_is_described_once", "lakewarden/lib/naming/again.rego", "",
           "# METADATA\n# title: A\n# description: B.\npackage lakewarden.lib.naming\n",
           "also describes the package", LIB),
    Breach("what_is_read_is_typed", LIB, "# schemas:\n#   - input: schema.table\n", "",
           "it reads input"),
    Breach("what_is_read_is_typed", POLICY, "schema.settings", "schema.table",
           "types data.lakewarden_run by schema.table"),
    Breach("what_is_read_is_typed", LIB, "#   - input: schema.table\n",
           "#   - input: schema.table\n#   - data.lakewarden_run: schema.settings\n",
           "types data.lakewarden_run, which it does not read"),
    Breach("settings_are_read_by_name", LIB, "[column.name | some column in input.columns]",
           "[other | some column in input.columns; other := column.name]\n\n"
           "other := data.lakewarden_run.settings.naming.max_size\n\nnames := columns",
           "whether it reads max_size can't be told", POLICY),
    Breach("settings_are_read_by_name", POLICY, "_limit := settings.max_length",
           '_limit := object.get(settings, "max_length", 1)', "all settings of its domain"),
    Breach("examples_are_documents", POLICY, "[{name: city}]", "[{nam: city}]",
           "custom.examples.after isn't a table document"),
    Breach("examples_are_documents", POLICY, "#     after:",
           "#     settings: {max_lenght: 3}\n#     after:", "'max_lenght' was unexpected"),
    Breach("examples_fail_and_pass", POLICY, "a_name_that_nobody_can_type", "short",
           "is to fail, but it is pass"),
    Breach("examples_fail_and_pass", POLICY, "#     after:",
           "#     settings: {max_length: 3}\n#     after:", "is to pass, but it is fail"),
    Breach("examples_fail_and_pass", POLICY, "_limit := settings.max_length\n",
           "_limit := settings.max_length\n\n_limit := 3\n", "OPA does not decide"),
    *(Breach("what_if_can_be_tried", POLICY, "#   exemptions:\n",
             f"#   what_if: {{{output}}}\n#   exemptions:\n", words)
      for output, words in (
          ("settings: [max_lenght], factors: [2]", "max_lenght, which isn't a setting"),
          ("settings: [legacy_schemas], factors: [2]", "legacy_schemas, which isn't a number"),
          ("settings: [max_length], factors: [half]", "Expected `float`, got `str`"),
          ("settings: [max_length], factors: [0.5, 1]", "has 1, which changes nothing"),
          ("settings: [max_length], factors: [-2]", "has -2, which isn't a number from 0 up"),
          ("settings: [max_length], factors: []", "names no factor"),
          ("settings: [], factors: [2]", "names no setting"),
          ("settings: [max_length, max_length], factors: [2]", "names something twice"),
      )),
    Breach("what_if_only_exempts", POLICY, _EXEMPTIONS, _EXEMPTS_IF_SMALLER,
           "times 0.5, the table of custom.examples.before does not fail any more: exempt"),
    Breach("what_if_only_exempts", POLICY, "#   exemptions:\n",
           "#   what_if: {settings: [max_length], factors: [2, 0.1]}\n#   exemptions:\n",
           "times 0.1, the table of custom.examples.after does not pass any more: fail"),
    Breach("lacking_evidence_decides_nothing", POLICY,
           'needs contains "columns" if not naming.columns\n\n', "",
           "custom.examples.before is fail with its columns and error without it"),
    Breach("what_may_be_absent_is_needed", POLICY,
           'needs contains "columns" if not naming.columns\n\n'
           'needs contains "table_type" if not _typed\n\n', "",
           "it reads input.columns, which a document may lack, but doesn't need it"),
    Breach("what_may_be_absent_is_needed", POLICY,
           'needs contains "columns" if not naming.columns\n\n'
           'needs contains "table_type" if not _typed\n\n',
           'not_applicable contains "Large." if object.get(input, ["size", "bytes"], 0) > 9\n\n',
           "it reads input.size, which a document may lack, but doesn't need it"),
    Breach("null_is_like_absent", POLICY, "input.schema_name in settings.legacy_schemas",
           "input.size.bytes < 10", "is exempt where its size is null and fail where it is absent"),
    Breach("public_rules_are_the_five_sets", POLICY, "not_applicable contains",
           "notapplicable contains", "nothing reads a policy's notapplicable"),
    Breach("public_rules_are_the_five_sets", POLICY,
           'not_applicable contains "A view takes its names from elsewhere." if',
           'not_applicable := {"A view takes its names from elsewhere."} if', "isn't a set"),
    Breach("pass_and_deny_exist", POLICY, "deny contains", "_deny contains", "no rule deny"),
    Breach("pass_and_deny_exist", POLICY, "pass contains", "_pass contains", "no rule pass"),
    Breach("policies_are_read_by_the_router_alone", LIB, "is_array(input.columns)",
           "data.lakewarden.tables.naming.short_columns.pass", "reads the policy data."),
    Breach("only_what_is_there_is_read", LIB, "is_array(input.columns)", "data.company.tables",
           "there is no data.company.tables"),
    Breach("only_what_is_there_is_read", POLICY, "if not naming.columns", "if not naming.colums",
           "there is no data.lakewarden.lib.naming.colums"),
    Breach("only_what_is_there_is_read", POLICY, "import data.lakewarden.lib.naming",
           "import data.lakewarden.lib.nming as naming", "there is no data.lakewarden.lib.nming"),
    Breach("only_what_is_there_is_read", TEST, "_table(names) := {",
           "_nothing := data.lakewarden.lib.naming.rows\n\n_table(names) := {",
           "there is no data.lakewarden.lib.naming.rows"),
    Breach("router_is_the_only_entrypoint", LIB, "# description: The names",
           "# entrypoint: true\n# description: The names", "marked as an entrypoint"),
    Breach("needs_names_evidence", POLICY, _NEEDS, 'needs contains "colums"',
           "it needs colums, but a table document has no such field"),
    Breach("needs_names_evidence", POLICY, _NEEDS,
           'needs contains kind if some kind in {"colums"}\n\n' + _NEEDS, "it needs colums"),
    Breach("needs_names_evidence", POLICY, _NEEDS,
           'needs contains lower("COLUMS") if input.table_type\n\n' + _NEEDS, "it needs colums"),
    Breach("named_policy_is_there", POLICY, "It is old.", "See naming.long_columns.",
           "it names naming.long_columns, but there is no such policy"),
    Breach("named_policy_is_there", POLICY, "It is old.", "See nameing.short_columns.",
           "it names nameing.short_columns, but there is no such policy"),
    Breach("every_set_is_tested", TEST, "count(policy.not_applicable) == 1", "count([1]) == 1",
           "asks for not_applicable", POLICY),
    Breach("absent_and_null_evidence_is_tested", TEST,
           ', {"table_type": "MANAGED", "columns": null}', "",
           "stops needing columns where that is null", POLICY),
    Breach("absent_and_null_evidence_is_tested", TEST, '{"table_type": "MANAGED"}, ', "",
           "stops needing columns where that is absent", POLICY),
    Breach("absent_and_null_evidence_is_tested", POLICY, _NEEDS,
           'needs contains kind if {\n\tsome kind in {"size"}\n\tnot input.size\n}\n\n' + _NEEDS,
           "stops needing size where that is absent"),
    Breach("absent_and_null_evidence_is_tested", POLICY, _NEEDS,
           'needs contains kind if some kind in _missing\n\n_missing contains "size" if not '
           "input.size\n\n" + _NEEDS, "stops needing size where that is absent"),
    *(Breach("tests_notice_an_empty_set", TEST, right, wrong, f"if {name} is always empty", POLICY)
      for name, right, wrong in (
          ("pass", "count(policy.pass) == 1 with", "policy.pass == policy.pass with"),
          ("deny", _ASKS_DENY, ""),
          ("exempt", "policy.exempt) == 1", "policy.exempt) < 9"),
          ("not_applicable", "policy.not_applicable) == 1", "policy.not_applicable) >= 0"),
      )),
    Breach("tests_are_run", TEST, "test_views", "tets_views", "tets_views_are_left_alone is never"),
    Breach("tests_are_run", TEST, "test_views", "todo_test_views", "todo_test_views_are_left"),
    Breach("deny_says_what_was_expected_and_what_is", POLICY, ', "actual": count(name)', "",
           "this one has "),
    Breach("deny_says_what_was_expected_and_what_is", POLICY,
           'deny contains {"message": message, "expected": expected, "actual": count(name),'
           ' "key": name}', 'deny contains "bad"', "has none of them"),
    Breach("deny_says_what_was_expected_and_what_is", POLICY, '"key": name', '"kee": name',
           "this one has "),
    Breach("violation_says_it_all", POLICY, '"key": name', '"key": name, "fixes": [{"sql": ["A"]}]',
           "required field `title`"),
    Breach("key_tells_violations_apart", POLICY, ', "key": name', "", "there can be several"),
    Breach("message_leaves_statements_to_fixes", POLICY, "Rename it.",
           "Use ALTER TABLE x RENAME COLUMN.", "has a statement in it: ALTER TABLE"),
    Breach("violation_says_it_all", POLICY, _MEMBER, _TEXT_ALONE, "the example is 'main.sales."),
    Breach("violation_says_it_all", POLICY, _MEMBER, _MESSAGE_ALONE, "the example is {'message'"),
    Breach("violation_says_it_all", POLICY, 'sprintf("at most %d characters", [_limit])', '""',
           "expected says nothing"),
    Breach("violation_says_it_all", POLICY, '"actual": count(name)', '"actual": null',
           "actual says nothing"),
    Breach("texts_are_well_formed", POLICY, "%s of %d characters. Rename", "%d of %d characters.",
           "could not make this text: main.sales.orders has the column %!d(string=a_name"),
    Breach("texts_are_well_formed", POLICY, 'No name has more than %d characters.", [_limit]',
           'No name of %s has more than %d.", [_limit]', "not make this text: No name of %!s"),
    Breach("message_is_about_the_table", POLICY, _REST, _REST_BY_A_RULE,
           "the same for every table"),
    Breach("message_is_about_the_table", POLICY, _MEMBER, _CONSTANT_BEHIND_A_VARIABLE,
           "the same for every table"),
    Breach("message_is_about_the_table", POLICY, '"message": message', '"message": "Too long."',
           "the same for every table"),
    Breach("message_is_about_the_table", POLICY, _MESSAGE, 'message := sprintf("Bad: %d.", [1])',
           "the same for every table"),
    Breach("message_names_the_table", POLICY, "input.full_name", "input.name",
           "does not name the table: orders has the column"),
    Breach("only_plain_references_are_negated", POLICY, "not naming.columns",
           "not is_array(input.columns)", "negates a call"),
    Breach("nothing_is_compared_with_null", LIB, "is_array(input.columns)", "input.columns != null",
           "compares with null"),
    Breach("nothing_is_compared_with_null", LIB, "is_array(input.columns)",
           "count([c | c := input.columns; c == null]) == 0", "compares with null"),
    Breach("no_dead_rule", POLICY, "_limit := settings.max_length\n",
           "_limit := settings.max_length\n\n_other := _another\n\n_another := 1\n",
           "nothing refers to _another"),
    Breach("no_unused_import", LIB, "package lakewarden.lib.naming\n",
           "package lakewarden.lib.naming\n\nimport data.lakewarden.lib.size as large\n",
           "the import large is not used"),
    Breach("no_unused_argument", POLICY, "_is_long(name, limit) if count(name) > limit",
           "_is_long(name, limit) if count(name) > 3", "does not use its argument limit"),
    Breach("nothing_is_shadowed", POLICY, "some name in _long", "some count in _long",
           "count is the name of a built-in"),
    Breach("nothing_is_shadowed", POLICY, "_is_long(name, limit) if", "_is_long(name, time) if",
           "time is the name of a built-in"),
    Breach("nothing_is_shadowed", LIB, "columns := [", "json := [", "json is the name"),
    Breach("nothing_is_shadowed", POLICY, "expected := sprintf", "sum := sprintf", "sum is the"),
    Breach("nothing_is_left_to_write", POLICY, "description: No", "description: TODO",
           "still to be written"),
    Breach("nothing_is_left_to_write", POLICY, "It is old.", "TODO", "still to be written"),
    Breach("nothing_is_left_to_write", TEST, "test_short_names_pass if {",
           "test_short_names_pass if {\n\t# TODO: more of them", "still to be written"),
    Breach("no_impure_built_in", LIB, "is_array(input.columns)", "time.now_ns() > 1",
           "may not call time.now_ns"),
    Breach("no_print_is_left", LIB, "if is_array(input.columns)",
           "if {\n\tprint(input)\n\tis_array(input.columns)\n}", "a print statement is left"),
    Breach("rego_names_no_api_call", POLICY, "It is old.", "Run DESCRIBE DETAIL.",
           "how evidence is collected: DESCRIBE DETAIL"),
    Breach("rego_names_no_api_call", LIB, "lib.naming\n", "lib.naming\n\n# See /api/2.1.\n",
           "how evidence is collected: /api/2"),
    Breach("rego_names_no_api_call", POLICY, "It is old.", "SELECT max(x) FROM t",
           "how evidence is collected: SELECT max(x) FROM"),
    Breach("nothing_is_left_to_write", SETTINGS, "Characters.", "TODO: say of what.",
           "still to be written"),
    Breach("policy_does_not_name_itself", POLICY, "%s has the column",
           "naming.short_columns: %s has", "contains its own id, naming.short_columns"),
    Breach("every_setting_is_read", SETTINGS, '"max_length": {"', '"max": {"type": "integer", '
           '"default": 3}, "max_length": {"', "no policy reads the setting max"),
]  # fmt: skip


def _findings(root: Path, name: str) -> list[Finding]:
    convention = next(convention for convention in CONVENTIONS if convention.name == name)
    with open_workspace(rego.opa_binary(), [root]) as workspace:
        policies = Policies(workspace=workspace, modules=parse_modules(workspace))
        return convention.findings(policies)


_OTHER_TABLE: Final = """\
#       full_name: a.b.c
#       catalog_name: a
#       schema_name: b
#       name: c
"""

# What a convention must let stand: the file, what stands in it, what might as well.
HARMLESS: Final = [
    ("message_names_the_table", "#     before:\n", f"#     before:\n{_OTHER_TABLE}"),
    ("rego_names_no_api_call", "Rename the column.", "Revoke SELECT, or run DESCRIBE DETAIL."),
    ("rego_names_no_api_call", 'table_type == "VIEW"', 'schema_name == "information_schema"'),
    ("policy_does_not_name_itself", "settings.max_length", "settings.short_columns"),
    ("policy_does_not_name_itself", "It is old.", "The property short_columns says so."),
    ("named_policy_is_there", "It is old.", "Set naming.team first."),
    ("named_policy_is_there", "It is old.", "See delta.feature and naming.short_columns."),
    ("needs_names_evidence", '"columns" if', 'kind if {\n\tsome kind in {"tags"}\n}\n\n_x if'),
    ("only_plain_references_are_negated", "not naming.columns", "not input.columns[0]"),
    ("only_plain_references_are_negated", "not naming.columns", "not input.properties[true]"),
]


@pytest.mark.parametrize(("name", "right", "other"), HARMLESS)
def test_convention_lets_it_stand(tmp_path: Path, name: str, right: str, other: str) -> None:
    """A false alarm teaches authors to overlook true ones."""
    root = scratch_policies.write(tmp_path)
    scratch_policies.change(root, POLICY, right, other)
    assert not _findings(root, name)


@pytest.mark.parametrize("breach", BREACHES, ids=lambda b: f"{b.convention}:{b.words[:20]}")
def test_convention_catches_its_breach(tmp_path: Path, breach: Breach) -> None:
    """A convention that catches nothing would be believed in all the same."""
    root = scratch_policies.write(tmp_path)
    if breach.right:
        scratch_policies.change(root, breach.file, breach.right, breach.wrong)
    else:
        scratch_policies.put(root, breach.file, breach.wrong)
    found = _findings(root, breach.convention)
    assert [finding for finding in found if breach.words in finding.what], found
    (file,) = {finding.file for finding in found if breach.words in finding.what}
    assert file == str(root / (breach.about or breach.file))
    assert all(finding.remedy and finding.check == breach.convention for finding in found)


def test_every_convention_has_a_breach() -> None:
    """A new convention is proved here, or nobody knows whether it can fail."""
    assert {breach.convention for breach in BREACHES} == {each.name for each in CONVENTIONS}


def test_good_policies_break_nothing(tmp_path: Path) -> None:
    """What the breaches start from is without fault, so each finding is due to its breach."""
    root = scratch_policies.write(tmp_path)
    with open_workspace(rego.opa_binary(), [root]) as workspace:
        policies = Policies(workspace=workspace, modules=parse_modules(workspace))
        assert {name for name, _ in policies.decisions} == {"naming.short_columns"}
        assert not [finding for each in CONVENTIONS for finding in each.findings(policies)]


def test_line_is_the_users(tmp_path: Path) -> None:
    """A finding is opened in an editor: its line is the one to change."""
    root = scratch_policies.write(tmp_path)
    scratch_policies.change(root, LIB, "is_array(input.columns)", "input.columns != null")
    (finding,) = _findings(root, "nothing_is_compared_with_null")
    lines = (root / LIB).read_text(encoding="utf-8").splitlines()
    assert "!= null" in lines[finding.line - 1]


_EXEMPT: Final = 'exempt contains {"kind": "rule", "reason": "It is new."} if '

# What decides by a part that neither example has in a telling way, and the part.
UNKNOWING: Final = {
    "_days < 31\n\ndefault _days := 30\n\n_days := input.access.window_days": "access",
    'object.get(input, "comment", "") == ""': "comment",
    'object.get(input.size, "bytes", 0) < 10': "size",
    "not input.tags.pii": "tags",
    'input.tags.tier == "gold"': "tags",
    'input.created_at < "2000-01-01T00:00:00Z"': "created_at",
    "input.size.bytes < 10": "size",
    "input.detail.num_files > 1000": "detail",
    "input.predictive_optimization.enabled": "predictive_optimization",
    "input.access.reads == 0": "access",
    'input.owner == ""': "owner",
    'input.properties["team.flag"] == "yes"': "properties",
    'startswith(input.storage_location, "s3:")': "storage_location",
    'input.data_source_format == "NEW_FORMAT"': "data_source_format",
    "some column in input.columns\n\tcolumn.nullable == false": "columns",
}
KNOWING: Final = {
    "input.access.reads == 0": ("access", "is_number(input.access.reads)"),
    "input.size.bytes < 10": ("size", "is_number(input.size.bytes)"),
    'input.owner == ""': ("owner", "is_string(input.owner)"),
    'input.tags.tier == "gold"': ("tags", "is_object(input.tags)"),
    "input.predictive_optimization.enabled": (
        "predictive_optimization",
        "is_boolean(input.predictive_optimization.enabled)",
    ),
}


@pytest.mark.parametrize(("condition", "part"), UNKNOWING.items())
def test_trials_find_what_the_examples_do_not_show(
    tmp_path: Path, condition: str, part: str
) -> None:
    """An author's two examples say nothing about views, tags, reads and the like."""
    body, _, rest = condition.partition("\n\n")
    root = scratch_policies.write(tmp_path)
    rule = f"{_EXEMPT}{{\n\t{body}\n}}\n\n{rest}\n\npass contains sprintf("
    scratch_policies.change(root, POLICY, "pass contains sprintf(", rule)
    found = _findings(root, "lacking_evidence_decides_nothing")
    assert [each for each in found if f"with its {part}" in each.what], found
    remedy = "property.unknown(name)" if part == "properties" else f'needs contains "{part}"'
    assert any(remedy in finding.remedy for finding in found)


@pytest.mark.parametrize(("condition", "known"), KNOWING.items())
def test_trials_accept_what_is_needed(
    tmp_path: Path, condition: str, known: tuple[str, str]
) -> None:
    """The same, where the policy needs what it reads."""
    part, is_known = known
    needs = f'needs contains "{part}" if not _known\n\n_known if {is_known}'
    root = scratch_policies.write(tmp_path)
    rule = f"{_EXEMPT}{condition}\n\n{needs}\n\npass contains sprintf("
    scratch_policies.change(root, POLICY, "pass contains sprintf(", rule)
    assert not _findings(root, "lacking_evidence_decides_nothing")
    assert not _findings(root, "null_is_like_absent")


def test_trials_need_the_type_of_a_table_that_is_left_alone(tmp_path: Path) -> None:
    """`not_applicable` is a decision too, and `VIEW` stands in no example."""
    root = scratch_policies.write(tmp_path)
    scratch_policies.change(
        root,
        POLICY,
        'needs contains "table_type" if not _typed\n\n_typed if is_string(input.table_type)',
        "",
    )
    (finding,) = _findings(root, "lacking_evidence_decides_nothing")
    assert 'the table_type "VIEW"' in finding.what
    assert "is not_applicable with its table_type and pass without it" in finding.what or (
        "is not_applicable with its table_type and fail without it" in finding.what
    )
    assert 'needs contains "table_type" if not _known' in finding.remedy


def test_trials_without_evidence_are_decided_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two conventions ask for them, and OPA is what takes the time."""
    asked: list[int] = []

    def counting(
        workspace: Workspace, cases: Sequence[example_decisions.Case], *, strict: bool = True
    ) -> list[Decision | str]:
        asked.append(len(cases))
        return example_decisions.decide(workspace, cases, strict=strict)

    monkeypatch.setattr(interface, "decide", counting)
    root = scratch_policies.write(tmp_path)
    with open_workspace(rego.opa_binary(), [root]) as workspace:
        policies = Policies(workspace=workspace, modules=parse_modules(workspace))
        for convention in CONVENTIONS:
            if convention.name in ("lacking_evidence_decides_nothing", "null_is_like_absent"):
                convention.findings(policies)
        assert asked.count(len(policies.trials)) == 1
