"""What a report says of policies about waivers is refused where its parts disagree."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lakewarden.report.recount import open_report
from tests.support.judged import with_judged
from tests.unit.report.test_recount import SAMPLE, content, refused, set_at

JUDGED = with_judged(SAMPLE)


def repeated(value: Any) -> None:  # noqa: ANN401 -- JSON
    value["judged"]["policies"][0]["policy_id"] = value["policies"][0]["policy_id"]


def test_a_report_with_judged_waivers_agrees(tmp_path: Path) -> None:
    report = open_report(JUDGED.write(tmp_path / "report.json"))
    assert report.judged == JUDGED.judged
    assert report.gate.exit_code == 1


@pytest.mark.parametrize(
    ("edit", "place", "what"),
    [
        (set_at("judged/outcomes/approval.owner/pass", 9), "approval.owner", "add up"),
        (set_at("judged/outcomes/approval.owner/pass", -1), "approval.owner", "each outcome"),
        (set_at("judged/waivers", 9), "outcomes.approval.owner", "add up"),
        (set_at("judged/outcomes", {}), "$.judged.outcomes", "each policy"),
        (repeated, "$.judged.policies", "twice"),
        (set_at("judged/broken", []), "outcomes.approval.owner.fail", "says 1"),
        (set_at("judged/broken/0/decisions", {}), "broken[0]", "nothing is wrong"),
        (set_at("judged/broken/0/pattern", "*"), "broken[0]", "a table or a pattern"),
        (
            set_at("judged/broken/0/decisions/approval.owner/outcome", "pass"),
            "broken[0].decisions.approval.owner",
            "a failure of one",
        ),
        (
            set_at("judged/broken/0/decisions/approval.owner/violations", []),
            "broken[0].decisions.approval.owner",
            "has violations",
        ),
        (set_at("gate/exit_code", 0), "$.gate.exit_code", "says 0"),
    ],
)
def test_a_contradiction_is_refused_with_its_place(
    edit: Callable[[Any], None], place: str, what: str, tmp_path: Path
) -> None:
    value = content(JUDGED)
    edit(value)
    error = refused(value, tmp_path)
    assert place in str(error.where)
    assert what in error.what
