"""What `lakewarden diff` compares: JSON reports, evidence packs, and runs of a history."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from msgspec import structs

from lakewarden.commands.terminal import TerminalProgress
from lakewarden.model.decision import Outcome, PastFailure
from lakewarden.model.errors import ConfigurationError
from lakewarden.model.report import TableReport
from lakewarden.report.file import open_unchecked_report
from lakewarden.report.old_report import ComparedReport, OldReport
from lakewarden.report.recount import open_report, recounted
from lakewarden_collector.private_folder import PrivateFolder

if TYPE_CHECKING:
    from lakewarden.history.past_report import PastRuns
    from lakewarden.history.store import FoundRun
    from lakewarden.packs.packed_run import PackedRun

HISTORY: Final = "history:"
_ZIP: Final = b"PK"


@dataclass(frozen=True, kw_only=True)
class ComparedRun:
    """One side of a comparison."""

    report: ComparedReport
    tables: Callable[[], Iterator[TableReport]]
    """Gives its tables, as often as asked."""
    packed: PackedRun | None = None
    """What can be decided again, if anything can."""

    def as_old(self) -> OldReport:
        """Return it packed, for a diff to use up."""
        return OldReport(self.report, self.tables())


def open_runs(
    old: str, new: str, history: str | None, stack: ExitStack
) -> tuple[ComparedRun, ComparedRun]:
    """Open what two arguments name, until the stack is left.

    Raises `ConfigurationError` for what isn't there, isn't whole, or contradicts itself.
    """
    runs = _runs(history) if any(map(is_history, (old, new))) else None
    found = runs.find(new.removeprefix(HISTORY)) if runs and is_history(new) else None
    if runs and is_history(old):
        before = _opened(runs, runs.find(old.removeprefix(HISTORY), found), stack)
    else:
        before = _of_file(Path(old), stack, is_new=False)
    if runs and found:
        return before, _opened(runs, found, stack)
    return before, _of_file(Path(new), stack, is_new=True)


def is_history(text: str) -> bool:
    """Whether an argument names a run of the history."""
    return text.startswith(HISTORY)


def files_of(*texts: str) -> list[Path]:
    """Return the files among arguments."""
    return [Path(each) for each in texts if not is_history(each)]


def _runs(history: str | None) -> PastRuns:
    if history is None:
        raise ConfigurationError(
            "no history is named",
            where="--history",
            remedy="Name it with --history, or set history in lakewarden.toml.",
        )
    from lakewarden.history.past_report import PastRuns  # noqa: PLC0415 -- takes most of a second

    return PastRuns(history)


def _of_file(path: Path, stack: ExitStack, *, is_new: bool) -> ComparedRun:
    if _is_zip(path):
        return _of_pack(path, stack)
    if is_new:
        report = open_report(path)
        return ComparedRun(report=report, tables=report.tables)
    unchecked = open_unchecked_report(path)
    return ComparedRun(report=unchecked, tables=partial(recounted, path, unchecked))


def _of_pack(path: Path, stack: ExitStack) -> ComparedRun:
    from lakewarden.packs.packed_run import PackedRun  # noqa: PLC0415 -- few diffs need it

    packed = stack.enter_context(PackedRun(path, TerminalProgress()))
    return ComparedRun(report=packed, tables=packed.tables, packed=packed)


def _opened(runs: PastRuns, found: FoundRun, stack: ExitStack) -> ComparedRun:
    """Return a run of the history: its pack where one was kept, else what its rows say."""
    kept = stack.enter_context(PrivateFolder("history")) / "pack.zip"
    if not runs.unpack(found, kept):
        report = runs.report(found)
        return ComparedRun(report=report, tables=report.tables)
    packed = _of_pack(kept, stack)
    past = runs.past_failures(found)
    return ComparedRun(
        report=packed.report,
        tables=lambda: (_with_past(each, past) for each in packed.tables()),
        packed=packed.packed,
    )


def _with_past(
    table: TableReport, past: Mapping[tuple[str, str], tuple[PastFailure, ...]]
) -> TableReport:
    """Return a table with what the history knows: a pack has the decisions alone."""
    decisions = {
        policy_id: structs.replace(each, history=past.get((table.full_name, policy_id), ()))
        if each.outcome is Outcome.FAIL
        else each
        for policy_id, each in table.decisions.items()
    }
    return structs.replace(table, decisions=decisions)


def _is_zip(path: Path) -> bool:
    try:
        with path.open("rb") as stream:
            return stream.read(len(_ZIP)) == _ZIP
    except OSError:
        return path.suffix == ".zip"  # opening it says what is wrong
