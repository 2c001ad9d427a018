"""The Code Quality report, as GitLab documents it."""

from __future__ import annotations

import json
from typing import Any, Final

import jsonschema
import pytest
from hypothesis import given, settings
from msgspec import structs

from lakewarden.model.decision import Enforcement, Severity
from lakewarden.renderers import Format
from lakewarden.renderers.words import findings
from lakewarden.renderers.words.wording import visible
from lakewarden_collector.patterns import fold
from tests.support import fixable, hostile, reports
from tests.support.findings import complete, every_kind, many, overridden, written
from tests.support.fixable import STRATEGY
from tests.support.golden import golden, showcase

_DOCUMENTED: Final = {
    # https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
    "type": "array",
    "items": {
        "type": "object",
        "required": ["description", "check_name", "fingerprint", "severity", "location"],
        "additionalProperties": False,
        "properties": {
            "description": {"type": "string", "minLength": 1},
            "check_name": {"type": "string", "minLength": 1},
            "fingerprint": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": {
                "type": "object",
                "required": ["path", "lines"],
                "properties": {
                    "path": {"type": "string", "minLength": 1, "not": {"pattern": r"^\./"}},
                    "lines": {
                        "type": "object",
                        "required": ["begin"],
                        "properties": {"begin": {"type": "integer", "minimum": 1}},
                    },
                },
            },
        },
    },
}


def _entries(sample: reports.Sample) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(written(sample, Format.GITLAB))
    jsonschema.validate(found, _DOCUMENTED)
    assert len({each["fingerprint"] for each in found}) == len(found), "GitLab keeps one of each"
    return found


def test_it_is_as_it_was() -> None:
    golden("report.gitlab.json", written(showcase(), Format.GITLAB))


def test_what_is_not_known_comes_first_and_what_is_waived_not_at_all() -> None:
    found = _entries(every_kind())
    assert [each["check_name"] for each in found[:4]] == [
        *["lakewarden.incomplete"] * 3,
        STRATEGY,
    ]
    assert not any("clicks" in each["description"] for each in found)
    assert [each["location"] for each in found[3:5]] == [
        {"path": "tables/main.sales.returns", "lines": {"begin": 1}},
        {"path": "modules/sales, eu/main.tf", "lines": {"begin": 12}},
    ]


@settings(max_examples=20, deadline=None)
@given(reports.reports())
def test_any_report_is_as_gitlab_documents_it(sample: reports.Sample) -> None:
    # No run has a name twice, whatever its case.
    sample.rows = [*{fold(each.full_name): each for each in sample.rows}.values()]
    _entries(sample)


@pytest.mark.parametrize(
    ("severity", "mandatory", "advisory"),
    [
        ("critical", "blocker", "critical"),
        ("high", "critical", "major"),
        ("medium", "major", "minor"),
        ("low", "minor", "info"),
        ("info", "info", "info"),
    ],
)
def test_severities_are_gitlabs_and_one_lower_where_advisory(
    severity: str, mandatory: str, advisory: str
) -> None:
    for enforcement, word in (("mandatory", mandatory), ("advisory", advisory)):
        failed = overridden(
            fixable.failing("It has none."), Severity(severity), Enforcement(enforcement)
        )
        (entry,) = _entries(complete([fixable.table("a.b.c", {STRATEGY: failed})]))
        assert entry["severity"] == word


def test_a_run_without_findings_is_an_empty_list() -> None:
    assert written(complete([fixable.table("a.b.c", {})]), Format.GITLAB) == "[]\n"


def test_too_many_are_counted_and_the_worst_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lakewarden.renderers.gitlab.MOST", 20)
    found = _entries(many(33))
    assert len(found) == 21
    assert "t000032" in found[0]["description"]
    assert found[-1]["description"].startswith("13 findings of lower weight left out.")
    assert findings.MOST == 25_000


@pytest.mark.parametrize("text", [hostile.WORST, hostile.LONG])
def test_texts_of_any_signs_are_text(text: str) -> None:
    sample = hostile.report(text)
    found = json.loads(written(sample, Format.GITLAB))
    jsonschema.validate(found, _DOCUMENTED)
    shown = visible(text, keep="\n\t")
    assert sum(shown in each["description"] for each in found) > 10


@pytest.mark.parametrize("name", reports.HOSTILE_NAMES)
def test_names_of_any_signs_stay_what_they_are(name: str) -> None:
    table = fixable.table("a.b.c", {STRATEGY: fixable.failing("It has none.")})
    (entry,) = _entries(complete([structs.replace(table, full_name=f"a.b.{name}")]))
    path = entry["location"]["path"].removeprefix("tables/")
    assert path.replace("%2F", "/").replace("%25", "%") == fold(f"a.b.{name}")
