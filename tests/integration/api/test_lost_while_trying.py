"""What is lost while other settings are tried costs nothing that was decided before."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import lakewarden
from lakewarden import run
from lakewarden.engines.embedded import EmbeddedEngine
from lakewarden.model.errors import EngineError
from lakewarden.progress import Advance, Silent
from lakewarden.resources import shipped_policies
from tests.support.commandline import CLUSTERED, NOW, document, write_lines

_POLICIES = 2


class _Lost(EmbeddedEngine):
    """Decides until it is asked for one policy alone."""

    def decide(self, request: bytes) -> bytes:
        if len(json.loads(request)["policies"]) < _POLICIES:
            raise EngineError("the engine has gone", remedy="Start it again.")
        return super().decide(request)


class _Interrupting(Silent):
    """A user who presses Ctrl-C while other settings are tried."""

    @contextmanager
    def stage(self, text: str, total: int | None = None) -> Iterator[Advance]:  # noqa: ARG002 -- the protocol's
        def interrupt(_number: int) -> None:
            raise KeyboardInterrupt

        yield interrupt if text == "Trying other settings" else lambda _: None


def _evaluate(
    folder: Path,
    *,
    progress: Silent | None = None,
    report: str = "report.json",
    no_what_if: bool = False,
) -> tuple[int, dict[str, Any]]:
    documents = document("orders"), document("returns", **CLUSTERED)
    inventory = write_lines(folder / "lake.ndjson", *documents)
    target = folder / report
    gate = lakewarden.evaluate(
        lakewarden.Options(
            tables=lakewarden.TableOptions(inventory=os.fspath(inventory)),
            engine=lakewarden.EngineOptions(engine_kind=lakewarden.EngineKind.EMBEDDED),
            reports=lakewarden.ReportOptions(
                reports=(lakewarden.ReportTarget(format=lakewarden.Format.JSON, path=target),),
                no_what_if=no_what_if,
            ),
            policies=lakewarden.PolicyOptions(policies=("clustering.s*",)),
            clock=lakewarden.ClockOptions(now=NOW),
        ),
        progress or lakewarden.Silent(),
    )
    return gate.exit_code, json.loads(target.read_text())


def test_the_decisions_stand_where_the_engine_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, whole = _evaluate(tmp_path)
    assert whole["insight"]["what_if"]
    monkeypatch.setattr(
        run, "start_engine", lambda *_: (_Lost([shipped_policies()]).__enter__(), [])
    )
    lost_code, report = _evaluate(tmp_path, report="lost.json")
    assert lost_code == code == 1
    assert report["insight"]["not_tried"] == "the engine has gone"
    assert report["insight"]["what_if"] == []
    assert report["run"]["notices"] == ["Other thresholds weren't evaluated: the engine has gone."]
    for part in ("tables", "completeness", "summary", "gate"):
        assert report[part] == whole[part]
    for part in ("governance", "exempted", "lacking"):
        assert report["insight"][part] == whole["insight"][part]


def test_what_nobody_wants_is_not_tried_and_the_report_says_so(tmp_path: Path) -> None:
    code, whole = _evaluate(tmp_path)
    progress = _Interrupting()  # which ends a run that tries
    left_out, report = _evaluate(tmp_path, progress=progress, report="less.json", no_what_if=True)
    insight = report["insight"]
    assert (code, insight.pop("what_if")) == (left_out, [])
    assert insight.pop("not_tried") == "--no-what-if leaves them out"
    assert whole["insight"].pop("what_if")
    assert not whole["insight"].pop("not_tried")
    assert report["run"]["notices"] == whole["run"]["notices"]
    for part in ("tables", "completeness", "summary", "gate", "insight"):
        assert report[part] == whole[part]


def test_an_interrupt_leaves_no_report(tmp_path: Path) -> None:
    """As at every other place: half a report is none."""
    with pytest.raises(KeyboardInterrupt):
        _evaluate(tmp_path, progress=_Interrupting())
    assert [path.name for path in tmp_path.iterdir()] == ["lake.ndjson"]


def test_a_run_that_was_not_finished_tries_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Dead(EmbeddedEngine):
        def decide(self, request: bytes) -> bytes:  # noqa: ARG002 -- whatever it is asked
            raise EngineError("the engine has gone")

    monkeypatch.setattr(
        run, "start_engine", lambda *_: (Dead([shipped_policies()]).__enter__(), [])
    )
    code, report = _evaluate(tmp_path)
    assert code == 4
    assert report["insight"]["not_tried"] == "the engine has gone"
    assert report["insight"]["governance"]["unread"] == 2
