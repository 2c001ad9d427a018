"""Managers read sums: each table and each decision is counted once, in every grouping."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from lakewarden.model.decision import Decision, Enforcement, Exemption, Outcome, Severity
from lakewarden.model.policy import Policy
from lakewarden.model.report import Group, TableReport
from lakewarden.report.summary import NO_OWNER, UNKNOWN_OWNER, Tally

POLICIES = tuple(
    Policy(
        policy_id=f"colour.{name}",
        title="",
        description="",
        severity=severity,
        enforcement=enforcement,
        remediation="",
    )
    for name, severity, enforcement in (
        ("hue", Severity.HIGH, Enforcement.MANDATORY),
        ("shade", Severity.LOW, Enforcement.ADVISORY),
    )
)


@st.composite
def tables(draw: st.DrawFn) -> TableReport:
    size = draw(st.none() | st.integers(0, 10**15))
    return TableReport(
        full_name="c.s.t",
        catalog_name=draw(st.sampled_from(["c", "d"])),
        schema_name=draw(st.sampled_from(["s", "t"])),
        name="t",
        owner=draw(st.sampled_from([None, "", "ann", "bob"])),
        size={} if size is None else {"bytes": size},
        facts={"colour": {"dark": draw(st.booleans()), "name": "red", "shades": ["x"], "n": 1}},
        decisions={
            policy.policy_id: Decision(outcome=draw(st.sampled_from(Outcome)))
            for policy in POLICIES
        },
    )


def tally(*listed: TableReport) -> Tally:
    result = Tally(POLICIES)
    for table in listed:
        result.add(table)
    return result


@given(st.lists(tables(), max_size=12))
def test_every_grouping_adds_up_to_the_total(listed: list[TableReport]) -> None:
    result = tally(*listed)
    summary = result.summary
    total = summary.total
    assert (total.tables, result.decisions) == (len(listed), len(listed) * len(POLICIES))
    assert sum(summary.tables_by_status.values()) == len(listed)
    for groups in (
        summary.by_owner,
        summary.by_catalog,
        summary.by_schema,
        summary.by_fact.get("colour.dark", {}),
        summary.by_fact.get("colour.name", {}),
    ):
        assert added(list(groups.values())) == (added([total]) if groups or not listed else None)
    for counts in (
        [policy.outcomes for policy in summary.by_policy.values()],
        list(summary.by_severity.values()),
    ):
        assert total.outcomes == {o: sum(c[o] for c in counts) for o in total.outcomes}
    assert sum(result.gating.values()) == result.decisions


def test_who_exempts_is_counted_apart_for_every_group() -> None:
    """Flags that owners set themselves must not look like approvals."""

    def exempt(*kinds: str) -> TableReport:
        given = tuple(Exemption(kind=kind, reason="r") for kind in kinds)
        return table(Decision(outcome=Outcome.EXEMPT, exemptions=given))

    found = tally(exempt("flag"), exempt("waiver", "flag"), exempt("waiver"), exempt("rule"))
    assert found.summary.total.exempt == {"flag": 2, "rule": 1, "waiver": 1}
    assert found.summary.by_schema["c.s"].exempt == {"flag": 2, "rule": 1, "waiver": 1}
    assert tally(table(Decision(outcome=Outcome.PASS))).summary.total.exempt == {
        "flag": 0, "rule": 0, "waiver": 0,
    }  # fmt: skip


def added(groups: list[Group]) -> tuple[int, ...]:
    return tuple(
        sum(getattr(group, field) for group in groups)
        for field in ("tables", "bytes", "unsized", "non_compliant")
    )


def table(hue: Decision, shade: Outcome = Outcome.PASS) -> TableReport:
    return TableReport(
        full_name="c.s.t",
        catalog_name="c",
        schema_name="s",
        name="t",
        size={"bytes": 7},
        decisions={"colour.hue": hue, "colour.shade": Decision(outcome=shade)},
    )


def test_an_advisory_fail_leaves_a_table_compliant() -> None:
    summary = tally(table(Decision(outcome=Outcome.PASS), Outcome.FAIL)).summary
    assert summary.tables_by_status["compliant"] == 1
    assert summary.by_policy["colour.shade"].failing_bytes == 7


def test_an_override_decides_how_a_fail_counts() -> None:
    advisory = Decision(
        outcome=Outcome.FAIL, enforcement=Enforcement.ADVISORY, severity=Severity.INFO
    )
    result = tally(table(advisory))
    assert result.summary.tables_by_status["compliant"] == 1
    assert result.summary.by_severity["info"]["fail"] == 1
    assert result.gating["colour.hue", Outcome.FAIL, Enforcement.ADVISORY] == 1


@pytest.mark.parametrize(("owner", "group"), [("", NO_OWNER), (None, UNKNOWN_OWNER)])
def test_nobody_and_an_unknown_owner_are_counted_apart(owner: str | None, group: str) -> None:
    """A plan that doesn't say whose a table is would send people looking for an owner."""
    owned = structs.replace(table(Decision(outcome=Outcome.PASS)), owner=owner)
    assert set(tally(owned).summary.by_owner) == {group}


def test_only_facts_of_text_or_truth_are_grouped() -> None:
    result = Tally(POLICIES)
    result.add(
        TableReport(
            full_name="c.s.t",
            catalog_name="c",
            schema_name="s",
            name="t",
            decisions={},
            facts={"colour": {"dark": True, "name": "red", "shades": ["x"], "n": 1}},
        )
    )
    assert result.summary.by_fact.keys() == {"colour.dark", "colour.name"}
    assert result.summary.by_fact["colour.dark"].keys() == {"true"}
