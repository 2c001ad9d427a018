"""Which evidence is collected, at what cost: on demand, all, none, within a budget, as planned."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest

from tests.integration.databricks.small_estate import six_tables
from tests.integration.databricks.workspace_commands import (
    Inventory,
    decision,
    outcomes,
    read,
    run,
)
from tests.workspace.server import Workspace

pytestmark = pytest.mark.opa

LISTS: Final = frozenset(
    {"config", "metastore_summary", "me", "list_catalogs", "list_schemas", "list_tables"}
    | {"table_summaries"}
)


def _described(workspace: Workspace) -> list[str]:
    return sorted(text.split("`")[-2] for text in workspace.log.described())


def test_evidence_none_sends_no_statement_and_decides_what_the_listing_decides(
    tmp_path: Path,
) -> None:
    with Workspace(six_tables()) as w:
        ended = run(w, "evaluate", "--evidence", "none", "--report", "json=r.json", cwd=tmp_path)
        assert w.log.statements == []
    assert ended.returncode == 3, ended.stderr
    decided = outcomes(read(tmp_path / "r.json"))
    assert decided.pop("clustered") == "pass"
    assert set(decided.values()) == {"unknown"}
    (missing,) = decision(read(tmp_path / "r.json"), "large")["missing"]
    assert missing["status"] == "not_requested"


def test_evidence_all_fetches_everything_of_every_table(tmp_path: Path) -> None:
    """For an inventory that is to be evaluated elsewhere, under policies of which nobody knows."""
    with Workspace(six_tables()) as w:
        ended = run(w, "collect", "--evidence", "all", "-o", "i.ndjson", cwd=tmp_path)
        assert len(_described(w)) == 6
    assert ended.returncode == 0, ended.stderr
    assert "Starting the policy engine" not in ended.stderr, "nobody is asked what is needed"
    inventory = Inventory(tmp_path / "i.ndjson")
    assert all(each["size"]["exact"] for each in inventory.documents)
    assert inventory.document("read")["access"]["reads"] == 3
    assert inventory.document("close")["tags"] == {"tier": "gold"}
    assert inventory.document("small")["tags"] == {}
    assert "access" in inventory.document("small")["evidence"], "no recorded read isn't a zero"


def test_reads_and_tags_are_fetched_when_settings_make_policies_need_them(tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "clustering_config.yaml").write_text(
        "require_liquid_for_frequent_reads: true\nfrequent_reads: 3\nfrequent_min_bytes: 1\n"
    )
    with Workspace(six_tables()) as w:
        run(
            w,
            "evaluate",
            *("--config", "config", "--report", "json=r.json", "--save-inventory", "i.ndjson"),
            cwd=tmp_path,
        )
    report = read(tmp_path / "r.json")
    assert report["run"]["spent"]["table_lineage"] == 1
    assert outcomes(report, "clustering.frequently_read")["read"] == "fail"
    documents = Inventory(tmp_path / "i.ndjson")
    assert documents.document("read")["access"]["readers"] == 1
    assert "tags" not in documents.document("read"), "nobody asked for tags"


def test_a_budget_is_kept_and_what_it_leaves_is_named(tmp_path: Path) -> None:
    with Workspace(six_tables()) as w:
        ended = run(w, "evaluate", "--max-statements", "4", "--report", "json=r.json", cwd=tmp_path)
        assert len(w.log.statements) == 4
        # The history takes two, the reads that order the rest one; so one table is described.
        assert _described(w) == ["read"]
    assert ended.returncode == 1, ended.stderr
    (missing,) = decision(read(tmp_path / "r.json"), "external")["missing"]
    assert missing["reason"].startswith("the budget of 4 statements (--max-statements)")


def test_sizes_are_reused_where_they_are_fresh_and_far_from_a_threshold(tmp_path: Path) -> None:
    with Workspace(six_tables()) as w:
        first = run(w, "evaluate", "--save-inventory", "first.ndjson", cwd=tmp_path)
        assert first.returncode == 1, first.stderr
        sent = len(w.log.statements)
        w.log.statements.clear()
        old = Inventory(tmp_path / "first.ndjson")
        again = ("--reuse", "first.ndjson", "--save-inventory", "second.ndjson")
        second = run(w, "evaluate", *again, cwd=tmp_path)
        assert second.returncode == 1, second.stderr
        assert _described(w) == ["close"], "it may have shrunk below the threshold since"
        assert len(w.log.statements) < sent
        w.log.statements.clear()
        aged = run(
            w,
            "collect",
            *("--reuse", "second.ndjson", "--max-age", "0m", "-o", "aged.ndjson"),
            cwd=tmp_path,
        )
        assert aged.returncode == 0, aged.stderr
        assert _described(w) == ["close", "external", "read"]
    new = Inventory(tmp_path / "second.ndjson")
    assert new.document("external")["size"] == old.document("external")["size"]
    assert new.header["started_at"] >= old.header["started_at"]


@pytest.mark.parametrize("more", [(), ("--max-statements", "3")])
def test_a_plan_sends_nothing_and_the_run_keeps_to_it(
    tmp_path: Path, more: tuple[str, ...]
) -> None:
    """Who agrees to a plan agrees to its upper end."""
    with Workspace(six_tables()) as w:
        planned = run(w, "collect", "--plan", *more, cwd=tmp_path)
        assert planned.returncode == 0, planned.stderr
        assert set(w.log.requests) <= LISTS
        assert list(tmp_path.glob("*.ndjson*")) == []
        made = run(w, "collect", "-o", "i.ndjson", *more, cwd=tmp_path)
        assert made.returncode == 0, made.stderr
    assert "6 tables in 1 schema; listed with" in planned.stdout
    ranges = {
        name: (int(least), int(most or least))
        for name, least, most in re.findall(
            r"^ *(\w+): (\d+)(?: to (\d+))?", planned.stdout, re.MULTILINE
        )
    }
    spent = Inventory(tmp_path / "i.ndjson").end["spent"]
    sent = {kind: n for kind, n in spent.items() if not kind.startswith("list_")}
    sent = {kind: n for kind, n in sent.items() if kind not in ("other", "table_summaries")}
    least, most = ranges["statements"]
    assert least <= sum(sent.values()) <= most
    for kind, number in sent.items() if "--max-statements" not in more else ():
        assert ranges[kind][0] <= number <= ranges[kind][1], kind
