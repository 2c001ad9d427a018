"""A collection that is resumed under other circumstances than it was begun."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.workspace.collecting import GIB, NOW, Heard, collect
from tests.workspace.grants import Guarded
from tests.workspace.handmade import HandmadeEstate
from tests.workspace.server import Workspace
from tests.workspace.timing import Timing

MANY = 40


def _estate() -> HandmadeEstate:
    estate = HandmadeEstate(now=NOW)
    main = estate.catalog("main")
    main.schema("dark").table("unseen", clustering=[["id"]])
    main.schema("sales").table("hidden", bytes=5 * GIB, metric_bytes=5 * GIB)
    for number in range(MANY):
        main.schema("sales").table(f"t{number}", bytes=5 * GIB)
    return estate


def _interrupt_describing(w: Workspace, journal: Path, reuse: Path | None = None) -> None:
    def stop(_: object) -> None:
        if w.log.described():
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        collect(w, journal=journal, watcher=Heard(on_show=stop), reuse=reuse)


def test_what_was_granted_meanwhile_is_collected_and_no_failure_any_more(tmp_path: Path) -> None:
    """A table that is collected and lost at once is counted twice, and the run never complete."""
    guarded = Guarded(_estate())
    guarded.revoke_schema("main", "dark")
    guarded.hide("main", "sales", "hidden")
    journal = tmp_path / "journal"
    previous = tmp_path / "earlier.ndjson"
    lines = [
        f'{{"full_name":"main.{s}.{n}","catalog_name":"main","schema_name":"{s}","name":"{n}"}}'
        for s, n in (("dark", "unseen"), ("sales", "hidden"))
    ]
    previous.write_text("\n".join(lines))
    with Workspace(guarded, timing=Timing(describe_seconds=0.05)) as w:
        _interrupt_describing(w, journal, previous)
    with Workspace(_estate()) as w:
        got = collect(w, journal=journal, resume=True, reuse=previous)
    assert {"main.dark.unseen", "main.sales.hidden"} < {d.full_name for d in got.documents}
    assert len(got.documents) == MANY + 2
    assert got.failures == ()
