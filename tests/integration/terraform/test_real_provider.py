"""Terraform and the real provider make the plans that the other tests read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.terraform.plans import PLANS, RECORDED, made, missing, steady


@pytest.mark.nightly
@pytest.mark.skipif(bool(missing()), reason=missing())
@pytest.mark.parametrize("recorded", RECORDED)
def test_a_recorded_plan_is_what_terraform_writes(recorded: str, tmp_path: Path) -> None:
    plan = json.loads((PLANS / recorded).read_text())
    assert steady(made(recorded, tmp_path)) == steady(plan)
