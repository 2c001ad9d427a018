"""The queries of docs/history.md run as they stand, and answer what the page shows."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from msgspec import structs

from lakewarden.model.decision import Decision, Missing, Outcome
from tests.support import shown_history
from tests.support.duckdb import connected, rows
from tests.support.past_runs import (
    ERROR,
    EXEMPT,
    KEYED,
    NOT_APPLICABLE,
    PASS,
    add,
    failing,
    report,
    table,
)


def test_duckdb_answers_the_queries_of_the_page(tmp_path: Path) -> None:
    shown_history.make(tmp_path / "history")
    answers = []
    with connected(str(tmp_path / "history")) as connection:
        for query in shown_history.queries():
            if query.startswith("CREATE"):
                connection.execute(query).fetchall()
            else:
                answers.append(str(connection.sql(query)).strip())
    assert len(answers) == 5
    assert answers == [text.strip() for text in shown_history.answers()]


def test_the_table_of_what_happens_in_between(tmp_path: Path) -> None:
    """Each of its rows: failing on day 0 and 2, and what day 1 and day 2 then say of it."""
    shown = _cases(shown_history.PAGE.read_text("utf-8"))
    assert list(shown) == [*_IN_BETWEEN, *_NOT_THERE]
    broken = {name: table(f"t{number}", {KEYED: failing("x")}) for number, name in enumerate(shown)}
    other = {
        name: structs.replace(broken[name], decisions=broken[name].decisions | {KEYED: decision})
        for name, decision in _IN_BETWEEN.items()
    }
    for absent, failures in _NOT_THERE.items():
        place = tmp_path / absent
        add(place, report(0, *broken.values()))
        add(place, report(1, *other.values(), failures=failures))
        add(place, report(2, *broken.values()))
        here = [*_IN_BETWEEN, absent]
        found = {name: _what_came_of(place, broken[name].full_name) for name in here}
        assert found == {name: shown[name] for name in here}


_FAILS: Final = failing("x").violations
_IN_BETWEEN: Final = {
    "the policy passes": PASS,
    "the policy fails for other keys only": failing("y"),
    "the table is exempt, and would pass without the exemption": structs.replace(
        EXEMPT, would_be=Outcome.PASS
    ),
    "the policy doesn't apply": NOT_APPLICABLE,
    "a waiver exempts the table": structs.replace(EXEMPT, violations=_FAILS),
    "a rule of the policy or a flag on the table exempts it": EXEMPT,
    "the outcome is `unknown`": Decision(
        outcome=Outcome.UNKNOWN, missing=(Missing(kind="size", status="failed"),)
    ),
    "the outcome is `error`": ERROR,
}
_NOT_THERE: Final = {
    "an incomplete run doesn't have the table": 1,
    "a complete run doesn't have the table": 0,
}
"""With how many failures."""


def _cases(page: str) -> dict[str, list[str]]:
    lines = page.partition("| Day 1 |")[2].partition("\n\n")[0].splitlines()[2:]
    cells = ([cell.strip() for cell in line.strip("| ").split("|")] for line in lines)
    return {what: rest for what, *rest in cells}


def _what_came_of(place: Path, full_name: str) -> list[str]:
    """Return state, age, reopened and contradicted as the page has them."""
    query = "SELECT state, age_days, reopened, contradicted FROM history WHERE violation_key = 'x'"
    found = rows(str(place), f"{query} AND full_name = '{full_name}' ORDER BY clock")
    _, (state, *_), (_, age, reopened, contradicted) = found
    yes_no = ["yes" if each else "no" for each in (reopened, contradicted)]
    return [f"`{state}`", f"{age:.0f} days", *yes_no]
