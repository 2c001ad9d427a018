"""What `policies for` says of a table is what a run decides by, and the lines it names say so."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any, Final

import pytest
import yaml
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from lakewarden.evaluation.effective_rules import (
    CoveringWaiver,
    DefaultPlaces,
    EffectiveRules,
    EffectiveValue,
    GivenValue,
    Giver,
    TableRules,
)
from lakewarden.evaluation.variants import Variants
from lakewarden.model.decision import Enforcement
from lakewarden.model.waiver import WaiverKind
from lakewarden.settings.settings import Settings, load_settings
from lakewarden.settings.waiver_limits import WaiverLimit
from lakewarden.settings.waivers import Waiver
from tests.support.drawing.overrides import NAMES, POLICIES, SCHEMA, Json, files

_CLOCK: Final = "2026-11-23T05:10:00Z"
_PLACES: Final = DefaultPlaces(
    policies={each.policy_id: f"{each.policy_id}.rego" for each in POLICIES},
    schemas={"colour": "settings.schema.json"},
)


def _variants(loaded: Settings) -> tuple[Variants, set[str]]:
    """Return what a run makes of overrides, and the policies that it leaves out as off."""
    policies = loaded.effective(POLICIES)
    off = {each.policy_id for each in policies if loaded.switched_off(each)}
    return Variants(loaded, [each for each in policies if each.policy_id not in off]), off


def _rules(loaded: Settings, full_name: str) -> EffectiveRules:
    about = TableRules(POLICIES, loaded, _variants(loaded)[0], {"colour": SCHEMA}, _PLACES)
    return about.of(full_name, _CLOCK, names={"colour": SCHEMA["properties"]})


def _load(folder: Path, file: Json) -> tuple[Settings, list[str]]:
    unshared = json.loads(json.dumps(file))  # else it would be written with aliases
    text = yaml.safe_dump(unshared, allow_unicode=True, width=10_000)
    path = folder / "colour_config.yaml"
    path.write_text(text, encoding="utf-8")
    return load_settings(folder, {"colour": SCHEMA}, clock=_CLOCK), text.split("\n")


# What is drawn is small as it is, and each example reads a file: making it smaller takes minutes.
@settings(max_examples=120, phases=[Phase.explicit, Phase.generate], report_multiple_bugs=False)
@given(file=files(["mandatory", "advisory", "off"]), full_name=NAMES, upper=st.booleans())
def test_it_says_what_a_run_goes_by(file: Json, full_name: str, *, upper: bool) -> None:
    """An answer to an auditor that differs from the decisions is worse than none."""
    name = full_name.upper() if upper else full_name
    with tempfile.TemporaryDirectory() as folder:
        loaded, lines = _load(Path(folder), file)
    variants, off = _variants(loaded)
    variant = variants.of(name)
    found = _rules(loaded, name)
    counting = loaded.values | (variant.settings if variant else {})
    shown = {key: value.value for key, value in found.settings["colour"].items()}
    assert shown == counting["colour"]
    in_run = {each.policy_id: each for each in loaded.effective(POLICIES)}
    for policy in found.policies:
        change = variant.changes.get(policy.policy_id) if variant else None
        usual = in_run[policy.policy_id]
        enforcement = (change and change.enforcement) or usual.enforcement
        at_clock = Enforcement.ADVISORY if policy.advisory_until else policy.enforcement.value
        assert at_clock == enforcement
        noted = change.effective_on if change and change.enforcement else usual.effective_on
        assert (policy.effective_on.value if policy.effective_on else None) == noted
        assert policy.override == (change.override if change else None)
        is_off = policy.policy_id in off or bool(change and change.off)
        assert is_off == (policy.enforcement.value == Enforcement.OFF)
        if not is_off:  # else a decision has no severity of its own
            severity = (change and change.severity) or usual.severity
            assert policy.severity.value == severity.value
        key = policy.policy_id.removeprefix("colour.")
        for value in filter(None, (policy.enforcement, policy.severity, policy.effective_on)):
            _check_places(value, key, lines, file)
    for key, value in found.settings["colour"].items():
        _check_places(value, key, lines, file)


def _check_places(value: EffectiveValue, key: str, lines: list[str], file: Json) -> None:
    """Each line that is named has the key, and the later a line, the more it counts."""
    chain: list[GivenValue] = [value, *value.replaced]
    numbers = []
    for given_value in chain:
        if given_value.by is Giver.DEFAULT:
            assert given_value is chain[-1]
            continue
        number = int(given_value.where.rpartition(":")[2])
        stated = lines[number - 1].strip().removeprefix("- ")
        assert yaml.safe_load(stated.partition(":")[0]) == key
        if given_value.by is Giver.OVERRIDE:
            assert set(given_value.matched) <= set(given_value.tables)
            assert given_value.matched
            numbers.append(number)
    assert numbers == sorted(numbers, reverse=True)
    assert len(numbers) <= len(file["overrides"])


def test_each_place_that_names_a_value_is_kept_in_order(tmp_path: Path) -> None:
    text = """\
limit: 5
overrides:
  - {tables: ["x.*", "a.*"], limit: 3}
  - tables: "*.b.*"
    names: [blue]
  - tables: a.b.*
    enforcement:
      shade: off
    limit: 4
