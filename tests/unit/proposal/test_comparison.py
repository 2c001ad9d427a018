"""A what-if is the diff of two evaluations, made without the second one."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pytest

from lakewarden.model.decision import Enforcement, Outcome, Severity
from lakewarden.model.diff import WORSE, ViolationChange
from lakewarden.model.errors import EXIT_FAILED, EXIT_OK
from lakewarden.model.report import Report
from lakewarden.options.reports import GateOptions
from lakewarden.report.gate import judge_diff
from lakewarden.settings.changes import NOTHING, Changes, parse_assignment
from tests.support import rule_trials
from tests.support.rule_trials import Compared, diff_of, report_of, what_if

Json = dict[str, Any]

_PRESENT: Final[Json] = {
    "clustering": {
        "enforcement": {"partitioned_table": "off"},
        "overrides": [
            {"tables": "prod.*", "enforcement": {"partitioned_table": "advisory"}},
            {"tables": "*.tmp.*", "enforcement": {"key_limit": "off"}, "max_clustering_columns": 2},
            {"tables": "dev.*", "severity": {"strategy_required": "critical"}},
        ],
    },
    "documentation": {"min_table_comment_length": 10},
}
_GATE: Final = GateOptions(fail_on=Severity.MEDIUM, strict_waivers=True)
_TABLES: Final = 60


@pytest.fixture(scope="module", autouse=True)
def _engine() -> Iterator[None]:
    with rule_trials.shared_engine():
        yield


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("trial")
    names = rule_trials.write_tables(folder / "tables.ndjson", _TABLES, 5)
    config = rule_trials.write_config(folder / "present", _PRESENT)
    rule_trials.write_waivers(config / "waivers.yaml", names, 12, 1)
    rule_trials.write_waivers(folder / "other.yaml", names, 12, 2)
    return folder


@pytest.fixture(scope="module")
def before(folder: Path) -> Report:
    return report_of(folder / "tables.ndjson", folder / "present", _GATE)


def _set(*texts: str) -> Changes:
    return Changes(assignments=tuple(map(parse_assignment, texts)))


def _merged(changed: Mapping[str, Json]) -> Json:
    return {domain: stated | changed.get(domain, {}) for domain, stated in _PRESENT.items()}


_OVERRIDES: Final[Json] = {
    "overrides": [
        {"tables": "*.sales.*", "size_threshold_bytes": 1, "enforcement": {"keys_exist": "off"}},
        {"tables": "prod.*", "enforcement": {"partitioned_table": "mandatory"}},
    ]
}


@pytest.mark.parametrize(
    ("changes", "same"),
    [
        (
            _set(
                "clustering.size_threshold_bytes=1KiB",
                "documentation.min_table_comment_length=300",
                "clustering.max_clustering_columns=1",
            ),
            {
                "documentation": {"min_table_comment_length": 300},
                "clustering": {"size_threshold_bytes": 1024, "max_clustering_columns": 1},
            },
        ),
        (
            Changes(
                enforcement={
                    "clustering.partitioned_table": Enforcement.MANDATORY,
                    "clustering.key_limit": Enforcement.OFF,
                    "clustering.strategy_required": Enforcement.ADVISORY,
                }
            ),
            {
                "clustering": {
                    "enforcement": {
                        "partitioned_table": "mandatory",
                        "key_limit": "off",
                        "strategy_required": "advisory",
                    }
                }
            },
        ),
    ],
    ids=["settings", "enforcement"],
)
def test_changes_say_what_a_diff_of_two_reports_says(
    changes: Changes, same: Json, folder: Path, before: Report, tmp_path: Path
) -> None:
    config = rule_trials.write_config(tmp_path / "changed", _merged(same))
    shutil.copy(folder / "present" / "waivers.yaml", config)
    found = what_if(folder / "tables.ndjson", folder / "present", changes, gate=_GATE)
    _agree(found, before, report_of(folder / "tables.ndjson", config, _GATE))


def test_another_folder_and_other_waivers_do_too(
    folder: Path, before: Report, tmp_path: Path
) -> None:
    """Overrides that turn a policy off, or on again, and waivers that come and go."""
    config = rule_trials.write_config(tmp_path / "changed", {"clustering": _OVERRIDES})
    changes = Changes(waivers=folder / "other.yaml")
    found = what_if(folder / "tables.ndjson", folder / "present", changes, config, gate=_GATE)
    shutil.copy(folder / "other.yaml", config / "waivers.yaml")
    _agree(found, before, report_of(folder / "tables.ndjson", config, _GATE))


def test_waivers_that_last_too_long_by_other_settings_no_longer_count(
    folder: Path, before: Report, tmp_path: Path
) -> None:
    """The waivers are the same, and what the settings allow them isn't."""
    limits = {domain: {"max_waiver_days": dict.fromkeys(Severity, 1)} for domain in _PRESENT}
    config = rule_trials.write_config(tmp_path / "changed", _merged(limits))
    shutil.copy(folder / "present" / "waivers.yaml", config)
    found = what_if(folder / "tables.ndjson", folder / "present", other=config, gate=_GATE)
    assert found.effect.changes.waiver_limits
    _agree(found, before, report_of(folder / "tables.ndjson", config, _GATE))


