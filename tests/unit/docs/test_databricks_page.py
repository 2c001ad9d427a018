"""The figures on docs/databricks.md are those of the code: nobody plans by old ones."""

from __future__ import annotations

import re
from typing import Final

import pytest

from lakewarden_collector.sources.databricks.client import interface
from lakewarden_collector.sources.databricks.collecting import reconcile
from lakewarden_collector.sources.databricks.concurrency import pace
from lakewarden_collector.sources.databricks.evidence import metrics_history, previous_sizes
from lakewarden_collector.sources.databricks.listing import paging
from lakewarden_collector.sources.databricks.options import MAX_AGE
from lakewarden_collector.sources.databricks.statements.grants import entering, reading
from lakewarden_collector.sources.databricks.statements.polling import Deadlines
from lakewarden_collector.sources.databricks.ways import STATEMENT_KINDS, WAYS
from lakewarden_collector.sources.interface import EvidenceWay
from tests.support import pages
from tests.support.commandline import REPOSITORY

GRANTS: Final = REPOSITORY / "docs" / "databricks-grants.md"
PAGE: Final = " ".join((REPOSITORY / "docs" / "databricks.md").read_text("utf-8").split())


def test_the_table_of_statements_has_every_kind() -> None:
    """Who grants rights by this table must see all that is sent."""
    section = PAGE.split("## What is sent")[1].split("## How a collection goes")[0]
    kinds = re.findall(r"\| `(\w+)` \|", section)
    assert sorted(kinds) == sorted([*STATEMENT_KINDS, "check"])


@pytest.mark.parametrize("way", [way for way in WAYS if way.grants], ids=lambda way: way.name)
def test_the_grants_of_each_way_are_on_the_page_about_grants(way: EvidenceWay) -> None:
    """They are copied from there; one that no statement needs would be given for nothing."""
    blocks = ["".join(block.text.split("\n")) for block in pages.blocks(GRANTS)]
    asked = "".join(way.grants).replace("<principal>", "2f1c7a3e-…")
    assert asked in blocks
    assert not way.enable or any(way.enable == block for block in blocks)


def test_the_page_about_grants_shows_no_other() -> None:
    granted = {sql for way in WAYS for sql in way.grants}
    granted |= {reading("main").sql(), reading("main", "sales").sql(), entering("main").sql()}
    shown = {
        line.replace("2f1c7a3e-…", "<principal>")
        for block in pages.blocks(GRANTS)
        for line in block.text.splitlines()
        if line.startswith("GRANT ") and "READ METADATA" not in line  # which the page says is open
    }
    assert shown == granted


@pytest.mark.parametrize(
    "sentence",
    [
        f"each start with {pace.START} at once",
        f"never exceeds {pace.LISTS} list calls and {pace.STATEMENTS} statements",
        f"an answer for each {metrics_history.MOST_ROWS:,} tables",
        f"At most {reconcile.MOST_LOOKUPS:,} tables are looked up",
        f"{paging.PAGE_SIZES[interface.SUMMARIES]:,} tables a call",
        f"{paging.PAGE_SIZES[interface.TABLES]} tables are asked for",
        f"({MAX_AGE.total_seconds() / 3600:.0f} hours unless you say otherwise)",
        f"may wait {Deadlines().pending / 60:.0f} minutes for the warehouse",
        f"to start, and run for {Deadlines().running / 60:.0f}",
    ],
)
def test_a_figure_is_that_of_the_code(sentence: str) -> None:
    assert sentence in PAGE


def test_what_is_said_in_words_is_that_of_the_code() -> None:
    """A twentieth, and a quarter of a minute."""
    assert previous_sizes.MARGIN == 1 / 20
    assert Deadlines().cancelling == 15
