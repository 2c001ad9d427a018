"""The pages about the policies say what the annotations say, for any bundle root."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest
import yaml

from lakewarden.evaluation.variants import Variants
from lakewarden.generate import policy_pages
from lakewarden.generate.policy_page import Deviation, Effective, effective, policy_page
from lakewarden.generate.setting_words import type_words
from lakewarden.kit.policy_docs import Described, Link, Root, read_root
from lakewarden.model.decision import Enforcement, Fix, Severity, Violation
from lakewarden.model.policy import Examples, Policy
from lakewarden.policy_set import PolicySet
from lakewarden.settings.overrides import Override
from lakewarden.settings.settings import Settings
from tests.support.pages import CHECKOUT, blocks

_REGO: Final = """\
# METADATA
# title: Columns are <named> in one case
# description: Either `<lower>` or <upper>.
# related_resources:
#   - https://example.com/bare
#   - ref: https://example.com/ref
#     description: The standard
# custom:
#   severity: low
#   enforcement: advisory
#   remediation: Rename them.
#   why: Nobody finds them otherwise.
#   exemptions: [Tables of <others>.]
#   what_if: {settings: [most, least], factors: [0.5, 2, 10]}
#   examples:
#     before: {columns: [{name: A}]}
#     after: {columns: [{name: a}]}
#     settings: {case: lower}
package lakewarden.tables.naming.one_case

import data.lakewarden_run.settings.naming as settings

pass contains "yes" if settings.case
"""
_PLAIN: Final = """\
# METADATA
# title: Tables have a prefix
# description: All of them.
# custom: {severity: high, enforcement: mandatory, remediation: Rename it.}
package lakewarden.tables.naming.prefix

pass contains "yes" if data.lakewarden_run.settings.naming
"""
_SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {
        "case": {
            "description": "Which case: a|b.",
            "type": "string",
            "enum": ["lower", "upper"],
            "default": "lower",
        }
    },
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return a bundle root of a user's: one domain, two policies, no router."""
    domain = tmp_path / "own" / "lakewarden" / "tables" / "naming"
    for name, text in (("one_case", _REGO), ("prefix", _PLAIN)):
        (domain / name).mkdir(parents=True)
        (domain / name / f"{name}.rego").write_text(text, "utf-8")
    (domain / "settings.schema.json").write_text(json.dumps(_SCHEMA), "utf-8")
    return tmp_path / "own"


def _nothing(_: Path, __: Root) -> policy_pages.Violations:
    """Stand in for OPA where a test isn't about what it decides."""
    return {}


def _generated(root: Path, out: Path) -> dict[str, str]:
    assert policy_pages.main([str(root), str(out)], _nothing) == 0
    return {p.relative_to(out).as_posix(): p.read_text("utf-8") for p in out.rglob("*.md")}


def test_a_page_says_all_that_the_annotation_says(root: Path, tmp_path: Path) -> None:
    page = _generated(root, tmp_path / "out")["policies/naming/one_case.md"]
    for words in (
        r"# Columns are \<named> in one case",
        "`naming.one_case` · severity low · advisory",
        r"Either `<lower>` or \<upper>.",
        "Nobody finds them otherwise.",
        "Rename them.",
        r"- Tables of \<others>.",
        r'| `case` | `lower` or `upper` | `"lower"` | Which case: a\|b. |',
        "how it would decide with `most` and `least` times 0.5, 2 and 10.",
        "- <https://example.com/bare>",
        "- [The standard](https://example.com/ref)",
        "one_case: mandatory",
    ):
        assert words in page


def test_the_examples_are_shown_as_they_are(root: Path, tmp_path: Path) -> None:
    """Who copies an example must get the document that the convention decided."""
    _generated(root, tmp_path / "out")
    page = tmp_path / "out" / "policies" / "naming" / "one_case.md"
    shown = [yaml.safe_load(block.text) for block in blocks(page)][:3]
    assert shown == [
        {"case": "lower"},
        {"columns": [{"name": "A"}]},
        {"columns": [{"name": "a"}]},
    ]


def test_fixes_are_shown_with_all_that_they_say() -> None:
    """Who copies the SQL must have read what it takes, what it does and how to take it back."""
    whole = Fix(
        title="Cluster it by <columns>",
        sql=("ALTER TABLE t CLUSTER BY (<key columns>)", "OPTIMIZE t"),
        requires=("MODIFY on the table",),
        note="It changes <nothing>.",
        undo=("ALTER TABLE t CLUSTER BY NONE",),
    )
    violation = Violation(message="t is <odd>.", fixes=(whole, Fix(title="Change its definition")))
    page = policy_page(Described(policy=_POLICY), _SCHEMA, violations=[violation])
    shown = page.partition("### Fixes\n")[2].partition("## Settings")[0]
    assert shown.endswith(
        r"""
#### Cluster it by \<columns>

It changes \<nothing>.

```sql
ALTER TABLE t CLUSTER BY (<key columns>);
OPTIMIZE t;
```

It requires:

- MODIFY on the table

To undo it:

```sql
ALTER TABLE t CLUSTER BY NONE;
```

#### Change its definition

"""
    )
    assert "odd" not in shown
    twice = policy_page(Described(policy=_POLICY), _SCHEMA, violations=[violation, violation])
    assert twice.count(r"*t is \<odd>.*") == 2
    without = policy_page(Described(policy=_POLICY), _SCHEMA, violations=[Violation(message="m")])
    assert "### Fixes" not in without


