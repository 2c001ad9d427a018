"""Any name that Unity Catalog allows goes through listing, describing and every report unharmed."""

from __future__ import annotations

import html
import re
from pathlib import Path
from subprocess import CompletedProcess
from typing import Final, NamedTuple

import pytest

from lakewarden_collector.names import join_name, split_name
from tests.integration.databricks.workspace_commands import Inventory, Json, read, run
from tests.support.commandline import lakewarden
from tests.workspace.handmade import GIB, HandmadeEstate
from tests.workspace.log import Log
from tests.workspace.server import Workspace

pytestmark = pytest.mark.opa

NAMES: Final = (
    "plain",
    "a`b",
    "a.b",
    "a b",
    "`",
    "``.``",
    "x'; drop table y; --",
    "/* c */ -- d",
    'q"uo"te',
    "back\\slash/and:colon%20?x=1&y#z",
    "${var} {braces} :marker ?",
    "<script>document.title='owned'</script>",
    "größe_名前_🦆",
    "\u202eelbat",
    "_",
    "select",
    "1a",
    "*",
    "[b]old[/b]",
    "w" * 255,
    "名" * 255,
)
SCHEMAS: Final = (("main", "sales"), ("ca.ta`log", "sch ema"), ("ユニ", "s" * 255))


class Ran(NamedTuple):
    """One run over an estate of strange names."""

    ended: CompletedProcess[str]
    home: Path
    log: Log
    estate: HandmadeEstate

    @property
    def report(self) -> Json:
        """Return the JSON report."""
        return read(self.home / "report.json")


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """Have every table fail, each with a size of its own that only describing it tells."""
    home = tmp_path_factory.mktemp("home")
    estate = HandmadeEstate()
    for number, (catalog, schema) in enumerate(SCHEMAS):
        for place, name in enumerate(NAMES):
            size = 2 * GIB + 1000 * number + place
            estate.catalog(catalog).schema(schema).table(name, bytes=size, table_type="EXTERNAL")
    with Workspace(estate) as w:
        ended = run(
            w,
            "evaluate",
            *("--save-inventory", "inventory.ndjson", "--policy", "clustering.strategy_required"),
            *("--report", "json=report.json", "--report", "html=report.html"),
            cwd=home,
        )
    assert ended.returncode == 1, ended.stderr
    return Ran(ended, home, w.log, estate)


def test_every_table_has_the_size_of_its_own_and_no_other(ran: Ran) -> None:
    """A name that is quoted wrongly describes another table, or none, or worse."""
    inventory = Inventory(ran.home / "inventory.ndjson")
    assert inventory.failures == []
    sizes = {
        (each["catalog_name"], each["schema_name"], each["name"]): each["size"].get("bytes")
        for each in inventory.documents
    }
    assert sizes == {table.parts: table.bytes for table in ran.estate.every_table()}
    assert {split_name(each["full_name"]) for each in inventory.documents} == sizes.keys()


def test_nothing_but_what_was_meant_was_sent(ran: Ran) -> None:
    """One statement a table, and none that came out of a name."""
    assert len(ran.log.described()) == len(set(ran.log.described())) == len(SCHEMAS) * len(NAMES)
    assert len(ran.log.statements) - len(ran.log.described()) <= 2
    assert set(ran.log.states()) == {"SUCCEEDED"}


def test_the_report_has_every_name_as_it_is(ran: Ran) -> None:
    names = {split_name(each["full_name"]): each for each in ran.report["tables"]}
    assert names.keys() == {table.parts for table in ran.estate.every_table()}
    for parts, table in names.items():
        assert (table["catalog_name"], table["schema_name"], table["name"]) == parts
        (violation,) = table["decisions"]["clustering.strategy_required"]["violations"]
        assert violation["message"].startswith(f"{table['full_name']} holds 2.0 GiB")


def test_the_page_shows_every_name_and_runs_none(ran: Ran) -> None:
    page = (ran.home / "report.html").read_text()
    shown = html.unescape(page)
    for parts in (table.parts for table in ran.estate.every_table()):
        if "\u202e" not in parts[2]:  # shown as what it is, so that it turns nothing round
            assert join_name(parts) in shown
    assert "\u202e" not in page
    assert "<script>document" not in page
    assert "\\u202eelbat" in shown


def test_the_console_shows_names_whole_on_their_lines(ran: Ran) -> None:
    """`[b]` isn't markup, and 255 characters are not wrapped where the output is piped."""
    ended = lakewarden("report", "report.json", "--format", "console", cwd=ran.home)
    assert ended.returncode == 0, ended.stderr
    worst = ended.stdout.partition("Do this first")[2].partition("Policies")[0]
    heads = [line.partition("  2.0 GiB, owner team")[0] for line in worst.splitlines()]
    reported = [re.sub(r"^  (\d\. )?", "", head) for head in heads]
    names = {join_name(table.parts) for table in ran.estate.every_table()}
    assert len(names & set(reported)) >= 5
    assert "Traceback" not in ran.ended.stderr


@pytest.mark.parametrize("parts", [(*SCHEMAS[1], "a.b"), (*SCHEMAS[0], "a`b")])
def test_one_table_is_chosen_by_its_name(parts: tuple[str, str, str], tmp_path: Path) -> None:
    """The name that a report shows is the name that --include takes."""
    estate = HandmadeEstate()
    for catalog, schema in SCHEMAS:
        for name in NAMES:
            estate.catalog(catalog).schema(schema).table(name, clustering=[["id"]])
    with Workspace(estate) as w:
        ended = run(
            w,
            "collect",
            *("--include", join_name(parts), "--evidence", "none", "-o", "i.ndjson"),
            cwd=tmp_path,
        )
        assert w.log.count("list_tables") == 1, "nothing else is listed"
    assert ended.returncode == 0, ended.stderr
    assert [each["full_name"] for each in Inventory(tmp_path / "i.ndjson").documents] == [
        join_name(parts)
    ]
