"""A run is of the policies that its report names."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from lakewarden import run
from lakewarden.engines.choice import EngineKind, EngineOptions
from lakewarden.engines.embedded import EmbeddedEngine
from lakewarden.model.errors import (
    EXIT_INCOMPLETE,
    ConfigurationError,
    EngineError,
    HistoryError,
)
from lakewarden.options import ClockOptions, Options
from lakewarden.options.policies import PolicyOptions
from lakewarden.options.reports import ReportOptions, ReportTarget
from lakewarden.options.tables import TableOptions
from lakewarden.progress import Silent
from lakewarden.renderers import Format
from lakewarden.report.file import open_unchecked_report
from lakewarden_collector.errors import Problem

_TABLE = (
    '{"full_name":"a.b.c","catalog_name":"a","schema_name":"b","name":"c","table_type":"VIEW",'
    '"properties":{}}\n'
)


class _Changed(EmbeddedEngine):
    """An engine of which the check at the end finds fault."""

    problem: Problem

    def check_modules(self) -> None:
        raise self.problem


@pytest.fixture
def options(tmp_path: Path) -> Options:
    (tmp_path / "tables.ndjson").write_text(_TABLE)
    target = ReportTarget(format=Format.JSON, path=tmp_path / "report.json")
    return Options(
        tables=TableOptions(inventory=str(tmp_path / "tables.ndjson")),
        policies=PolicyOptions(policies=("clustering.key_limit",)),
        reports=ReportOptions(reports=(target,)),
    )


def _started(monkeypatch: pytest.MonkeyPatch, options: Options, problem: Problem) -> None:
    engine = _Changed(options.policies.roots)
    engine.problem = problem
    monkeypatch.setattr(run, "start_engine", lambda *_: (engine.__enter__(), ()))


def test_what_other_policies_may_have_decided_is_no_report(
    options: Options, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """It would name the policies of the beginning for decisions that others made."""
    _started(monkeypatch, options, ConfigurationError("changed during the run"))
    with pytest.raises(ConfigurationError, match="changed"):
        run.evaluate(options, Silent())
    assert not (tmp_path / "report.json").exists()


def test_a_history_that_cannot_be_read_by_now_costs_no_report(
    options: Options, tmp_path: Path
) -> None:
    """It was fine before the tables were collected, which may have taken hours."""
    kept = replace(options.reports, history=str(tmp_path / "history"))
    embedded = EngineOptions(engine_kind=EngineKind.EMBEDDED)
    options = replace(options, reports=kept, engine=embedded)
    run.evaluate(replace(options, clock=ClockOptions(now="2026-11-22T05:10:00Z")), Silent())
    shutil.rmtree(tmp_path / "history" / "kind=decision")
    with pytest.raises(HistoryError, match="couldn't be added to the history: can't be read"):
        run.evaluate(options, Silent())
    written = open_unchecked_report(tmp_path / "report.json")
    assert written.run.notices[0].startswith("The run goes without its history: ")
    assert written.history is None


def test_a_run_whose_policies_cannot_be_compared_at_its_end_is_incomplete(
    options: Options, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    _started(monkeypatch, options, EngineError("the OPA server can't be reached"))
    gate = run.evaluate(options, Silent())
    assert gate.exit_code == EXIT_INCOMPLETE
    [reason] = open_unchecked_report(tmp_path / "report.json").completeness.reasons
    assert "could not be checked: the OPA server can't be reached" in reason