_DECIDED: Final = """\
# METADATA
# title: Tables have a comment
# description: All of them.
# custom:
#   severity: low
#   enforcement: advisory
#   remediation: Write one.
#   examples: {before: {comment: ""}, after: {comment: Orders}}
package lakewarden.tables.naming.prefix

pass contains "yes" if input.comment != ""

deny contains {"message": "m", "fixes": [{"title": "Say it"}]} if input.comment == ""
"""


@pytest.mark.opa
def test_the_fixes_are_those_that_opa_decides(
    root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """And the page of an example that doesn't fail would be a lie."""
    domain = root / "lakewarden" / "tables" / "naming"
    shutil.rmtree(domain / "one_case")
    rego = domain / "prefix" / "prefix.rego"
    rego.write_text(_DECIDED, "utf-8")
    arguments = [str(root), str(tmp_path / "out")]
    assert policy_pages.main(arguments) == 0
    page = tmp_path / "out" / "policies" / "naming" / "prefix.md"
    assert "#### Say it" in page.read_text("utf-8")
    rego.write_text(_DECIDED.replace('comment: ""', "comment: x"), "utf-8")
    capsys.readouterr()
    assert policy_pages.main(["--check", *arguments]) == 1
    assert (
        "naming.prefix: the table of custom.examples.before doesn't fail" in capsys.readouterr().err
    )


def test_a_policy_with_the_least_annotation_has_a_page(root: Path, tmp_path: Path) -> None:
    """A user's policy need not say why, nor show examples."""
    page = _generated(root, tmp_path / "out")["policies/naming/prefix.md"]
    assert "It reads its settings as a whole" in page
    assert "| `case` |" in page
    assert "## Why" not in page
    assert "## Before and after" not in page
    assert "## Related" not in page
    assert "how it would decide" not in page


def test_the_index_lists_policies_and_who_reads_each_setting(root: Path, tmp_path: Path) -> None:
    index = _generated(root, tmp_path / "out")["policies.md"]
    assert "2 policies in 1 domain." in index
    row = r"| [one_case](policies/naming/one_case.md) | Columns are \<named> in one case |"
    assert row in index
    (setting,) = (line for line in index.splitlines() if line.startswith("| `case` |"))
    assert setting.endswith("| one_case |")


def test_a_domain_without_settings_says_so(root: Path, tmp_path: Path) -> None:
    (root / "lakewarden" / "tables" / "naming" / "settings.schema.json").unlink()
    written = _generated(root, tmp_path / "out")
    own = "It has no settings of its own; `naming_config.yaml` may set `enforcement`, "
    assert own in written["policies.md"]
    assert "It reads no settings." in written["policies/naming/prefix.md"]


def test_links_to_the_guide_are_only_where_it_is(root: Path, tmp_path: Path) -> None:
    """Pages of a user's own domain lie in a folder without our other pages."""
    assert "settings.md" not in "".join(_generated(root, tmp_path / "out").values())
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "settings.md").write_text("# Settings\n", "utf-8")
    written = _generated(root, tmp_path / "docs")
    assert "(settings.md)" in written["policies.md"]
    assert "(../../settings.md#waivers)" in written["policies/naming/prefix.md"]


