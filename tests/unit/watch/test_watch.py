"""A watch renews what an edit touches, alone, and what stood before outlives a mistake."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import pytest

from lakewarden.commands.watch import Screen
from lakewarden.dependents import Basis
from lakewarden.engines.choice import EngineKind, EngineKindOptions
from lakewarden.model.decision import Outcome
from lakewarden.model.errors import ConfigurationError, EngineError
from lakewarden.options.policies import PolicyOptions
from lakewarden.options.tables import TableOptions
from lakewarden.progress import Progress, Silent
from lakewarden.watch.flips import DecisionTable
from lakewarden.watch.job import Job, WatchOptions
from lakewarden.watch.watch import Round, Watch
from lakewarden_collector.errors import Problem
from tests.support import scratch_policies
from tests.support.commandline import document, write_lines

_POLICY: Final = "naming.short_columns"


class _CountingJob(Job):
    """Counts what is renewed."""

    def __init__(self, options: WatchOptions) -> None:
        super().__init__(options)
        self.read = self.started = 0
        self.dies = False
        self.vanished: list[OSError] = []

    def load_rules(self) -> Basis:
        if self.vanished:
            raise self.vanished.pop()
        return super().load_rules()

    def read_tables(self, progress: Progress) -> None:
        super().read_tables(progress)
        self.read += 1

    def start_engine(self, progress: Progress) -> None:
        super().start_engine(progress)
        self.started += 1

    def decide(self, *arguments: object) -> Iterator[object]:  # type: ignore[override]  # passes all on
        if self.dies:
            self.dies = False
            raise EngineError("it died")
        return super().decide(*arguments)  # type: ignore[arg-type]  # passes all on


class _Notes:
    """Keeps what it hears."""

    def __init__(self) -> None:
        self.begun_with: list[DecisionTable] = []
        self.rounds: list[Round] = []
        self.problems: list[Problem] = []

    def begun(self, _job: Job, decisions: DecisionTable) -> None:
        self.begun_with.append(decisions)

    def decided(self, _job: Job, done: Round) -> None:
        self.rounds.append(done)

    def refused(self, _changed: Sequence[Path], problem: Problem) -> None:
        self.problems.append(problem)


class _Scene:
    """A watch of one policy over two tables, driven by hand."""

    def __init__(self, folder: Path, job: _CountingJob) -> None:
        self.folder = folder
        self.job = job
        self.notes = _Notes()
        self.watch = Watch(job, self.notes, Silent())
        self.decisions = self.watch.begin()
        self.policy = folder / "own" / scratch_policies.POLICY
        self.settings = folder / "config" / "naming_config.yaml"
        self.inventory = folder / "inventory.ndjson"

    def turn(self, *, woken: bool = True) -> None:
        self.decisions = self.watch.turn(self.decisions, woken=woken)

    @property
    def outcomes(self) -> dict[str, str]:
        found = self.decisions.outcomes(_POLICY)
        return {table.rpartition(".")[2]: str(outcome) for table, outcome in found.items()}

    @property
    def flips(self) -> list[tuple[str, str]]:
        last = self.notes.rounds[-1].flips
        return [(flip.table.rpartition(".")[2], str(flip.new)) for flip in last]


def _tables(folder: Path, **names: str) -> None:
    documents = [document(table, columns=[{"name": name}]) for table, name in names.items()]
    write_lines(folder / "inventory.ndjson", *documents)


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[_Scene]:
    scratch_policies.write(tmp_path)
    (tmp_path / "config").mkdir()
    _tables(tmp_path, one="abc", two="abcdefghijkl")
    options = WatchOptions(
        tables=TableOptions(inventory=str(tmp_path / "inventory.ndjson")),
        policies=PolicyOptions(shipped=tmp_path / "own", config=tmp_path / "config"),
        engine=EngineKindOptions(engine_kind=EngineKind.EMBEDDED),
    )
    with _CountingJob(options) as job:
        scene = _Scene(tmp_path, job)
        yield scene


def test_nothing_changed_nothing_happens(scene: _Scene) -> None:
    scene.turn()
    assert (scene.job.read, scene.job.started) == (1, 1)
    assert (scene.notes.rounds, scene.notes.problems) == ([], [])
    assert len(scene.notes.begun_with) == 1


def test_a_setting_flips_without_a_new_engine(scene: _Scene) -> None:
    """To start one takes longer than to decide."""
    scene.settings.write_text("max_length: 1\n", "utf-8")
    scene.turn()
    assert ("one", "fail") in scene.flips
    scene.settings.write_text("max_length: 100\n", "utf-8")
    scene.turn()
    assert sorted(scene.flips) == [("one", "pass"), ("two", "pass")]
    assert (scene.job.read, scene.job.started) == (1, 1)


def test_a_waiver_flips_without_a_new_engine(scene: _Scene) -> None:
    scene.settings.write_text("max_length: 1\n", "utf-8")
    scene.turn()
    waiver = f"{{policy: {_POLICY}, table: main.sales.one, reason: r, owner: o, approved_by: b"
    waivers = scene.folder / "config" / "waivers.yaml"
    waivers.write_text(f"waivers: [{waiver}, expires: 2099-01-01}}]\n", "utf-8")
    scene.turn()
    assert scene.flips == [("one", "exempt")]
    waivers.unlink()
    scene.turn()
    assert scene.flips == [("one", "fail")]
    assert scene.job.started == 1


def test_a_policy_gets_a_new_engine_and_the_tables_are_kept(scene: _Scene) -> None:
    before = scene.outcomes
    text = scene.policy.read_text("utf-8")
    scene.policy.write_text(text.replace("count(name) > limit", "count(name) < limit"), "utf-8")
    scene.turn()
    assert scene.outcomes != before
    assert (scene.job.read, scene.job.started) == (1, 2)


def test_an_inventory_is_read_again_and_compared(scene: _Scene) -> None:
    _tables(scene.folder, two="abc", three="abc")
    scene.turn()
    assert (scene.job.read, scene.job.started) == (2, 1)
    assert set(scene.outcomes) == {"two", "three"}
    assert ("one", "None") in scene.flips


def test_a_syntax_error_is_told_by_line_and_what_stood_stands(scene: _Scene) -> None:
    scene.settings.write_text("max_length: 1\n", "utf-8")
    scene.turn()
    old = scene.decisions
    text = scene.policy.read_text("utf-8")
    scene.policy.write_text(f"{text}\nbroken {{{{\n", "utf-8")
    scene.turn()
    (problem,) = scene.notes.problems
    assert isinstance(problem, ConfigurationError)
    assert problem.where.startswith(f"{scene.policy}:")
    assert scene.decisions is old
    scene.turn()  # nothing has changed since: it is not told again
    assert len(scene.notes.problems) == 1
    scene.policy.write_text(text, "utf-8")
    scene.turn()
    assert scene.flips == []
    assert scene.job.started == 1  # the engine of before has these very policies


def test_what_is_edited_while_something_is_broken_counts_later(scene: _Scene) -> None:
    scene.settings.write_text("max_length: [\n", "utf-8")
    scene.turn()
    text = scene.policy.read_text("utf-8")
    scene.policy.write_text(text.replace("count(name) > limit", "count(name) < limit"), "utf-8")
    scene.turn()
    assert len(scene.notes.problems) == 2
    assert scene.notes.rounds == []
    scene.settings.write_text("max_length: 4\n", "utf-8")
    scene.turn()
    assert scene.outcomes == {"one": "fail", "two": "pass"}


def test_a_policy_taken_back_while_a_setting_was_broken_is_back(scene: _Scene) -> None:
    """The engine had been started with the edit by then, and must not decide by it."""
    before = scene.outcomes
    text = scene.policy.read_text("utf-8")
    scene.settings.write_text("no_such_setting: 1\n", "utf-8")
    scene.policy.write_text(text.replace("count(name) > limit", "count(name) < limit"), "utf-8")
    scene.turn()
    assert scene.job.started == 2
    scene.settings.unlink()
    scene.policy.write_text(text, "utf-8")
    scene.turn()
    assert scene.flips == []
    assert scene.outcomes == before
    scene.settings.write_text("max_length: 1\n", "utf-8")
    scene.turn()
    assert scene.outcomes == {"one": "fail", "two": "fail"}


def test_an_unreadable_inventory_is_told_and_the_old_one_kept(scene: _Scene) -> None:
    old = scene.decisions
    scene.inventory.unlink()
    scene.turn()
    assert "inventory.ndjson" in scene.notes.problems[0].where
    assert scene.decisions is old
    _tables(scene.folder, one="abc", two="abcdefghijkl")
    scene.turn()
    assert scene.flips == []


def test_an_engine_that_died_is_started_again_at_the_next_change(scene: _Scene) -> None:
    scene.job.dies = True
    scene.settings.write_text("max_length: 1\n", "utf-8")
    scene.turn()
    assert isinstance(scene.notes.problems[0], EngineError)
    scene.settings.write_text("max_length: 2\n", "utf-8")
    scene.turn()
    assert scene.job.started == 2
    assert scene.outcomes == {"one": "fail", "two": "fail"}


def test_the_clock_stands_still(scene: _Scene) -> None:
    """An edit flips decisions; the minutes between two edits do not."""
    assert scene.decisions.counts[Outcome.ERROR] == 0
    question = scene.job.load_rules().rules.question(scene.job.clock)
    assert question.now == scene.job.clock


def test_what_could_not_be_read_is_known_where_no_table_is_left(scene: _Scene) -> None:
    """Nothing fails then, and yet nothing is fine."""
    twice = document("one", columns=[{"name": "abc"}])
    write_lines(scene.inventory, twice, twice)
    scene.turn()
    assert (scene.job.tables, scene.decisions.tables) == (0, ())
    (failure,) = scene.job.failures
    assert failure.what == "main.sales.one"
    scene.inventory.write_text('{"full_name": "main.sales.one", "colu', "utf-8")
    scene.turn()
    assert len(scene.job.failures) == 1


def test_what_was_away_for_a_moment_is_read_once_it_is_quiet(scene: _Scene) -> None:
    """Nothing has changed since the look, so no change would ever bring it up again."""
    scene.settings.write_text("max_length: 1\n", "utf-8")
    scene.job.vanished = [FileNotFoundError(2, "No such file or directory", "own/lakewarden")]
    scene.turn()
    (problem,) = scene.notes.problems
    assert (problem.where, scene.notes.rounds) == ("own/lakewarden", [])
    scene.turn()
    assert scene.notes.rounds == []
    scene.turn(woken=False)
    assert ("one", "fail") in scene.flips
    assert scene.notes.rounds[-1].changed == (scene.settings,)
    scene.turn(woken=False)
    assert len(scene.notes.rounds) == 1


def test_what_stays_wrong_is_told_once(scene: _Scene) -> None:
    scene.settings.write_text("max_length: [\n", "utf-8")
    scene.turn()
    for _ in range(3):
        scene.turn(woken=False)
    assert len(scene.notes.problems) == 1


@pytest.mark.parametrize("text", ["max_length: 1\n", ""])
def test_without_the_folder_that_was_named_nothing_is_decided(scene: _Scene, text: str) -> None:
    """The defaults would decide by rules that nobody chose; a start refuses as well."""
    if text:
        scene.settings.write_text(text, "utf-8")
        scene.turn()
    old = scene.decisions
    shutil.rmtree(scene.settings.parent)
    scene.turn()
    (problem,) = scene.notes.problems
    assert problem.where == "--config"
    assert scene.decisions is old
    scene.settings.parent.mkdir()
    scene.settings.write_text("max_length: 1\n", "utf-8")
    scene.turn()
    assert scene.outcomes == {"one": "fail", "two": "fail"}


_REST: Final = "reason: r, owner: o, approved_by: b"


def _waive(scene: _Scene, *waivers: str) -> None:
    text = "".join(f"- {{policy: {_POLICY}, {_REST}, {waiver}}}\n" for waiver in waivers)
    (scene.folder / "config" / "waivers.yaml").write_text(f"waivers:\n{text}", "utf-8")
    scene.turn()


def test_a_waiver_that_does_nothing_is_known(scene: _Scene) -> None:
    """Anyone who misspells a name, or a year, would wait for a flip that never comes."""
    _waive(
        scene,
        "table: main.sales.one, expires: 2020-01-31",
        "pattern: '*.orders', expires: 2099-01-31",
        "table: main.sales.two, expires: 2099-01-31",
    )
    assert sorted(scene.decisions.idle.values()) == [
        f"The waiver of {_POLICY} for *.orders matches no table.",
        f"The waiver of {_POLICY} for main.sales.one expired on 2020-01-31.",
    ]
    before = scene.decisions.idle
    _tables(scene.folder, one="abc", orders="abc")
    scene.turn()
    assert sorted(scene.decisions.idle.values()) == [
        f"The waiver of {_POLICY} for main.sales.one expired on 2020-01-31.",
        f"The waiver of {_POLICY} for main.sales.two matches no table.",
    ]
    assert len(scene.decisions.idle.keys() - before.keys()) == 1


def test_an_override_that_matches_nothing_is_known_and_stays_itself(scene: _Scene) -> None:
    """A line more above it makes no other override of it, which would be told again."""
    scene.settings.write_text("overrides: [{tables: a.*, max_length: 1}]\n", "utf-8")
    scene.turn()
    (text,) = scene.decisions.idle.values()
    assert text == f"The override for a.* ({scene.settings}:1) matches no table."
    before = scene.decisions.idle
    scene.settings.write_text(
        "\noverrides: [{tables: a.*, max_length: 1}, {tables: '*.one', max_length: 1}]\n", "utf-8"
    )
    scene.turn()
    assert scene.decisions.idle.keys() == before.keys()
    assert ("one", "fail") in scene.flips


def test_where_tables_are_lost_nobody_says_that_one_is_not_there(scene: _Scene) -> None:
    _waive(scene, "table: main.sales.three, expires: 2099-01-31")
    assert len(scene.decisions.idle) == 1
    with scene.inventory.open("a", encoding="utf-8") as file:
        file.write("broken\n")
    scene.turn()
    assert scene.decisions.idle == {}


def test_what_does_nothing_is_told_once(scene: _Scene, capsys: pytest.CaptureFixture[str]) -> None:
    screen = Screen(10)
    screen.begun(scene.job, scene.decisions)
    _waive(scene, "table: a.b.c, expires: 2099-01-31")
    screen.decided(scene.job, scene.notes.rounds[-1])
    assert "for a.b.c matches no table." in capsys.readouterr().err
    _waive(scene, "table: a.b.c, expires: 2099-01-31", "table: a.b.d, expires: 2099-01-31")
    screen.decided(scene.job, scene.notes.rounds[-1])
    assert capsys.readouterr().err.count("matches no table") == 1
    screen.begun(scene.job, scene.decisions)
    assert capsys.readouterr().err.count("matches no table") == 2
