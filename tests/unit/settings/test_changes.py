"""What is typed for a setting is what its file would say, or an error that helps."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import pytest

from lakewarden.model.decision import Enforcement
from lakewarden.model.errors import ConfigurationError
from lakewarden.settings.changes import (
    Changes,
    changed,
    check_policies,
    kept_by_overrides,
    parse_assignment,
    parse_enforcement,
    typed,
)
from lakewarden.settings.settings import Settings, load_settings

_SCHEMAS: Final[dict[str, dict[str, Any]]] = {
    "colour": {
        "type": "object",
        "properties": {
            "large_bytes": {"type": "integer", "minimum": 0, "default": 1, "description": "Big."},
            "share": {"type": "number", "maximum": 1, "default": 0.5},
            "strict": {"type": "boolean", "default": False},
            "names": {"type": "array", "items": {"type": "string"}, "default": []},
            "day": {"type": "string", "default": ""},
            "longest": {"type": "integer", "default": 9},
        },
    }
}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("colour.large_bytes=500MiB", 500 * 1024**2),
        ("colour.large_bytes=1.5 gib", 3 * 1024**3 // 2),
        ("colour.large_bytes=2TiB", 2 * 1024**4),
        ("colour.large_bytes=7B", 7),
        ("colour.large_bytes=12", 12),
        (" colour.share = 0.25", 0.25),
        ("colour.strict=true", True),
        ("colour.names=[a, b]", ["a", "b"]),
        ("colour.names=[]", []),
        ("colour.day=2027-01-31", "2027-01-31"),
        ("colour.day=12MiB", "12MiB"),
        ("colour.day='a=b'", "a=b"),
    ],
)
def test_a_value_is_read_as_in_the_file_and_bytes_take_units(text: str, value: object) -> None:
    found = typed(parse_assignment(text), _SCHEMAS)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("text", "what", "remedy"),
    [
        ("colour.large_bytes=5MB", "MB isn't a unit", "KiB, MiB"),
        ("colour.large_bytes=0.3B", "0.3 is not of type 'integer'", "is: Big."),
        ("colour.large_bytes=-1", "-1 is less than the minimum of 0", "is: Big."),
        ("colour.longest=5MiB", "'5MiB' is not of type 'integer'", ""),
        ("colour.strict=maybe", "'maybe' is not of type 'boolean'", ""),
        ("colour.names=[a", "isn't valid YAML", "Quote it for the shell"),
        ("colour.share=.inf", "isn't valid YAML", ""),
        ("colour.large_byte=1", "no setting `large_byte` in colour", "are large_bytes,"),
        ("colour.enforcement=x", "isn't a setting of colour", "--enforcement POLICY="),
        ("colors.longest=1", "there is no domain colors", "The domains are: colour."),
    ],
)
def test_a_value_that_a_setting_cannot_have_is_refused(text: str, what: str, remedy: str) -> None:
    with pytest.raises(ConfigurationError) as error:
        typed(parse_assignment(text), _SCHEMAS)
    assert what in error.value.what
    assert remedy in error.value.remedy
    assert error.value.where == f"--set {text}"


@pytest.mark.parametrize("text", ["", "x", "colour=1", "colour.=1", ".x=1", "=1"])
def test_what_names_no_setting_is_refused(text: str) -> None:
    with pytest.raises(ConfigurationError, match="isn't a setting with its value"):
        parse_assignment(text)


@pytest.mark.parametrize("text", ["a.b", "a.b=hard", "=off", ""])
def test_what_names_no_enforcement_is_refused(text: str) -> None:
    with pytest.raises(ConfigurationError, match="isn't a policy with its enforcement"):
        parse_enforcement(text)


def test_an_enforcement_of_a_policy_that_there_is_not_names_near_ones() -> None:
    chosen = parse_enforcement("colour.gren=Off")
    changes = Changes(enforcement={chosen.policy_id: chosen.enforcement})
    with pytest.raises(ConfigurationError) as error:
        check_policies(changes, ["colour.red", "colour.green"])
    assert "are colour.green, colour.red" in error.value.remedy
    check_policies(changes, ["colour.gren"])


def _loaded(folder: Path, text: str) -> Settings:
    (folder / "colour_config.yaml").write_text(text, "utf-8")
    return load_settings(folder, _SCHEMAS)


def test_a_change_is_what_the_file_would_be(tmp_path: Path) -> None:
    """With a file and without one; a day that is to come doesn't count for what is chosen now."""
    stated = "enforcement: {red: mandatory, green: off}\neffective_on: {red: 2099-01-01}\n"
    changes = Changes(
        assignments=(parse_assignment("colour.longest=3"),),
        enforcement={"colour.red": Enforcement.MANDATORY, "colour.green": Enforcement.ADVISORY},
    )
    found = changed(_loaded(tmp_path, stated), _SCHEMAS, changes)
    same = _loaded(tmp_path, "longest: 3\nenforcement: {red: mandatory, green: advisory}\n")
    assert found.values == same.values
    assert found.effective_on == {}
    assert found.files["colour"].value["enforcement"] == same.files["colour"].value["enforcement"]
    (tmp_path / "colour_config.yaml").unlink()
    alone = changed(load_settings(tmp_path, _SCHEMAS), _SCHEMAS, changes)
    assert alone.values == same.values
    assert alone.files["colour"].value["enforcement"] == same.files["colour"].value["enforcement"]


def test_an_override_keeps_its_value_and_is_named(tmp_path: Path) -> None:
    settings = _loaded(
        tmp_path, "overrides:\n- {tables: 'a.*', longest: 5}\n- {tables: b, share: 1}"
    )
    proposed = (parse_assignment("colour.longest=3"),)
    after = changed(settings, _SCHEMAS, Changes(assignments=proposed))
    assert after.overrides == settings.overrides
    (sentence,) = kept_by_overrides(after, proposed)
    assert sentence == (
        f"The override for a.* ({tmp_path}/colour_config.yaml:2) keeps its own longest, 5."
    )