def _agree(found: Compared, before: Report, after: Report) -> None:
    expected = diff_of(before, after)
    assert found.violations == expected.violations
    assert found.violations, "the change does nothing, and the test says nothing"
    assert found.effect.diff == expected.diff
    for side, report in ((found.effect.before, before), (found.effect.after, after)):
        assert side.gate == report.gate
        assert side.tables_by_status == report.summary.tables_by_status
        assert side.outcomes == report.summary.total.outcomes
    for policy_id, counts in after.summary.by_policy.items():
        effect = found.effect.policies[policy_id]
        for outcome in Outcome:
            moved = sum(each.amount.tables for each in effect.moved if each.after is outcome)
            assert effect.unchanged[outcome] + moved == counts.outcomes[outcome]


def test_without_a_change_nothing_flips_and_nothing_is_decided_again(folder: Path) -> None:
    found = what_if(folder / "tables.ndjson", folder / "present", NOTHING)
    assert found.violations == []
    assert found.effect.after.decided == 0
    assert found.effect.before.decided == found.effect.after.policies * _TABLES
    assert not any(each.moved for each in found.effect.policies.values())
    assert found.effect.before.gate == found.effect.after.gate
    assert found.effect.before.outcomes == found.effect.after.outcomes


def test_enforcement_needs_no_engine(folder: Path) -> None:
    changes = Changes(enforcement={"documentation.table_commented": Enforcement.MANDATORY})
    found = what_if(folder / "tables.ndjson", folder / "present", changes)
    assert found.effect.after.decided == 0
    stricter = found.effect.diff.total[ViolationChange.MANDATORY].violations
    assert stricter
    assert {each.change for each in found.violations} == {ViolationChange.MANDATORY}
    commented = found.effect.policies["documentation.table_commented"]
    assert commented.newly_mandatory.tables == len(found.violations) == stricter
    assert judge_diff(found.effect.diff, proposed=True).exit_code == EXIT_FAILED
    assert judge_diff(found.effect.diff).exit_code == EXIT_OK
    assert found.effect.after.gate != found.effect.before.gate


def test_waivers_are_decided_where_they_are(folder: Path, tmp_path: Path) -> None:
    """10,000 tables and one waiver more are one decision more."""
    waivers = json.loads((folder / "present" / "waivers.yaml").read_text("utf-8"))["waivers"]
    more = next(each for each in waivers if "table" in each) | {
        "table": "prod.sales.t0",
        "policy": "clustering.key_limit",
        "expires": "2099-01-01",
    }
    (tmp_path / "more.yaml").write_text(json.dumps({"waivers": [*waivers, more]}), "utf-8")
    rule_trials.write_tables(tmp_path / "tables.ndjson", 6, 3)
    text = (tmp_path / "tables.ndjson").read_text("utf-8")
    first = json.loads(text.splitlines()[0])
    more_of_them = text.replace(first["full_name"], "prod.sales.t0")
    for part, name in (("catalog_name", "prod"), ("schema_name", "sales")):
        more_of_them = more_of_them.replace(
            f'"{part}": "{first[part]}", ', f'"{part}": "{name}", ', 1
        )
    (tmp_path / "tables.ndjson").write_text(more_of_them, "utf-8")
    changes = Changes(waivers=tmp_path / "more.yaml")
    found = what_if(tmp_path / "tables.ndjson", folder / "present", changes)
    asked = [name for name, each in found.effect.policies.items() if each.decided_again]
    assert "clustering.key_limit" in asked
    assert found.effect.after.decided == len(asked)


def test_a_larger_threshold_makes_no_new_failure_of_the_policy_about_large_tables(
    tmp_path: Path,
) -> None:
    policy = "clustering.strategy_required"
    rule_trials.write_tables(tmp_path / "tables.ndjson", 200, 7)
    smaller = rule_trials.write_config(
        tmp_path / "smaller", {"clustering": {"size_threshold_bytes": 1}}
    )
    for threshold in ("1GiB", "4TiB"):
        changes = _set(f"clustering.size_threshold_bytes={threshold}")
        found = what_if(tmp_path / "tables.ndjson", smaller, changes, only=(policy,))
        counts = found.effect.diff.by_policy[policy]
        assert not any(change in counts for change in WORSE)
        assert found.effect.policies[policy].no_longer_failing.tables
