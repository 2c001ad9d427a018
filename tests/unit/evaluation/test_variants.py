"""Overrides: the last match wins key by key, and a decision names the one that changed it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from lakewarden.evaluation.batches import decide
from lakewarden.evaluation.question import Question
from lakewarden.evaluation.variants import Variant, Variants
from lakewarden.model.decision import Decision, Enforcement, Outcome, Severity, Violation
from lakewarden.model.policy import Policy
from lakewarden.settings.settings import Settings, load_settings
from lakewarden_collector.document import EncodedDocument
from tests.support.engines import PlainEngine, passes

SCHEMAS: dict[str, dict[str, Any]] = {
    domain: {
        "properties": {
            "limit": {"type": "integer", "default": 4},
            "names": {"type": "array", "default": ["red"]},
            "map": {"type": "object", "default": {"a": 1}},
        }
    }
    for domain in ("colour", "sound")
}


def policy(policy_id: str, reads: tuple[str, ...] | None = None) -> Policy:
    return Policy(
        policy_id=policy_id,
        title="",
        description="",
        severity=Severity.LOW,
        enforcement=Enforcement.MANDATORY,
        remediation="",
        settings=reads,
    )


_FAILED = Decision(
    outcome=Outcome.FAIL, violations=(Violation(message="m", expected="e", actual="a"),)
)
SHADE = policy("colour.shade", ("limit",))
HUE = policy("colour.hue")
PITCH = policy("sound.pitch", ())


@pytest.fixture
def variants(tmp_path: Path) -> Any:  # noqa: ANN401 -- a function
    def make(overrides: str, *policies: Policy, before: str = "") -> Variants:
        text = f"{before}\noverrides:\n{overrides}\n"
        (tmp_path / "colour_config.yaml").write_text(text)
        settings: Settings = load_settings(tmp_path, SCHEMAS)
        return Variants(settings, policies or (SHADE, HUE, PITCH))

    return make


def only(variant: Variant | None) -> Variant:
    assert variant is not None
    return variant


def test_a_table_that_no_override_matches_has_the_settings_of_all(variants: Any) -> None:  # noqa: ANN401 -- a function
    made = variants("- {tables: prod.*, limit: 3}")
    assert made.of("dev.a.b") is None
    assert made.of("prod.a.b").settings["colour"] == {
        "limit": 3,
        "names": ["red"],
        "map": {"a": 1},
    }
    assert "sound" not in made.of("prod.a.b").settings


def test_the_last_match_wins_key_by_key_and_both_are_named(variants: Any) -> None:  # noqa: ANN401 -- a function
    made = variants(
        "- {tables: prod.*, limit: 3, names: [blue]}\n- {tables: '*.a.*', limit: 2, map: {b: 2}}"
    )
    found = only(made.of("prod.a.t"))
    assert found.settings["colour"] == {"limit": 2, "names": ["blue"], "map": {"b": 2}}
    assert found.changes["colour.shade"].override == "*.a.*"
    assert found.changes["colour.hue"].override == "prod.*; *.a.*"


def test_only_the_policies_that_read_a_setting_are_changed_by_it(variants: Any) -> None:  # noqa: ANN401 -- a function
    """Else each decision about the table would blame an override that has nothing to do with it."""
    made = variants("- {tables: prod.*, names: [blue]}")
    assert only(made.of("prod.a.t")).changes.keys() == {"colour.hue"}


def test_an_override_that_says_what_is_so_anyway_changes_nothing(variants: Any) -> None:  # noqa: ANN401 -- a function
    made = variants("- {tables: a.*, limit: 4, enforcement: {shade: mandatory}}")
    assert made.of("a.b.c") is None
    assert made.unused() == ()


def test_of_two_equal_overrides_the_later_one_is_meant(variants: Any) -> None:  # noqa: ANN401 -- a function
    made = variants(
        "- {tables: a.*, limit: 3}\n- {tables: '*', names: [blue]}\n- {tables: a.*, limit: 3}"
    )
    assert only(made.of("a.b.c")).changes["colour.hue"].override == "*; a.*"


def test_an_override_may_take_a_previous_one_back(variants: Any) -> None:  # noqa: ANN401 -- a function
    made = variants("- {tables: a.*, limit: 3}\n- {tables: a.b.*, limit: 4}")
    assert made.of("a.b.c") is None
    assert only(made.of("a.x.c")).settings["colour"]["limit"] == 3


def test_enforcement_and_severity_are_changed_for_their_policy_alone(variants: Any) -> None:  # noqa: ANN401 -- a function
    made = variants("- {tables: a.*, enforcement: {shade: advisory}, severity: {shade: high}}")
    found = only(made.of("a.b.c"))
    assert found.settings == {}
    assert found.changes.keys() == {"colour.shade"}
    change = found.changes["colour.shade"]
    assert (change.enforcement, change.severity) == (Enforcement.ADVISORY, Severity.HIGH)
    assert change.override == "a.*"


def test_what_is_off_for_some_tables_is_not_applicable_to_them_and_says_so(
    variants: Any,  # noqa: ANN401 -- a function
) -> None:
    """It must not vanish: each table has a decision about each policy of the run."""
    made = variants("- {tables: a.*, limit: 3, enforcement: {shade: off}}")
    off = only(made.of("a.b.c")).changes["colour.shade"].apply(_FAILED)
    assert (off.outcome, off.enforcement, off.override) == (
        Outcome.NOT_APPLICABLE,
        Enforcement.OFF,
        "a.*",
    )
    assert off.reasons == (
        "The settings turn this policy off for this table by the override for a.*.",
    )
    assert off.violations == ()
    assert made.of("x.y.z") is None


def test_what_is_on_for_some_tables_alone_is_off_for_the_others(tmp_path: Path) -> None:
    text = "enforcement: {shade: off}\noverrides: [{tables: a.*, enforcement: {shade: advisory}}]"
    (tmp_path / "colour_config.yaml").write_text(text)
    settings = load_settings(tmp_path, SCHEMAS)
    made = Variants(settings, settings.effective([SHADE, HUE, PITCH]))
    on = only(made.of("a.b.c")).changes["colour.shade"].apply(_FAILED)
    assert (on.outcome, on.enforcement, on.override) == (Outcome.FAIL, Enforcement.ADVISORY, "a.*")
    elsewhere = only(made.of("x.y.z"))
    assert elsewhere.changes.keys() == {"colour.shade"}
    off = elsewhere.changes["colour.shade"].apply(_FAILED)
    assert (off.outcome, off.enforcement, off.override) == (Outcome.NOT_APPLICABLE, None, None)
    assert off.reasons == ("The settings turn this policy off for this table.",)


def test_one_of_several_patterns_is_enough_whatever_the_case(variants: Any) -> None:  # noqa: ANN401 -- a function
    made = variants("- {tables: [a.b.c, 'x.?.*'], limit: 3}")
    assert made.of("a.b.c")
    assert made.of("x.y.z.z")
    assert made.of("A.B.c")
    assert made.of("x.yy.z") is None


def test_an_override_that_never_matches_is_known_as_such(variants: Any) -> None:  # noqa: ANN401 -- a function
    """It is most often a misspelt name: the report says so."""
    made = variants("- {tables: a.*, limit: 3}\n- {tables: b.*, limit: 3}")
    made.of("a.b.c")
    (unused,) = made.unused()
    assert unused.tables == ("b.*",)


def test_the_request_carries_each_variant_once_and_the_decisions_tell_it(variants: Any) -> None:  # noqa: ANN401 -- a function
    made = variants("- {tables: a.*, limit: 3}\n- {tables: b.*, enforcement: {shade: advisory}}")
    question = Question(
        policies=("colour.shade",),
        settings={"colour": {"limit": 4}},
        waivers=(),
        now="2026-11-23T05:10:00Z",
        variants=made,
    )
    names = ["a.s.1", "b.s.2", "c.s.3", "a.s.4"]
    documents = [
        EncodedDocument(name, json.dumps({"full_name": name, "name": name}).encode())
        for name in names
    ]
    asked = json.loads(question.request([question.about(document) for document in documents]))
    sent = [asked["variants"][number] if number >= 0 else {} for number in asked["variant"]]
    assert [each.get("colour", {}).get("limit") for each in sent] == [3, None, None, 3]
    answers = [answer for _, answer in decide(PlainEngine(passes), question, documents)]
    decisions = [msgspec.to_builtins(answer.decisions["colour.shade"]) for answer in answers]
    assert [each.get("override") for each in decisions] == ["a.*", "b.*", None, "a.*"]
    assert [each.get("enforcement") for each in decisions] == [None, "advisory", None, None]
