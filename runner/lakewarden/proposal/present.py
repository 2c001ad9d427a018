"""The tables, decided once by the present rules, so that other rules can be compared with that."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import IO, Final, Self

from lakewarden.baseline.ledger import BaselineLedger
from lakewarden.dependents import Basis
from lakewarden.engines.choice import start_engine
from lakewarden.engines.interface import Engine
from lakewarden.evaluation.batches import decide
from lakewarden.evaluation.completeness import completeness_of
from lakewarden.evaluation.document_store import TableIntake
from lakewarden.evaluation.table_report import reported
from lakewarden.model.clock import utc_now
from lakewarden.model.report import Completeness, Run, TableReport, narrowed_by
from lakewarden.open_origin import OpenOrigin
from lakewarden.options.policies import PolicyOptions
from lakewarden.origin import open_origin
from lakewarden.progress import Progress
from lakewarden.proposal.comparison import Proposal
from lakewarden.proposal.version import Decided, TrialOptions, Version
from lakewarden.report import layout
from lakewarden.report.summary import Tally
from lakewarden.settings.changes import NOTHING, Changes
from lakewarden.version import __version__
from lakewarden_collector.counted import counted
from lakewarden_collector.decoding import decoder

_read: Final = decoder(TableReport).decode


class PresentDecisions:
    """The tables and what the present rules say of each, as a context manager.

    Entering opens the origin and reads the present rules, `decide` takes the tables in and decides
    them. Both raise what a run raises, `EngineError` included: half a comparison is none.
    """

    def __init__(self, options: TrialOptions, progress: Progress) -> None:
        self._options = options
        self._progress = progress
        self._stack = ExitStack()
        self._clock = options.clock.now or utc_now()
        self._engines: dict[tuple[Path, ...], Engine] = {}
        self._opened: OpenOrigin
        self._kept: IO[bytes]
        self._store: TableIntake
        self.version: Version
        self.decided: Decided

    def __enter__(self) -> Self:
        options = self._options
        with self._stack as stack:
            self._opened = stack.enter_context(
                open_origin(options.tables.origin(), self._progress, self._clock)
            )
            self.version = self.version_of(options.policies, NOTHING)
            self._store = stack.enter_context(self._opened.intake(options.tables.tables))
            self._kept = stack.enter_context(tempfile.TemporaryFile(prefix="lakewarden-"))
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.__exit__(kind, error, trace)

    def __len__(self) -> int:
        return len(self._store)

    def version_of(self, policies: PolicyOptions, changes: Changes) -> Version:
        """Return a version of the rules, its engine started.

        Raises `ConfigurationError` for rules that can't be used.
        """
        engine = self._engine(policies)
        modules = engine.modules()
        rules = policies.load_rules(
            modules, clock=self._clock, belonging=self._opened.config_dir, changes=changes
        )
        return Version(engine=engine, basis=Basis(modules=modules, rules=rules), clock=self._clock)

    def decide(self) -> None:
        """Take the tables in, and decide them by the present rules."""
        store, progress = self._store, self._progress
        self._opened.when_listed(store.patterns.see_listed)
        with progress.stage(f"Reading tables from {self._opened.scope}") as advance:
            store.fill(self._opened.items, advance)
        store.patterns.require_met(whole=not self._opened.shortcomings)
        version, decided = self.version, self._new_decided(self.version)
        policies = counted(len(version.rules.policies), "policy")
        number = f"{policies} about {counted(len(store), 'table')}"
        begun = time.monotonic()
        with progress.stage(f"Deciding {number} by the present rules", len(store)) as advance:
            for document, answer in decide(version.engine, version.question, store.documents()):
                table = decided.add(reported(document, answer))
                decided.asked += len(answer.decisions)
                self._kept.write(layout.table(table) + b"\n")
                advance(1)
        decided.finish()
        decided.completeness = self._completeness(version, decided.tally)
        decided.seconds = time.monotonic() - begun
        self.decided = decided

    def compared_with(self, changed: Version, changes: Changes) -> Proposal:
        """Return what the changed rules make of the same tables; it is decided while it is read.

        `changes` are what was asked for over what the files say.
        """
        return Proposal(
            (self.version, self.decided),
            (changed, self._new_decided(changed)),
            self._store,
            self.tables,
            changes,
        )

    def tables(self) -> Iterator[TableReport]:
        """Yield every table as the present rules decide it, in the inventory's order."""
        self._kept.seek(0)
        return map(_read, self._kept)

    def _engine(self, policies: PolicyOptions) -> Engine:
        """Return the engine that holds these policies; versions with the same share one."""
        roots = tuple(root.resolve() for root in policies.roots)
        if roots not in self._engines:
            engine, _ = start_engine(self._options.engine, policies.roots, self._progress)
            self._stack.push(engine)
            self._engines[roots] = engine
        return self._engines[roots]

    def _new_decided(self, version: Version) -> Decided:
        """Return what counts the decisions of a version, of which there are none yet."""
        options, rules = self._options, version.rules
        run = Run(
            tool="lakewarden",
            tool_version=__version__,
            engine=version.engine.info,
            digests=rules.digests(self._store.digest),
            clock=self._clock,
            started_at=utc_now(),
            finished_at=utc_now(),
            source=self._opened.source,
            scope=self._opened.scope,
            narrowed=narrowed_by(options.tables.tables, options.policies.policies),
            policies_off=tuple(policy.policy_id for policy in rules.off),
        )
        about = run, self._completeness(version, Tally(rules.policies))
        known = options.baseline
        baseline = BaselineLedger.read(known) if known else None
        if baseline is not None:
            baseline.see(self._store.names)
        return Decided(version, about, options.gate, baseline)

    def _completeness(self, version: Version, tally: Tally) -> Completeness:
        return completeness_of(
            self._store,
            tally,
            len(version.rules.policies),
            shortcomings=self._opened.shortcomings,
            left_out=self._opened.left_out,
            min_coverage=self._options.gate.min_coverage,
        )
