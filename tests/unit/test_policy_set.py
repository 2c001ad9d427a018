"""What decides is told apart by its digests, and what is to come is known before a run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from lakewarden.engines.interface import Module
from lakewarden.evaluation.variants import Variants
from lakewarden.model.decision import Enforcement
from lakewarden.model.errors import ConfigurationError
from lakewarden.policy_set import PolicySet, load_rules
from lakewarden.settings.settings import load_settings
from lakewarden.settings.waivers import load_waivers
from tests.support.drawing.overrides import POLICIES, SCHEMA

_BEFORE, _THEN = "2027-01-30T23:59:59Z", "2027-01-31T00:00:00Z"
_DAY = "effective_on: {shade: 2027-01-31}\n"


def _rules(folder: Path, text: str, clock: str) -> PolicySet:
    (folder / "colour_config.yaml").write_text(text)
    settings = load_settings(folder, {"colour": SCHEMA}, clock=clock)
    policies = settings.effective(POLICIES)
    return PolicySet(
        policies=policies,
        settings=settings,
        variants=Variants(settings, policies),
        waivers=(),
        policies_digest="",
        config=folder,
        schemas={"colour": SCHEMA},
    )


def test_the_clock_is_no_part_of_the_settings_digest_and_each_day_is(tmp_path: Path) -> None:
    """Else a history would begin a new line on the day, or a moved day would pass unseen."""
    texts = (
        "",
        _DAY,
        _DAY.replace("31", "30"),
        "enforcement: {shade: advisory}",
        "overrides: [{tables: a.*, effective_on: {shade: 2027-01-31}}]",
        "overrides: [{tables: a.*, effective_on: {shade: 2027-01-30}}]",
    )
    digests = {_rules(tmp_path, text, _BEFORE).settings_digest for text in texts}
    assert len(digests) == len(texts)
    assert {_rules(tmp_path, text, _THEN).settings_digest for text in texts} == digests


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ()),
        (_DAY, (("colour.shade", "", "2027-01-31"),)),
        (f"{_DAY}enforcement: {{shade: advisory}}", ()),
        (
            "overrides: [{tables: [a.*, b.*], effective_on: {shade: 2027-02-01}}]",
            (("colour.shade", "a.*, b.*", "2027-02-01"),),
        ),
        (
            (
                "overrides: [{tables: a, enforcement: {shade: off}, "
                "effective_on: {shade: 2027-02-01}}]"
            ),
            (),
        ),
    ],
)
def test_what_is_to_come_is_what_waits_for_its_day(
    tmp_path: Path, text: str, expected: tuple[tuple[str, str, str], ...]
) -> None:
    assert _rules(tmp_path, text, _BEFORE).upcoming == expected
    assert _rules(tmp_path, text, "2027-02-01T00:00:00Z").upcoming == ()


def _module(package: str) -> Module:
    words: dict[str, Any] = {
        "title": "t",
        "description": "d",
        "custom": {"severity": "low", "enforcement": "mandatory", "remediation": "r"},
    }
    return Module(path=f"{package}.rego", package=package, text="", annotations=words)


def test_policies_about_waivers_are_apart_and_have_settings_without_overrides(
    tmp_path: Path,
) -> None:
    names = ("main", "tables.colour.shade", "waivers.approval.owner", "waivers.approval.life")
    modules = [_module(f"lakewarden.{name}") for name in names]
    for domain in ("tables/colour", "waivers/approval"):
        folder = tmp_path / "lakewarden" / domain
        folder.mkdir(parents=True)
        (folder / "settings.schema.json").write_text('{"type": "object", "properties": {}}')
    settings = tmp_path / "approval_config.yaml"
    settings.write_text("enforcement: {owner: advisory, life: off}")

    def load(*patterns: str) -> PolicySet:
        return load_rules(
            modules, policy_dirs=[tmp_path], config_dir=tmp_path, patterns=patterns, clock=_THEN
        )

    rules = load()
    assert [each.policy_id for each in rules.selected] == ["colour.shade"]
    assert [(each.policy_id, each.enforcement) for each in rules.about_waivers] == [
        ("approval.owner", Enforcement.ADVISORY)
    ]
    assert [each.policy_id for each in rules.judging] == ["approval.life", "approval.owner"]
    assert list(rules.notices()) == [
        "Not evaluated, because the settings turn them off: approval.life."
    ]
    assert load("colour.*").about_waivers == ()
    with pytest.raises(ConfigurationError, match="only policies about waivers match"):
        load("approval.*")
    digest = rules.settings_digest
    settings.write_text("enforcement: {life: off}")
    assert load().settings_digest != digest
    settings.write_text("overrides: [{tables: a.*, enforcement: {owner: off}}]")
    with pytest.raises(ConfigurationError, match="are for tables") as caught:
        load()
    assert caught.value.where.endswith("approval_config.yaml:1")


_TEXT = """
waivers:
- {policy: colour.shade, table: a.b.c, reason: r, owner: o, approved_by: a, expires: 2026-12-31}
"""


def test_a_waiver_that_lasts_too_long_is_not_asked_about(tmp_path: Path) -> None:
    """Nor does a limit on tables change what decides, so no history begins a new line by it."""
    (tmp_path / "waivers.yaml").write_text(_TEXT)
    waivers = load_waivers(tmp_path, {"colour.shade"})

    def rules(text: str) -> PolicySet:
        found = _rules(tmp_path, text, _BEFORE)
        (severity,) = (each.severity for each in found.policies if each.policy_id == "colour.shade")
        limits = tuple(found.settings.waiver_limit(each, severity) for each in waivers)
        return structs.replace(found, waivers=waivers, waiver_limits=limits)

    plain = rules("")
    broad = rules("max_waiver_tables: 7")
    other = rules("max_waiver_days: {info: 1}")
    limited = rules("max_waiver_days: {critical: 9, high: 9, medium: 9, low: 9}")
    for each in (plain, broad, other):
        assert each.question(_BEFORE).waivers == each.applied_waivers == waivers
    assert limited.question(_BEFORE).waivers == limited.applied_waivers == ()
    assert limited.waivers == waivers
    assert plain.settings_digest == broad.settings_digest
    assert len({each.settings_digest for each in (plain, other, limited)}) == 3
    assert plain.waivers_digest == limited.waivers_digest
    assert broad.waiver_limits[0].max_tables == 7


@pytest.mark.parametrize(
    "text",
    [
        "max_waiver_days: {high: 0}",
        "max_waiver_days: {hi: 3}",
        "max_waiver_days: 30",
        "max_waiver_tables: none",
        "overrides: [{tables: a, max_waiver_tables: 3}]",
    ],
)
def test_a_wrong_limit_of_waivers_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigurationError, match="max_waiver"):
        _rules(tmp_path, text, _BEFORE)