def test_drift_is_noticed_and_mended(
    root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    check = ["--check", str(root), str(out)]
    assert policy_pages.main(check, _nothing) == 1
    assert not out.exists()
    _generated(root, out)
    assert policy_pages.main(check, _nothing) == 0
    rego = root / "lakewarden" / "tables" / "naming" / "prefix" / "prefix.rego"
    rego.write_text(_PLAIN.replace("All of them.", "Most of them."), "utf-8")
    capsys.readouterr()
    assert policy_pages.main(check, _nothing) == 1
    assert capsys.readouterr().err == f"{out / 'policies/naming/prefix.md'} is out of date\n"


def test_the_page_of_a_policy_that_is_gone_goes_too(root: Path, tmp_path: Path) -> None:
    """It would be found and believed; a page that somebody wrote by hand stays."""
    out = tmp_path / "out"
    _generated(root, out)
    by_hand = out / "policies" / "naming" / "thoughts.md"
    by_hand.write_text("# Thoughts\n", "utf-8")
    (root / "lakewarden" / "tables" / "naming" / "prefix" / "prefix.rego").unlink()
    assert policy_pages.main(["--check", str(root), str(out)], _nothing) == 1
    _generated(root, out)
    assert not (out / "policies" / "naming" / "prefix.md").exists()
    assert by_hand.exists()


def test_a_root_without_policies_is_said_and_nothing_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert policy_pages.main([str(tmp_path), str(tmp_path / "out")]) == 1
    assert "there are no policies" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_our_example_domain_can_be_described() -> None:
    found = read_root(CHECKOUT / "docs" / "examples")
    assert list(found.domains) == ["naming"]


_POLICY: Final = Policy(
    policy_id="naming.one_case",
    title="One case",
    description="D.",
    severity=Severity.LOW,
    enforcement=Enforcement.ADVISORY,
    remediation="R.",
    settings=("case",),
    examples=Examples(before={}, after={"comment": "x"}),
)


def _effective(**changes: Any) -> Effective:  # noqa: ANN401 -- any field of InForce
    fields: dict[str, Any] = {"policy": _POLICY, "values": {"case": "lower"}, "place": "here"}
    return Effective(**(fields | changes))


def test_what_is_effective_is_shown_beside_the_default() -> None:
    """A value that a team changed must not be taken for the default, nor the other way round."""
    described = Described(policy=_POLICY, links=(Link("https://example.com", "Text"),))
    same = policy_page(described, _SCHEMA, effective=_effective())
    assert '- `case`: `"lower"`, as by default (' in same
    assert "The settings in force make it" not in same
    assert "For some tables" not in same
    bites = msgspec.structs.replace(_POLICY, enforcement=Enforcement.MANDATORY)
    deviation = Deviation(tables="a.*, b.*", changes={"case": "lower"}, where="f.yaml:3")
    other = policy_page(
        described,
        _SCHEMA,
        effective=_effective(policy=bites, values={"case": "upper"}, deviations=[deviation]),
    )
    assert '- `case`: `"upper"`, by default `"lower"` (' in other
    assert "The settings in force make it mandatory, severity low." in other
    assert '- `a.*, b.*`: `case` `"lower"` (f.yaml:3)' in other


def test_a_shown_page_links_no_neighbours() -> None:
    """In a terminal there is no page beside it."""
    shown = policy_page(Described(policy=_POLICY), _SCHEMA, effective=_effective())
    assert "](" not in shown
    assert "<!--" not in shown


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"type": "integer", "minimum": 1}, "integer from 1"),
        ({"type": "number", "minimum": 0, "maximum": 1}, "number from 0 to 1"),
        ({"type": "string", "minLength": 1}, "text, not empty"),
        ({"type": "string"}, "text"),
        ({"type": "boolean"}, "true or false"),
        ({"type": "array", "items": {"type": "string"}}, "list of text"),
        ({"type": "array", "prefixItems": [{"type": "number"}] * 2}, "list of number, then number"),
        ({"type": "array"}, "list"),
        ({"type": "object", "properties": {"a": {}}}, "mapping with `a`"),
        ({"type": "object"}, "mapping"),
        ({"type": ["string", "null"]}, "text or any value"),
        ({"enum": ["a", 1]}, "`a` or `1`"),
        ({}, "any value"),
    ],
)
def test_types_are_said_in_words(schema: dict[str, Any], words: str) -> None:
    assert type_words(schema) == words


def _override(domain: str, **changes: Any) -> Override:  # noqa: ANN401 -- any field of Override
    fields: dict[str, Any] = {"settings": {}, "enforcement": {}, "severity": {}, "where": "f:1"}
    return Override(domain=domain, tables=("t.*",), **(fields | changes))


def test_only_overrides_that_concern_the_policy_are_shown() -> None:
    """A page that lists all of a domain's fifty overrides hides the one that decides."""
    settings = Settings(
        values={"naming": {"case": "lower", "other": 1}},
        files={},
        overrides=(
            _override("naming", settings={"other": 2}),
            _override("naming", settings={"case": "upper", "other": 2}),
            _override("naming", enforcement={"naming.prefix": Enforcement.MANDATORY}),
            _override("naming", severity={_POLICY.policy_id: Severity.INFO}),
            _override("colours", settings={"case": "upper"}),
        ),
    )
    rules = PolicySet(
        policies=(_POLICY,),
        settings=settings,
        variants=Variants(settings, [_POLICY]),
        waivers=(),
        policies_digest="",
        config=Path(),
        schemas={},
    )
    found = effective(Described(policy=_POLICY), _POLICY, rules)
    assert [each.changes for each in found.deviations] == [{"case": "upper"}, {"severity": "info"}]
    assert found.place == "the defaults"
    unsaid = msgspec.structs.replace(_POLICY, settings=None)
    assert len(effective(Described(policy=unsaid), unsaid, rules).deviations) == 3