"""
    (tmp_path / "colour_config.yaml").write_text(text)
    found = _rules(load_settings(tmp_path, {"colour": SCHEMA}), "A.b.c")
    limit, file = found.settings["colour"]["limit"], tmp_path / "colour_config.yaml"
    assert (limit.value, limit.by, limit.where) == (4, Giver.OVERRIDE, f"{file}:9")
    assert limit.replaced == (
        GivenValue(
            value=3,
            by=Giver.OVERRIDE,
            where=f"{file}:3",
            tables=("x.*", "a.*"),
            matched=("a.*",),
        ),
        GivenValue(value=5, by=Giver.FILE, where=f"{file}:1"),
        GivenValue(value=4, by=Giver.DEFAULT, where="settings.schema.json"),
    )
    shade = next(each for each in found.policies if each.policy_id == "colour.shade")
    assert (shade.enforcement.value, shade.enforcement.where) == ("off", f"{file}:8")
    assert shade.enforcement.replaced[0].where == "colour.shade.rego"
    assert shade.override == "a.b.*"


def test_overrides_of_each_domain_are_counted_in_their_own_file(tmp_path: Path) -> None:
    """They are one list for a run, and two files for a person."""
    schemas: dict[str, Any] = {"colour": SCHEMA, "sound": SCHEMA}
    for domain in schemas:
        (tmp_path / f"{domain}_config.yaml").write_text(
            "overrides:\n- {tables: z.*, limit: 3}\n- {tables: a.*, limit: 5}\n"
        )
    loaded = load_settings(tmp_path, schemas)
    places = DefaultPlaces(policies={}, schemas=dict.fromkeys(schemas, "schema"))
    about = TableRules((), loaded, Variants(loaded, ()), schemas, places)
    found = about.of("a.b.c", _CLOCK, names={domain: ["limit"] for domain in schemas})
    for domain in schemas:
        assert found.settings[domain].keys() == {"limit"}
        limit = found.settings[domain]["limit"]
        assert (limit.value, limit.where) == (5, f"{tmp_path / domain}_config.yaml:3")


TOO_LONG = "It lasts 400 days."


def _waiver(**fields: Any) -> Waiver:  # noqa: ANN401 -- a waiver's fields
    usual = {"policy": "colour.shade", "reason": "r", "owner": "o", "approved_by": "b"}
    return Waiver(**(usual | {"expires": "2026-12-31"} | fields))


def _covering(*waivers: Waiver, clock: str = _CLOCK) -> tuple[CoveringWaiver, ...]:
    loaded = Settings(values={"colour": {}}, files={})
    shade = [each for each in POLICIES if each.policy_id == "colour.shade"]
    about = TableRules(shade, loaded, Variants(loaded, shade), {}, _PLACES)
    places = [f"waivers.yaml:{number}" for number in range(len(waivers))]
    limits = [WaiverLimit(too_long=TOO_LONG if each.reason == "long" else "") for each in waivers]
    located = list(zip(waivers, places, limits, strict=True))
    found = about.of("a.b.größe", clock, names={}, waivers=located)
    return found.waivers


def test_a_waiver_that_lasts_too_long_says_so() -> None:
    short, long = _covering(_waiver(pattern="*"), _waiver(pattern="*", reason="long"))
    assert (short.too_long, long.too_long) == ("", TOO_LONG)


def test_what_a_waiver_is_and_when_it_starts_is_there() -> None:
    plain, stated = _covering(
        _waiver(pattern="*"),
        _waiver(pattern="*", starts="2026-11-30", kind=WaiverKind.MITIGATED),
    )
    assert (plain.starts, plain.kind, plain.state) == (None, "accepted", "active")
    assert (stated.starts, stated.kind, stated.state) == ("2026-11-30", "mitigated", "pending")


def test_waivers_that_name_the_table_are_there_with_their_lines() -> None:
    found = _covering(
        _waiver(table="a.b.other"),
        _waiver(table="A.b.GRÖSSE"),  # simple case folding: ß isn't ss
        _waiver(table="A.b.GRÖßE", ticket="T-1"),
        _waiver(pattern="A.*.gr??e"),
        _waiver(table="a.b.größe", policy="colour.hue"),
    )
    assert [(each.where, each.ticket) for each in found] == [
        ("waivers.yaml:2", "T-1"),
        ("waivers.yaml:3", None),
    ]
    assert (found[0].table, found[1].pattern) == ("A.b.GRÖßE", "A.*.gr??e")


@pytest.mark.parametrize(
    ("expires", "clock", "state"),
    [
        ("2026-12-31", "2026-11-23T23:59:59Z", "active"),
        ("2026-11-23", "2026-11-23T23:59:59Z", "expiring"),
        ("2026-11-23", "2026-11-24T00:00:00Z", "expired"),
        ("2026-11-23T05:10:00Z", "2026-11-23T05:09:59Z", "expiring"),
        ("2026-11-23T05:10:00Z", "2026-11-23T05:10:00Z", "expired"),
    ],
)
def test_a_waiver_is_active_through_its_last_moment(expires: str, clock: str, state: str) -> None:
    (found,) = _covering(_waiver(pattern="*", expires=expires), clock=clock)
    assert found.state == state
