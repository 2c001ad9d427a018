"""Tables that others know and the listing has not: dropped, lost for a reason, or there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast
from urllib.parse import unquote

import pytest
from databricks.sdk.errors import InternalError, NotFound, PermissionDenied
from hypothesis import given
from hypothesis import strategies as st

from lakewarden_collector.inventory import Failure, LeftOut
from lakewarden_collector.names import join_name
from lakewarden_collector.sources.databricks.client.workspace import Workspace
from lakewarden_collector.sources.databricks.collecting import reconcile
from lakewarden_collector.sources.databricks.collecting.reconcile import (
    Candidate,
    FoundLater,
    as_summarised,
    explain,
    from_summaries,
    missing,
)
from lakewarden_collector.sources.databricks.listing.scope import Scope
from lakewarden_collector.texts import is_empty

PARTS = ("main", "sales", "orders")
NAMES = st.text(min_size=1, max_size=12).filter(
    lambda text: "\0" not in text and not is_empty(text)
)
Answer = Mapping[str, Any] | Exception


class _Lookups:
    """A workspace that answers one thing about every table, and counts."""

    host = "https://w.example"
    metastore_id = "m1"

    def __init__(self, *answers: Answer) -> None:
        self._answers = list(answers)
        self.asked: list[str] = []

    def get(self, path: str, query: Mapping[str, Any] = {}) -> Mapping[str, Any]:
        assert query is not None
        self.asked.append(unquote(path.rpartition("/")[2]))
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


INFO = {"catalog_name": "main", "schema_name": "sales", "name": "orders", "table_id": "7"}


def _explained(
    *workspaces: _Lookups,
    candidate: Candidate | None = None,
    unlisted: Mapping[tuple[str, ...], Failure] = {},
) -> Failure | LeftOut | FoundLater:
    (found,) = explain(
        [candidate or Candidate(PARTS, "the table summaries")],
        unlisted=unlisted,
        workspaces=cast("list[Workspace]", workspaces),
    )
    return found


def test_a_table_that_is_gone_everywhere_was_dropped() -> None:
    found = _explained(_Lookups(NotFound("gone")), _Lookups(NotFound("gone")))
    reason = "dropped: the table summaries still had it"
    assert found == LeftOut(what="main.sales.orders", reason=reason, tables=1)


@pytest.mark.parametrize("error", [PermissionDenied("no SELECT"), InternalError("oops")])
def test_a_table_that_somebody_may_still_have_is_lost_and_not_dropped(error: Exception) -> None:
    """What a principal may not see must not count as gone."""
    found = _explained(_Lookups(NotFound("gone")), _Lookups(error))
    assert isinstance(found, Failure)
    assert found.reason.startswith("known to the table summaries and not listed: ")
    assert str(error) in found.reason
    assert found.covers == "table"
    assert "SELECT" in found.remedy


def test_a_table_that_is_there_is_taken_in() -> None:
    """It was made while the listing ran, or another workspace of the metastore sees it."""
    first, second = _Lookups(PermissionDenied("no")), _Lookups(INFO)
    found = _explained(first, second)
    assert isinstance(found, FoundLater)
    assert found.document.full_name == "main.sales.orders"
    assert (found.document.table_id, found.metastore) == ("7", "m1")


def test_a_table_that_is_there_is_asked_for_once() -> None:
    """A second answer may be another: the table may be gone by then."""
    found = _explained(_Lookups(INFO, NotFound("gone")))
    assert isinstance(found, FoundLater)
    assert found.document.table_id == "7"


def test_an_answer_that_is_not_a_table_is_named_with_its_fault() -> None:
    found = _explained(_Lookups({"name": "orders"}))
    assert isinstance(found, Failure)
    assert "catalog_name" in found.reason


@pytest.mark.parametrize("lost", [("main", "sales"), ("main",)])
def test_a_table_of_what_could_not_be_listed_shares_its_reason(lost: tuple[str, ...]) -> None:
    """And is not looked up: ten thousand denials would say the same."""
    dark = Failure(
        what="schema main.sales", where="w", reason="denied", remedy="GRANT", covers="schema"
    )
    workspace = _Lookups(NotFound("gone"))
    found = _explained(workspace, unlisted={lost: dark})
    assert isinstance(found, Failure)
    assert found.reason == "known to the table summaries; schema main.sales: denied"
    assert (found.what, found.remedy, found.covers) == ("main.sales.orders", "GRANT", "table")
    assert workspace.asked == []


def test_beyond_a_number_tables_are_named_without_being_looked_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(reconcile, "MOST_LOOKUPS", 3)
    workspace = _Lookups(NotFound("gone"))
    candidates = [Candidate(("c", "s", f"t{n}"), "the metrics history") for n in range(5)]
    found = list(explain(candidates, unlisted={}, workspaces=cast("Any", [workspace])))
    assert len(workspace.asked) == 3
    assert {each.what for each in found if isinstance(each, LeftOut)} == {
        "c.s.t0",
        "c.s.t1",
        "c.s.t2",
    }
    assert all("wasn't looked up" in each.reason for each in found if isinstance(each, Failure))
    assert {each.what for each in found if isinstance(each, Failure)} == {"c.s.t3", "c.s.t4"}


@given(name=NAMES, other=NAMES)
def test_any_name_is_asked_for_as_it_is(name: str, other: str) -> None:
    """A slash or a per cent sign in it would ask for something else."""
    workspace = _Lookups(NotFound("gone"))
    _explained(workspace, candidate=Candidate(("c", other, name), "the metrics history"))
    assert workspace.asked == [f"c.{other}.{name}"]


@given(st.tuples(NAMES, NAMES, NAMES))
def test_a_listed_table_is_never_missing_whatever_its_name(parts: tuple[str, str, str]) -> None:
    """Summaries write names without quotes, documents with: one table must not become two."""
    listed = {as_summarised(join_name(parts))}
    summary = from_summaries([".".join(parts)], parts[0])
    named = [Candidate(parts, "the metrics history")]
    for candidates in (summary, named):
        assert list(missing(candidates, listed=listed, ids=(), scope=Scope())) == []


def test_a_summary_whose_parts_cannot_be_told_apart_stays_one_text() -> None:
    whole, twisted, foreign = from_summaries(["c.s.t", "c.s.a.b", "x.s.t"], "c")
    assert (whole.parts, whole.full_name) == (("c", "s", "t"), "c.s.t")
    assert (twisted.parts, twisted.full_name) == (("c.s.a.b",), "c.s.a.b")
    assert foreign.parts == ("x.s.t",)


def test_a_table_is_known_by_its_id_under_a_new_name() -> None:
    renamed = Candidate(("c", "s", "old"), "the previous inventory", "7")
    assert list(missing([renamed], listed={"c.s.new"}, ids={"7"}, scope=Scope())) == []
    without = Candidate(("c", "s", "old"), "the previous inventory")
    assert list(missing([without], listed={"c.s.new"}, ids={"", "7"}, scope=Scope())) == [without]


@pytest.mark.parametrize(
    ("parts", "scope"),
    [
        (("prod", "s", "t"), Scope(include=("dev.*",))),
        (("prod", "tmp", "t"), Scope(exclude=("*.tmp.*",))),
        (("system", "s", "t"), Scope()),
        (("prod", "information_schema", "t"), Scope()),
    ],
)
def test_what_is_out_of_scope_is_not_missed(parts: tuple[str, str, str], scope: Scope) -> None:
    candidate = Candidate(parts, "the metrics history")
    assert list(missing([candidate], listed=(), ids=(), scope=scope)) == []
