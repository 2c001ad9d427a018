"""What each option of a collection does, and what becomes of values that make no sense."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Final

import pytest

from tests.data.commandline import COMMAND, environment, lakewarden
from tests.integration.databricks.workspace_commands import (
    Inventory,
    decision,
    outcomes,
    read,
    run,
    variables,
)
from tests.workspace.grants import Guarded
from tests.workspace.handmade import GIB, MIB, HandmadeEstate
from tests.workspace.server import Workspace

pytestmark = pytest.mark.opa

COLLECT: Final = ("collect", "--source", "databricks", "--evidence", "none", "-o", "i.ndjson")
LISTS: Final = frozenset(
    {"config", "metastore_summary", "me", "list_catalogs", "list_schemas", "list_tables"}
    | {"table_summaries"}
)


def _estate() -> HandmadeEstate:
    """Six tables: the last three need describing, and `read` is the smallest of them."""
    estate = HandmadeEstate()
    sales = estate.catalog("main").schema("sales")
    sales.table("clustered", bytes=5 * GIB, clustering=[["id"]])
    sales.table("small", bytes=MIB, metric_bytes=MIB)
    sales.table("large", bytes=9 * GIB, metric_bytes=8 * GIB)
    sales.table("close", bytes=GIB + 1, metric_bytes=GIB, tags={"tier": "gold"})
    sales.table("external", bytes=900 * MIB, table_type="EXTERNAL")
    sales.table("read", bytes=3 * MIB, reads=["ann@example.com"] * 3)
    return estate


def _described(workspace: Workspace) -> list[str]:
    return sorted(text.split("`")[-2] for text in workspace.log.described())


def test_evidence_none_sends_no_statement_and_decides_what_the_listing_decides(
    tmp_path: Path,
) -> None:
    with Workspace(_estate()) as w:
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
    with Workspace(_estate()) as w:
        ended = run(w, "collect", "--evidence", "all", "-o", "i.ndjson", cwd=tmp_path)
        assert len(_described(w)) == 6
    assert ended.returncode == 0, ended.stderr
    assert "Starting the policy engine" not in ended.stderr, "nobody is asked what is needed"
    inventory = Inventory(tmp_path / "i.ndjson")
    assert all(each["size"]["exact"] for each in inventory.documents)
    assert inventory.document("read")["access"]["reads"] == 3
    assert inventory.document("close")["tags"] == {"tier": "gold"}
    assert inventory.document("small")["tags"] == {}
    assert "access" in inventory.document("small")["evidence"], "no recorded read is no zero"


def test_reads_and_tags_are_fetched_when_settings_make_policies_need_them(tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "clustering_config.yaml").write_text(
        "require_liquid_for_frequent_reads: true\nfrequent_reads: 3\nfrequent_min_bytes: 1\n"
    )
    with Workspace(_estate()) as w:
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
    with Workspace(_estate()) as w:
        ended = run(w, "evaluate", "--max-statements", "4", "--report", "json=r.json", cwd=tmp_path)
        assert len(w.log.statements) == 4
        # The history takes two, the reads that order the rest one; so one table is described.
        assert _described(w) == ["read"]
    assert ended.returncode == 1, ended.stderr
    (missing,) = decision(read(tmp_path / "r.json"), "external")["missing"]
    assert missing["reason"].startswith("the budget of 4 statements (--max-statements)")


def test_sizes_are_reused_where_they_are_fresh_and_far_from_a_threshold(tmp_path: Path) -> None:
    with Workspace(_estate()) as w:
        first = run(w, "evaluate", "--save-inventory", "first.ndjson", cwd=tmp_path)
        assert first.returncode == 1, first.stderr
        sent = len(w.log.statements)
        w.log.statements.clear()
        second = run(
            w,
            "evaluate",
            *("--reuse", "first.ndjson", "--save-inventory", "second.ndjson"),
            cwd=tmp_path,
        )
        assert second.returncode == 1, second.stderr
        assert _described(w) == ["close"], "it may have shrunk below the threshold since"
        assert len(w.log.statements) < sent
        w.log.statements.clear()
        aged = run(
            w,
            "collect",
            *("--reuse", "first.ndjson", "--max-age", "0m", "-o", "aged.ndjson"),
            cwd=tmp_path,
        )
        assert aged.returncode == 0, aged.stderr
        assert _described(w) == ["close", "external", "read"]
    old, new = Inventory(tmp_path / "first.ndjson"), Inventory(tmp_path / "second.ndjson")
    assert new.document("external")["size"] == old.document("external")["size"]


@pytest.mark.parametrize("more", [(), ("--max-statements", "3")])
def test_a_plan_sends_nothing_and_the_run_keeps_to_it(
    tmp_path: Path, more: tuple[str, ...]
) -> None:
    """Who agrees to a plan agrees to its upper end."""
    with Workspace(_estate()) as w:
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


def _hiding() -> Guarded:
    """Return the estate with one table that is not listed, and that the metrics history knows."""
    estate = _estate()
    estate.catalog("main").schema("sales").table("hidden", metric_bytes=MIB)
    guarded = Guarded(estate)
    guarded.hide("main", "sales", "hidden")
    return guarded


@pytest.mark.parametrize(
    ("share", "code", "words"),
    [
        ("0.8", 0, "Gate: passed (exit 0)"),
        ("90%", 3, "1 table could not be read or decided; 90.0% were demanded, 85.7% reached"),
    ],
)
def test_enough_coverage_is_enough_and_less_is_said(
    tmp_path: Path, share: str, code: int, words: str
) -> None:
    with Workspace(_hiding()) as w:
        ended = run(w, "evaluate", "--min-coverage", share, "--allow", "fail", cwd=tmp_path)
    assert ended.returncode == code, ended.stdout + ended.stderr
    assert words in ended.stdout
    assert "INCOMPLETE: 6 of 7 tables evaluated, 1 could not be read" in ended.stdout
    assert "main.sales.hidden: known to the metrics history and not listed" in ended.stdout


def test_coverage_that_nobody_can_measure_is_not_met(tmp_path: Path) -> None:
    """Of the dark schema nobody knows how many tables it has: they may be the greater part."""
    estate = HandmadeEstate()
    estate.catalog("main").schema("sales").table("clustered", clustering=[["id"]])
    estate.catalog("main").schema("dark").table("unseen")
    guarded = Guarded(estate)
    guarded.revoke_schema("main", "dark")
    with Workspace(guarded) as w:
        ended = run(w, "evaluate", "--min-coverage", "1%", cwd=tmp_path)
    assert ended.returncode == 3
    assert "1.0% were demanded, but nobody knows of how many" in ended.stdout
    with Workspace(guarded) as w:
        without = run(
            w, "evaluate", "--min-coverage", "100%", "--exclude", "main.dark.*", cwd=tmp_path
        )
    assert without.returncode == 0, without.stdout


def test_only_what_is_included_and_not_excluded_is_listed(tmp_path: Path) -> None:
    estate = _estate()
    for schema in ("tmp", "hr"):
        estate.catalog("main").schema(schema).table("t", clustering=[["id"]])
    estate.catalog("dev").schema("sales").table("t")
    with Workspace(estate) as w:
        ended = run(
            w,
            "evaluate",
            *("--include", "main.*", "--exclude", "*.tmp.*", "--exclude", "main.sales.[s-z]*"),
            *("--report", "json=r.json"),
            cwd=tmp_path,
        )
        listed = [call.query["schema_name"] for call in w.log.calls if call.kind == "list_tables"]
        assert sorted(listed) == ["hr", "sales"]
    assert ended.returncode == 1, ended.stderr
    report = read(tmp_path / "r.json")
    names = {each["full_name"].removeprefix("main.") for each in report["tables"]}
    assert names == {
        "hr.t",
        *(f"sales.{n}" for n in ("clustered", "large", "close", "external", "read")),
    }
    left_out = {each["what"]: each.get("tables") for each in report["completeness"]["left_out"]}
    assert {"catalog dev", "schema main.tmp"} < left_out.keys()
    assert left_out["tables of schema main.sales"] == 1
    assert report["run"]["scope"].startswith("Databricks, main.*, without *.tmp.*")


@pytest.mark.parametrize(
    ("arguments", "option"),
    [
        (("--max-age", "1 day"), "--max-age"),
        (("--max-age", ""), "--max-age"),
        (("--max-statements", "-1"), "--max-statements"),
        (("--max-statements", "many"), "--max-statements"),
        (("--evidence", "some"), "--evidence"),
        (("--min-coverage", "101%"), "--min-coverage"),
        (("--min-coverage", "nan"), "--min-coverage"),
        (("--resume",), "--resume"),
        (("--reuse", "absent.ndjson"), "absent.ndjson"),
        (("--save-inventory", "absent/i.ndjson"), "absent/i.ndjson"),
        (("--report", "json=absent/r.json"), "absent/r.json"),
    ],
)
def test_2_for_a_value_that_makes_no_sense_before_anything_is_asked(
    tmp_path: Path, arguments: tuple[str, ...], option: str
) -> None:
    with Workspace(HandmadeEstate()) as w:
        ended = run(w, "evaluate", *arguments, cwd=tmp_path)
        assert w.log.requests == {}
    assert ended.returncode == 2, ended.stdout + ended.stderr
    assert option in ended.stderr
    assert "remedy:" in ended.stderr or "Usage:" in ended.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "option",
    [
        ("--profile", "prod"),
        ("--warehouse-id", "1"),
        ("--include", "a.*"),
        ("--exclude", "a.*"),
        ("--evidence", "all"),
        ("--max-statements", "0"),
        ("--reuse", "x"),
        ("--max-age", "1h"),
        ("--resume",),
        ("--plan",),
    ],
)
def test_2_for_an_option_of_a_workspace_with_another_source(
    tmp_path: Path, option: tuple[str, ...]
) -> None:
    """Else somebody believes that --exclude has kept tables out of the report."""
    ended = lakewarden("collect", "--source", "delta:lake", *option, cwd=tmp_path)
    assert ended.returncode == 2, ended.stderr
    assert option[0] in ended.stderr
    assert "remedy: It belongs to --source databricks." in ended.stderr


def test_2_for_a_disk_that_is_full_before_anything_is_asked(tmp_path: Path) -> None:
    with Workspace(_estate()) as w:
        ended = subprocess.run(
            ["sh", "-c", 'ulimit -f 0; exec "$@"', "sh", *COMMAND, *COLLECT],
            cwd=tmp_path,
            env=environment(tmp_path, **variables(w)),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert w.log.requests == {}
    assert ended.returncode == 2, ended.stderr
    assert "i.ndjson.partial: cannot be written" in ended.stderr
    assert "remedy: Make room" in ended.stderr
    assert list(tmp_path.iterdir()) == []


def test_an_inventory_can_go_to_a_pipe(tmp_path: Path) -> None:
    """Standard output and devices have no place for a journal beside them."""
    with Workspace(_estate()) as w:
        to_output = run(w, "collect", "--evidence", "none", cwd=tmp_path)
        to_device = run(w, "collect", "--evidence", "none", "-o", "/dev/null", cwd=tmp_path)
    assert to_output.returncode == to_device.returncode == 0, to_device.stderr
    assert len(to_output.stdout.splitlines()) == 6 + 2
    assert not list(Path("/dev").glob("null.*"))
