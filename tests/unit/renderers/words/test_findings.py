"""What CI systems are told: each finding once, the worst first, each with a lasting identity."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from lakewarden.model.decision import Decision, Enforcement, Fix, Outcome, Severity, Violation
from lakewarden.model.report import TableReport
from lakewarden.renderers.words.findings import (
    Finding,
    Level,
    Worst,
    causes,
    findings,
    place_of,
)
from lakewarden_collector.document import Definition
from tests.support import fixable, reports
from tests.support.findings import complete, every_kind, overridden
from tests.support.fixable import KEY_LIMIT, SINGLE, STRATEGY

_INDEX = {policy.policy_id: policy for policy in reports.policies()}


def _found(table: TableReport) -> list[Finding]:
    return [*findings(table, _INDEX)]


def _all() -> list[Finding]:
    return [each for table in every_kind().tables() for each in _found(table)]


def _keyed(*keys: str | None, message: str = "It isn't there.") -> TableReport:
    violations = tuple(Violation(message=message, key=key) for key in keys)
    failed = Decision(outcome=Outcome.FAIL, violations=violations)
    return fixable.table("main.sales.orders", {KEY_LIMIT: failed})


def test_every_violation_and_every_undecided_decision_is_a_finding() -> None:
    seen = [
        (each.table.name, each.policy.policy_id, str(each.outcome), bool(each.waivers))
        for each in _all()
    ]
    assert sorted(seen) == [
        ("broken", SINGLE, "error", False),
        ("clicks", STRATEGY, "fail", True),
        ("late", KEY_LIMIT, "fail", False),
        ("late", KEY_LIMIT, "fail", False),
        ("returns", SINGLE, "fail", False),
        ("returns", STRATEGY, "fail", False),
        ("unsure", KEY_LIMIT, "unknown", False),
        ("unsure", SINGLE, "unknown", False),
        ("unsure", STRATEGY, "unknown", False),
    ]


def test_an_exemption_by_a_rule_or_flag_is_no_finding_and_a_waived_unknown_is() -> None:
    known = every_kind().rows[3].decisions[STRATEGY]
    for kind, number in (("rule", 0), ("flag", 0), ("waiver", 1)):
        exemption = structs.replace(known.exemptions[0], kind=kind)
        decision = structs.replace(
            known, exemptions=(exemption,), would_be=Outcome.UNKNOWN, violations=()
        )
        found = _found(fixable.table("main.sales.orders", {STRATEGY: decision}))
        assert [str(each.outcome) for each in found] == ["unknown"] * number


@pytest.mark.parametrize(
    ("severity", "mandatory", "advisory"),
    [
        ("critical", "error", "warning"),
        ("high", "error", "warning"),
        ("medium", "warning", "note"),
        ("low", "note", "note"),
        ("info", "note", "note"),
    ],
)
def test_the_level_follows_severity_and_enforcement(
    severity: str, mandatory: str, advisory: str
) -> None:
    for enforcement, level in (("mandatory", mandatory), ("advisory", advisory)):
        failed = overridden(
            fixable.failing("It has none."), Severity(severity), Enforcement(enforcement)
        )
        (found,) = _found(fixable.table("main.sales.orders", {STRATEGY: failed}))
        assert found.level == level
        (gating,) = findings(found.table, _INDEX, Severity(severity))
        assert (gating.level, gating.gates) == (mandatory, True)


def test_an_error_of_an_advisory_policy_is_loud_as_it_gates() -> None:
    (found,) = [each for each in _all() if each.outcome is Outcome.ERROR]
    assert (found.enforcement, found.level, found.gates) == (
        Enforcement.ADVISORY,
        Level.ERROR,
        True,
    )


def test_a_fingerprint_is_of_table_policy_and_key_and_of_no_word() -> None:
    """An alert must not be closed and opened again since a message or a name's case changed."""
    first = [each.fingerprint for each in _found(_keyed("day", "shop"))]
    again = _keyed("day", "shop", message="Nobody has ever seen it.")
    upper = structs.replace(again, full_name="MAIN.sales.Orders", size={}, owner="other")
    assert [each.fingerprint for each in _found(upper)] == first
    assert len({*first}) == 2
    other = structs.replace(again, full_name="main.sales.orders2")
    assert not {*first} & {each.fingerprint for each in _found(other)}
    decisions = {STRATEGY: again.decisions[KEY_LIMIT]}
    moved = fixable.table("main.sales.orders", decisions)
    assert not {*first} & {each.fingerprint for each in _found(moved)}


def test_waived_or_not_a_violation_keeps_its_fingerprint() -> None:
    waived = every_kind().rows[3]
    failed = Decision(outcome=Outcome.FAIL, violations=waived.decisions[STRATEGY].violations)
    open_ = structs.replace(waived, decisions=waived.decisions | {STRATEGY: failed})
    assert [each.fingerprint for each in _found(open_)] == [
        each.fingerprint for each in _found(waived)
    ]


def test_fingerprints_are_unique_within_a_run_whatever_the_keys() -> None:
    found = [*_all(), *_found(_keyed(None, None, "", "day", "day", "1"))]
    assert len({each.fingerprint for each in found}) == len(found)


