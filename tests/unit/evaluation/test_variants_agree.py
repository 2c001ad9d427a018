"""Overrides resolved twice: by the runner, and by a reading of the pages in plain Python.

About `variants.py`.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from lakewarden.evaluation.variants import Variants
from lakewarden.settings.settings import load_settings
from tests.support.drawing.overrides import NAMES, POLICIES, READS, SCHEMA, TODAY, USUAL, files
from tests.support.oracle.overrides import Resolved, resolve

Json = dict[str, Any]


# What is drawn is small as it is, and each example reads a file: making it smaller takes minutes.
@settings(max_examples=200, phases=[Phase.explicit, Phase.generate], report_multiple_bugs=False)
@given(
    file=files(["mandatory", "advisory"]),
    names=st.lists(NAMES, min_size=1, max_size=4, unique=True),
)
def test_overrides_are_resolved_as_the_pages_say(file: Json, names: list[str]) -> None:
    """A table judged by another's limits, or by none of its own, would be judged wrongly."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "colour_config.yaml").write_text(json.dumps(file), encoding="utf-8")
        loaded = load_settings(Path(folder), {"colour": SCHEMA}, clock=f"{TODAY}T23:59:59Z")
    policies = loaded.effective(POLICIES)
    variants = Variants(loaded, policies)
    for full_name in names:
        expected = resolve(USUAL, file, full_name)
        variant = variants.of(full_name)
        changed = variant.settings if variant else {}
        assert (loaded.values | changed)["colour"] == expected.settings()
        for policy in policies:
            change = variant.changes.get(policy.policy_id) if variant else None
            name = policy.policy_id.removeprefix("colour.")
            bites = change if change and change.enforcement else policy
            severity = (change and change.severity) or policy.severity
            stated = expected.enforcement(name, TODAY)
            assert (bites.enforcement, bites.effective_on) == stated
            assert severity.value == expected.values["severity", name]
            assert (change.override if change else "") == _named(expected, name, file["overrides"])


def _named(expected: Resolved, policy: str, overrides: list[Json]) -> str:
    """Return the patterns of the overrides that changed the policy, each text once."""
    texts = []
    for number in expected.changed_by(policy, READS[policy]):
        tables = overrides[number]["tables"]
        texts.append(tables if isinstance(tables, str) else ", ".join(tables))
    return "; ".join(dict.fromkeys(texts))
