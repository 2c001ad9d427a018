"""Sizes from the metrics history: few statements, by id, and no NULL that becomes a zero."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET

from lakewarden_collector.document import Absence, PredictiveOptimization, Size
from lakewarden_collector.sources.databricks.evidence.metrics_history import MetricsHistory
from lakewarden_collector.sources.databricks.journal.events import Answer
from lakewarden_collector.sources.databricks.statements.errors import StatementError
from tests.unit.collector.databricks.evidence.fake_workspace import (
    FakeWorkspace,
    load,
    measured,
    table,
)

DENIED = StatementError(
    kind="denied",
    sql_state="42501",
    error_class="INSUFFICIENT_PERMISSIONS",
    message="[INSUFFICIENT_PERMISSIONS] Insufficient privileges\non something",
)


def test_size_has_its_origin_day_and_inexactness() -> None:
    lookup = MetricsHistory("m")
    load(lookup, FakeWorkspace([measured("main", "t", 5, files=2)]), ["main"])
    document = lookup.apply(table())
    assert document.size == Size(
        bytes=5, files=2, origin="metrics_history", as_of="2026-11-22T00:00:00Z", exact=False
    )
    assert document.evidence == {}


def test_small_estate_takes_two_statements() -> None:
    run = FakeWorkspace([measured(f"c{n}", "t", n) for n in range(20)])
    assert load(MetricsHistory("m"), run, [f"c{n}" for n in range(20)]) == 2
    assert [statement.large for statement in run.sent] == [False, False]
    assert {statement.kind for statement in run.sent} == {"metrics_history"}


def test_only_a_catalog_too_large_for_one_answer_is_asked_for_by_links() -> None:
    """A closed network has no way to where links lead, so links are for what needs them."""
    run = FakeWorkspace(
        [measured(name, f"t{n}", n) for name in "ab" for n in range(1 + (name == "b"))]
    )
    load(MetricsHistory("m", most_rows=1), run, ["a", "b"])
    assert [statement.large for statement in run.sent] == [False, False, True]
    assert all(statement.sliced for statement in run.sent[1:])


def test_null_bytes_are_unknown_and_not_zero() -> None:
    lookup = MetricsHistory("m")
    load(lookup, FakeWorkspace([measured("main", "t", None)]), ["main"])
    document = lookup.apply(table())
    assert document.size.bytes is UNSET
    assert document.evidence["size"].status == "unsupported"
    assert "NULL" in str(document.evidence["size"].reason)
    assert "NULL" in lookup.notes[0]


def test_empty_history_says_so_and_is_not_asked_for_its_tables() -> None:
    lookup, run = MetricsHistory("m"), FakeWorkspace()
    assert load(lookup, run, ["main"]) == 1
    assert "has no table" in lookup.notes[0]
    assert lookup.apply(table()).evidence["size"].status == "unsupported"


def test_a_name_that_was_reused_does_not_bring_the_old_tables_size() -> None:
    lookup = MetricsHistory("m")
    load(lookup, FakeWorkspace([measured("main", "t", 5)]), ["main"])
    assert lookup.apply(table(table_id="another")).size.bytes is UNSET
    assert lookup.apply(table(table_id=UNSET)).size.bytes is UNSET


def test_external_table_is_told_that_it_cannot_be_there() -> None:
    lookup = MetricsHistory("m")
    load(lookup, FakeWorkspace([measured("main", "t", 5)]), ["main"])
    external = lookup.apply(table(name="e", table_type="EXTERNAL"))
    assert external.evidence["size"].reason == "the metrics history covers only managed tables"


def test_exact_size_is_not_replaced() -> None:
    lookup = MetricsHistory("m")
    load(lookup, FakeWorkspace([measured("main", "t", 5)]), ["main"])
    described = table(size=Size(bytes=7, exact=True))
    assert lookup.apply(described) == described


def test_refused_probe_is_a_reason_and_costs_one_statement() -> None:
    lookup, run = MetricsHistory("m"), FakeWorkspace(errors=[DENIED])
    assert load(lookup, run, ["main"]) == 1
    why = lookup.apply(table()).evidence["size"]
    assert why.status == "denied"
    assert "system.storage.table_metrics_history" in str(why.reason)
    assert "INSUFFICIENT_PERMISSIONS" in str(why.reason)
    assert "\n" not in str(why.reason)
    assert len(lookup.notes) == 1


def test_one_part_that_fails_loses_its_catalogs_only() -> None:
    failed = StatementError(kind="failed", message="the warehouse stumbled")
    lookup = MetricsHistory("m", most_rows=1)
    run = FakeWorkspace([measured("a", "t", 1), measured("b", "t", 2)], errors=[None, failed, None])
    assert load(lookup, run, ["a", "b"]) == 3
    assert lookup.apply(table("a")).evidence["size"].status == "failed"
    assert lookup.apply(table("b")).size.bytes == 2


def test_part_that_failed_can_be_loaded_again_and_nothing_else_is_asked() -> None:
    failed = StatementError(kind="failed", message="the warehouse stumbled")
    lookup = MetricsHistory("m", most_rows=1)
    run = FakeWorkspace([measured("a", "t", 1), measured("b", "t", 2)], errors=[None, failed, None])
    load(lookup, run, ["a", "b"])
    assert load(lookup, run, ["a", "b"]) == 1
    assert lookup.apply(table("a")).size.bytes == 1
    assert lookup.notes == ()


def test_fatal_error_is_not_swallowed() -> None:
    fatal = StatementError(kind="failed", message="no such warehouse", fatal=True)
    with pytest.raises(StatementError):
        load(MetricsHistory("m"), FakeWorkspace(errors=[fatal]), ["main"])


def test_catalog_out_of_scope_is_not_asked_for_where_the_answer_would_be_large() -> None:
    run = FakeWorkspace([measured("a", "t", 1), measured("huge", "t", 2)])
    load(MetricsHistory("m", most_rows=1), run, ["a"])
    assert [[p.value for p in statement.parameters] for statement in run.sent] == [
        ["m"],
        ["m", "a"],
    ]


def test_catalog_that_was_not_asked_for_is_not_called_empty() -> None:
    lookup = MetricsHistory("m", most_rows=1)
    load(lookup, FakeWorkspace([measured("a", "t", 1), measured("b", "t", 2)]), ["a"])
    assert lookup.apply(table("b")).evidence["size"].status == "not_requested"
    assert MetricsHistory("m").apply(table()).evidence["size"].status == "not_requested"


def test_known_names_every_table_for_the_reconciliation() -> None:
    lookup = MetricsHistory("m")
    load(lookup, FakeWorkspace([measured("main", "t", None), measured("main", "u", 1)]), ["main"])
    assert sorted(lookup.known()) == [
        ("main", "s", "t", "id-of-main-t"),
        ("main", "s", "u", "id-of-main-u"),
    ]


@given(
    tables=st.lists(st.tuples(st.sampled_from("abcdefgh"), st.integers(0, 9)), unique=True),
    scope=st.sets(st.sampled_from("abcdefghx")),
    most_rows=st.integers(1, 30),
    kept=st.integers(0, 20),
)
def test_every_table_is_found_whatever_the_parts_and_a_resumed_load_asks_only_for_the_rest(
    tables: list[tuple[str, int]], scope: set[str], most_rows: int, kept: int
) -> None:
    run = FakeWorkspace([measured(catalog, f"t{n}", n) for catalog, n in tables])
    first = MetricsHistory("m", most_rows=most_rows)
    answers = []
    for answer in first.load(run, sorted(scope)):
        first.take(answer)
        answers.append(answer)
    whole = len(run.sent)
    in_scope = [(catalog, n) for catalog, n in tables if catalog in scope]
    for catalog, n in in_scope:
        assert first.apply(table(catalog, f"t{n}")).size.bytes == n
    assert whole - 1 <= len({catalog for catalog, _ in in_scope})

    resumed = MetricsHistory("m", most_rows=most_rows)
    for answer in answers[:kept]:
        resumed.take(msgspec.json.decode(msgspec.json.encode(answer), type=Answer))
    again = load(resumed, run, sorted(scope))
    assert again <= whole
    assert again == 0 or kept < len(answers)
    for catalog, n in in_scope:
        assert resumed.apply(table(catalog, f"t{n}")).size.bytes == n


@pytest.mark.parametrize(
    ("reported", "enabled"),
    [("true", True), ("false", False), ("TRUE", True), (None, UNSET), ("", UNSET), ("1", UNSET)],
)
def test_predictive_optimization_comes_with_the_size(reported: str | None, enabled: object) -> None:
    """It is in the same answer; a value that is neither true nor false is not known."""
    lookup = MetricsHistory("m")
    load(lookup, FakeWorkspace([measured("main", "t", 5, optimized=reported)]), ["main"])
    why = {"predictive_optimization": Absence(status="not_requested")}
    document = lookup.apply(table(evidence=why))
    assert document.predictive_optimization.enabled is enabled
    assert document.predictive_optimization.inherited_from is UNSET
    assert document.evidence == (why if enabled is UNSET else {})
    assert document.size.bytes == 5


def test_predictive_optimization_is_told_of_a_table_without_a_size() -> None:
    lookup = MetricsHistory("m")
    load(lookup, FakeWorkspace([measured("main", "t", None, optimized="false")]), ["main"])
    assert lookup.apply(table()).predictive_optimization.enabled is False


def test_what_the_listing_says_of_predictive_optimization_is_newer() -> None:
    lookup = MetricsHistory("m")
    load(lookup, FakeWorkspace([measured("main", "t", 5, optimized="false")]), ["main"])
    listed = PredictiveOptimization(enabled=True, inherited_from="METASTORE m")
    document = lookup.apply(table(predictive_optimization=listed))
    assert document.predictive_optimization == listed


def test_an_answer_of_an_older_attempt_has_no_word_of_predictive_optimization() -> None:
    """A journal that an older version began holds the answer without this column."""
    *row, _ = measured("main", "t", 5)
    lookup = MetricsHistory("m")
    columns = ("table_id", "catalog_name", "schema_name", "table_name", "bytes", "files")
    lookup.take(
        Answer(
            name=lookup.name,
            catalog="",
            columns=(*columns, "measured_on"),
            rows=(tuple(row),),
        )
    )
    assert lookup.apply(table()).size.bytes == 5


def test_a_history_without_the_column_of_predictive_optimization_still_gives_sizes() -> None:
    """Else one optional column that a region lacks would take every size with it."""
    text = (
        "[UNRESOLVED_COLUMN.WITH_SUGGESTION] A column with name `predictive_optimization_enabled`"
    )
    lacking = StatementError(
        kind="failed",
        sql_state="42703",
        error_class="UNRESOLVED_COLUMN.WITH_SUGGESTION",
        message=text,
    )
    run = FakeWorkspace([measured("main", "t", 5)], errors=[None, lacking])
    lookup = MetricsHistory("m")
    assert load(lookup, run, ["main"]) == 3
    assert "optimized" not in run.sent[-1].text
    assert lookup.apply(table()).size.bytes == 5


def test_another_column_that_is_lacking_is_a_failure_and_asked_once() -> None:
    lacking = StatementError(
        kind="failed",
        sql_state="42703",
        error_class="UNRESOLVED_COLUMN.WITH_SUGGESTION",
        message="[UNRESOLVED_COLUMN.WITH_SUGGESTION] A column with name `active_bytes`",
    )
    run = FakeWorkspace([measured("main", "t", 5)], errors=[None, lacking])
    lookup = MetricsHistory("m")
    assert load(lookup, run, ["main"]) == 2
    assert lookup.apply(table()).evidence["size"].status == "failed"
