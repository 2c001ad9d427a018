"""The source `databricks`: lists whole metastores and fetches the evidence that decisions lack."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from lakewarden_collector.document import EncodedDocument
from lakewarden_collector.inventory import Failure, LeftOut
from lakewarden_collector.private_folder import PrivateFolder
from lakewarden_collector.sources.databricks.checks import check
from lakewarden_collector.sources.databricks.client.workspace import Workspace, connect
from lakewarden_collector.sources.databricks.collecting.collection import Collection
from lakewarden_collector.sources.databricks.collecting.plan import plan_lines
from lakewarden_collector.sources.databricks.concurrency.budget import Budget
from lakewarden_collector.sources.databricks.concurrency.pace import Pace, RequestCounts
from lakewarden_collector.sources.databricks.evidence.previous_sizes import (
    NOTHING,
    PreviousInventory,
    read_previous,
)
from lakewarden_collector.sources.databricks.journal.journal import Journal, Ledger
from lakewarden_collector.sources.databricks.listing.scope import Scope
from lakewarden_collector.sources.databricks.options import DatabricksOptions
from lakewarden_collector.sources.databricks.statements.runner import StatementRunner
from lakewarden_collector.sources.databricks.ways import STATEMENT_KINDS
from lakewarden_collector.sources.interface import Adviser, Check, Listed, Watcher
from lakewarden_collector.times import utc_now


class DatabricksSource:
    """The tables of one or more workspaces, sorted by full name.

    Everything is collected before the first table is given, into a journal: a name that comes
    twice can stand anywhere, and evidence is fetched in the order of need, not of names.
    """

    source_kind = "databricks"

    def __init__(
        self,
        options: DatabricksOptions,
        watcher: Watcher,
        *,
        pace: Callable[[], Pace] = Pace.default,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self.adviser: Adviser | None = None
        self.on_listed: Listed | None = None
        self.scope = _scope(options)
        self.started_at = _rfc3339(now())
        self._options = options
        self._watcher = watcher
        self._pace = pace
        self._now = now
        self._opened = ExitStack()
        self._journal: Journal | None = None
        self._spent: dict[str, int] = {}
        self._hosts: frozenset[str] = frozenset()
        self._left_out: tuple[LeftOut, ...] = ()

    @property
    def left_out(self) -> Sequence[LeftOut]:
        """What was not asked for; known after the iteration."""
        return self._left_out

    @property
    def spent(self) -> dict[str, int]:
        """The requests made, by kind, earlier attempts included; known after the iteration."""
        return self._spent

    @property
    def workspace(self) -> str:
        """The one workspace that was read; known after the iteration."""
        return next(iter(self._hosts)) if len(self._hosts) == 1 else ""

    def documents(self) -> Generator[EncodedDocument | Failure, None, None]:
        """Collect, then yield every table and failure; see `EvidenceSource`.

        The journal goes from its folder with the last item. It stays open to be read.
        """
        with ExitStack() as stack:
            journal, ledger, collection = self._begin(stack)
            try:
                try:
                    with _stopped(collection):
                        collection.run(self.on_listed)
                finally:
                    ledger.save(now=True)
                self._spent = ledger.total()
                self._left_out = tuple(sorted(journal.left_out.values(), key=_what))
                yield from collection.items()
            except BaseException:  # what takes the items may fail, too
                self._say_how_to_go_on(journal)
                raise
            journal.unlink()
            self._journal, self._opened = journal, stack.pop_all()

    def read(self, full_name: str) -> EncodedDocument:
        """Return a table that `documents` has given, once it has given all of them."""
        if self._journal is None:
            raise ValueError("nothing has been collected yet, or the source is closed")
        return self._journal.document(full_name)

    def close(self) -> None:
        """Forget what was collected."""
        self._journal = None
        self._opened.close()

    def plan(self) -> Sequence[str]:
        """List, but send no statement: say what `documents` would ask for, a line each."""
        with ExitStack() as stack:
            _, ledger, collection = self._begin(stack)
            with _stopped(collection):
                return plan_lines(collection.plan(ledger.total))

    def check(self) -> Iterator[Check]:
        """Look at what a collection needs of each workspace; see `checks`."""
        pace, spent = self._pace(), RequestCounts()
        scope = Scope(self._options.include, self._options.exclude, required=self._options.required)
        for profile in self._options.profiles or (None,):
            workspace = self._connect_one(profile, pace, spent)
            run = None
            if workspace.warehouse_id:
                run = StatementRunner(
                    workspace.client, workspace.warehouse_id, pace=pace, spent=spent
                )
            try:
                yield from check(workspace, run, scope)
            finally:
                if run is not None:
                    run.cancel_all()

    def _begin(self, stack: ExitStack) -> tuple[Journal, Ledger, Collection]:
        journal = stack.enter_context(self._open_journal(stack))
        self.started_at = journal.started_at
        previous = self._previous()
        pace, spent = self._pace(), RequestCounts()
        ledger = Ledger(journal, spent)
        workspaces = self._connect(pace, spent)
        self._hosts = frozenset(each.host.rstrip("/") for each in workspaces)
        journal.join(each.metastore_id for each in workspaces)
        collection = Collection(
            options=self._options,
            workspaces=workspaces,
            journal=journal,
            adviser=self.adviser,
            previous=previous,
            budget=Budget(self._options.max_statements, _statements(journal.previous)),
            pace=pace,
            spent=spent,
            ledger=ledger,
            watcher=self._watcher,
            now=lambda: _rfc3339(self._now()),
        )
        return journal, ledger, collection

    def _say_how_to_go_on(self, journal: Journal) -> None:
        if self._options.journal is not None and len(journal):
            self._watcher.note(
                f"{len(journal):,} tables are kept in {journal.path}; repeat the command with "
                "--resume to go on"
            )

    def _open_journal(self, stack: ExitStack) -> Journal:
        path = self._options.journal
        if path is None:
            folder = stack.enter_context(PrivateFolder("collection"))
            path = Path(folder) / "journal.ndjson"
        elif self._options.resume and not path.exists():
            self._watcher.note(f"Nothing to continue at {path}: starting over")
        journal = Journal(
            path, self._options.purpose, _rfc3339(self._now()), resume=self._options.resume
        )
        if journal.resumed:
            self._watcher.note(
                f"Continuing the collection of {journal.started_at}: {len(journal):,} tables listed"
            )
        return journal

    def _previous(self) -> PreviousInventory:
        if self._options.reuse is None:
            return NOTHING
        return read_previous(self._options.reuse, now=self._now(), max_age=self._options.max_age)

    def _connect(self, pace: Pace, spent: RequestCounts) -> list[Workspace]:
        profiles: Sequence[str | None] = self._options.profiles or (None,)
        return [self._connect_one(profile, pace, spent) for profile in profiles]

    def _connect_one(self, profile: str | None, pace: Pace, spent: RequestCounts) -> Workspace:
        return connect(profile, warehouse_id=self._options.warehouse_id, pace=pace, spent=spent)


@contextmanager
def _stopped(collection: Collection) -> Iterator[None]:
    """Where the block is left by an error or an interrupt, leave no statement running."""
    try:
        yield
    except BaseException:
        collection.cancel()
        raise


def _scope(options: DatabricksOptions) -> str:
    """Say what is collected, for the reader of the report."""
    named = f"Databricks ({', '.join(options.profiles)})" if options.profiles else "Databricks"
    without = [f"without {pattern}" for pattern in options.exclude]
    return ", ".join([named, *options.include, *without])


def _what(left_out: LeftOut) -> str:
    return left_out.what


def _rfc3339(time: datetime) -> str:
    return time.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _statements(counts: Mapping[str, int]) -> int:
    return sum(counts.get(kind, 0) for kind in STATEMENT_KINDS)