def test_an_undecided_decision_is_not_taken_for_its_failure() -> None:
    unknown = Decision(outcome=Outcome.UNKNOWN)
    (found,) = _found(fixable.table("main.sales.orders", {KEY_LIMIT: unknown}))
    assert found.fingerprint not in {each.fingerprint for each in _found(_keyed(None))}


def test_a_message_names_its_table_once() -> None:
    messages = [each.message for each in _all()]
    assert all(message.count("main.") == 1 for message in messages), messages


def test_the_best_fix_is_the_advice_and_else_the_remediation() -> None:
    by_table = {each.table.name: each for each in _all() if each.policy.policy_id == STRATEGY}
    assert by_table["returns"].advice == (
        "Let Databricks choose the keys\nALTER TABLE `main`.`sales`.`returns` CLUSTER BY AUTO;"
    )
    assert by_table["clicks"].advice == _INDEX[STRATEGY].remediation
    assert by_table["unsure"].advice.startswith("Grant the collecting identity access")


def test_a_planned_table_is_changed_in_its_definition_and_never_by_sql() -> None:
    """The next apply would undo it."""
    definition = Definition(tool="dbt", address="model.shop.late", file="models/late.sql", line=7)
    fix = fixable.cluster("main.sales.late", "AUTO")
    sql = fixable.table("main.sales.late", {STRATEGY: fixable.failing("It has none.", fix)})
    planned = structs.replace(sql, definition=definition)
    (found,) = _found(planned)
    place = "Change the definition: model.shop.late in models/late.sql:7."
    assert found.advice == f"{place} {_INDEX[STRATEGY].remediation}"
    failed = fixable.failing("It has none.", Fix(title="Set liquid_clustered_by in the model."))
    (found,) = _found(structs.replace(planned, decisions={STRATEGY: failed}))
    assert found.advice == f"{place} Set liquid_clustered_by in the model."


@pytest.mark.parametrize(
    ("file", "path"),
    [
        ("main.tf", "main.tf"),
        ("./modules//sales/main.tf", "modules/sales/main.tf"),
        ("modules/../main.tf", "main.tf"),
        ("../plans/main.tf", "../plans/main.tf"),
        ("/home/ci/main.tf", "/home/ci/main.tf"),
        ("models\\sales\\late.sql", "models/sales/late.sql"),
        (".\\models\\late.sql", "models/late.sql"),
        ("C:\\ci\\late.sql", "C:/ci/late.sql"),
        ("models/a\\b.sql", "models/a\\b.sql"),
        ("", "tables/main.sales.late"),
        (".", "tables/main.sales.late"),
    ],
)
def test_a_planned_table_is_where_it_is_declared(file: str, path: str) -> None:
    table = structs.replace(
        fixable.table("main.sales.late", {}), definition=Definition(tool="sql", file=file, line=3)
    )
    place = place_of(table)
    assert (place.path, place.line) == (path, 1 if path.startswith("tables/") else 3)


def test_a_table_that_is_no_file_has_one_path_whatever_its_case_and_signs() -> None:
    names = {"Main.Sales.Orders": "tables/main.sales.orders", "a.b.`x/../%y`": None}
    names["a.b.`x/../%y`"] = "tables/a.b.`x%2F..%2F%25y`"
    for name, path in names.items():
        place = place_of(structs.replace(fixable.table("a.b.c", {}), full_name=name))
        assert (place.path, place.line, place.stands_for_table) == (path, 1, True)


def test_the_worst_come_first_and_the_rest_is_counted() -> None:
    rows = [*every_kind().rows]
    random.Random(4).shuffle(rows)  # noqa: S311 -- an order, not a secret
    worst: Worst[str] = Worst(keep=5)
    for table in rows:
        for each in findings(table, _INDEX):
            worst.offer(each, lambda found: f"{found.table.name} {found.outcome}")
    assert worst.ordered() == [
        "returns fail",
        "late fail",
        "late fail",
        "unsure unknown",
        "unsure unknown",
    ]
    assert (worst.seen, worst.left_out) == (9, 4)


@given(st.lists(st.integers(1, 2000), unique=True, max_size=300), st.integers(1, 50))
def test_any_number_of_findings_leaves_the_worst(sizes: list[int], keep: int) -> None:
    failed = fixable.failing("It has none.")
    worst: Worst[int] = Worst(keep=keep)
    for size in sizes:
        table = fixable.table(f"a.b.t{size}", {STRATEGY: failed}, size=size)
        for each in findings(table, _INDEX):
            worst.offer(each, lambda found: int(found.table.size["bytes"]))
    assert worst.ordered() == sorted(sizes, reverse=True)[:keep]
    assert worst.left_out == max(len(sizes) - keep, 0)


def test_what_could_not_be_read_keeps_its_identity_whatever_the_words() -> None:
    sample = every_kind()
    first = causes(sample)
    failures = [structs.replace(each, reason="Else.") for each in sample.completeness.failures]
    sample.completeness = structs.replace(
        sample.completeness, failures=tuple(failures), reasons=("The engine died.",)
    )
    second = causes(sample)
    assert [each.identity for each in second[:3]] == [each.identity for each in first]
    assert [each.text for each in second][3] == "The engine died."
    assert causes(complete([fixable.table("a.b.c", {})])) == []
    assert causes(complete([])), "nothing was evaluated"
