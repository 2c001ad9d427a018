"""Makes the tags of a feature's rules pytest markers, but for those that are labels."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.scenarios.catalogue import is_label, marker


def pytest_bdd_apply_tag(tag: str, function: Callable[..., Any]) -> bool:
    """Mark a test with its scenario; labels such as `policy:…` are for docs/scenarios.md."""
    if not is_label(tag):
        getattr(pytest.mark, marker(tag))(function)
    return True
