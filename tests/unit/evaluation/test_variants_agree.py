"""Overrides resolved twice: by the runner, and by a reading of the pages in plain Python.

About `variants.py`.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any, Final

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from lakewarden.evaluation.variants import Variants
from lakewarden.model.decision import Enforcement, Severity
from lakewarden.model.policy import Policy
from lakewarden.settings.settings import load_settings
from tests.support.oracle.overrides import Key, Resolved, resolve

Json = dict[str, Any]

_SCHEMA: Final[Json] = {
    "properties": {
        "limit": {"type": "integer", "default": 4},
        "names": {"type": "array", "items": {"type": "string"}, "default": ["red"]},
        "map": {"type": "object", "default": {"a": 1}},
        "on": {"type": "boolean", "default": False},
    }
}
_READS: Final[dict[str, frozenset[str] | None]] = {
    "shade": frozenset({"limit"}),
    "hue": None,
    "tint": frozenset({"names", "on"}),
}
_USUAL: Final[dict[Key, Any]] = {
    **{("setting", name): each["default"] for name, each in _SCHEMA["properties"].items()},
    **{("enforcement", name): "mandatory" for name in _READS},
    **{("severity", name): "low" for name in _READS},
}
_POLICIES: Final = tuple(
    Policy(
        policy_id=f"colour.{name}",
        title="",
        description="",
        severity=Severity.LOW,
        enforcement=Enforcement.MANDATORY,
        remediation="",
        settings=None if reads is None else tuple(sorted(reads)),
    )
    for name, reads in _READS.items()
)

_part = st.sampled_from(["a", "b", "ab", "A", "a.b", "größe", "x y", "$1+", "\n"])
_names = st.tuples(_part, _part, _part).map(".".join)
_patterns = st.one_of(
    _names,
    st.sampled_from(["*", "a.*", "*.b.*", "?.?.?", "A.*", "*b", "a.b", "*.gr??e", "$1+.*", "**"]),
    st.tuples(_part, st.sampled_from(["*", "?", "a"]), _part).map(".".join),
)
_values = st.fixed_dictionaries(
    {},
    optional={
        "limit": st.sampled_from([3, 4, 5]),
        "names": st.sampled_from([[], ["red"], ["blue"]]),
        "map": st.sampled_from([{}, {"a": 1}, {"b": 2}]),
        "on": st.booleans(),
        "enforcement": st.dictionaries(
            st.sampled_from(sorted(_READS)),
            st.sampled_from(["mandatory", "advisory"]),
            min_size=1,
        ),
        "severity": st.dictionaries(
            st.sampled_from(sorted(_READS)), st.sampled_from(["low", "high"]), min_size=1
        ),
    },
)
_overrides = st.lists(
    st.tuples(
        _values.filter(bool), st.one_of(_patterns, st.lists(_patterns, min_size=1, max_size=3))
    ).map(lambda drawn: drawn[0] | {"tables": drawn[1]}),
    max_size=8,
    unique_by=json.dumps,  # of two that are the same, nothing tells which one a decision names
)


# What is drawn is small as it is, and each example reads a file: making it smaller takes minutes.
@settings(max_examples=200, phases=[Phase.explicit, Phase.generate], report_multiple_bugs=False)
@given(
    usual=_values, overrides=_overrides, names=st.lists(_names, min_size=1, max_size=4, unique=True)
)
def test_overrides_are_resolved_as_the_pages_say(
    usual: Json, overrides: list[Json], names: list[str]
) -> None:
    """A table judged by another's limits, or by none of its own, would be judged wrongly."""
    file = usual | {"overrides": overrides}
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "colour_config.yaml").write_text(json.dumps(file), encoding="utf-8")
        loaded = load_settings(Path(folder), {"colour": _SCHEMA})
    policies = loaded.effective(_POLICIES)
    variants = Variants(loaded, policies)
    for full_name in names:
        expected = resolve(_USUAL, file, full_name)
        variant = variants.of(full_name)
        changed = variant.settings if variant else {}
        assert (loaded.values | changed)["colour"] == expected.settings()
        for policy in policies:
            change = variant.changes.get(policy.policy_id) if variant else None
            name = policy.policy_id.removeprefix("colour.")
            enforcement = (change and change.enforcement) or policy.enforcement
            severity = (change and change.severity) or policy.severity
            assert enforcement.value == expected.values["enforcement", name]
            assert severity.value == expected.values["severity", name]
            assert (change.override if change else "") == _named(expected, name, overrides)


def _named(expected: Resolved, policy: str, overrides: list[Json]) -> str:
    """Return the patterns of the overrides that changed the policy, each text once."""
    texts = []
    for number in expected.changed_by(policy, _READS[policy]):
        tables = overrides[number]["tables"]
        texts.append(tables if isinstance(tables, str) else ", ".join(tables))
    return "; ".join(dict.fromkeys(texts))
