"""What the library offers to others' policies holds in the embedded engine as well.

Its Rego tests run in OPA, and comparing decisions shows only what the shipped policies use of it.
"""

from __future__ import annotations

import re
from typing import Final

import pytest
import regorus

from tests.support import rego

_LIB: Final = rego.POLICIES / "lakewarden" / "lib"
_TESTING: Final = rego.POLICIES / "lakewarden" / "testing" / "testing_test.rego"
_PACKAGES: Final = ("declared", "interval", "owner", "statements", "tags", "texts", "waivers")


@pytest.fixture(scope="module")
def engine() -> regorus.Engine:
    engine = regorus.Engine()
    for file in [_TESTING, *sorted(_LIB.rglob("*.rego"))]:
        engine.add_policy(file.name, file.read_text("utf-8"))
    return engine


@pytest.mark.parametrize("package", _PACKAGES)
def test_its_own_tests_pass(engine: regorus.Engine, package: str) -> None:
    text = (_LIB / package / f"{package}_test.rego").read_text("utf-8")
    names = re.findall(r"^(test_\w+)", text, re.MULTILINE)
    assert names
    for name in names:
        assert engine.eval_rule(f"data.lakewarden.lib.{package}_test.{name}") is True, name
