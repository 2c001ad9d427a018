"""The baseline of one run: named by options, worked out before anything is decided, and kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from msgspec import structs

from lakewarden.baseline.entries import Entry, parse_entries, read_entries, written
from lakewarden.baseline.failing import failing, failures_of
from lakewarden.baseline.ledger import BaselineLedger
from lakewarden.baseline.ratchet import compare
from lakewarden.baseline.source import OPTION, BaselineSource, parse_baseline_source
from lakewarden.engines.choice import EngineKindOptions, start_engine
from lakewarden.engines.interface import Engine
from lakewarden.evaluation.batches import decide
from lakewarden.evaluation.document_store import TableIntake
from lakewarden.evaluation.table_report import reported
from lakewarden.git.tree import GitTree, open_tree
from lakewarden.model.baseline import Baseline, BaselineOrigin, Ratchet
from lakewarden.model.errors import ConfigurationError
from lakewarden.model.policy import Policy
from lakewarden.model.report import TableReport
from lakewarden.open_origin import header_of
from lakewarden.options import Options
from lakewarden.origin import Origin, open_origin
from lakewarden.policy_set import PolicySet, load_rules
from lakewarden.progress import Progress
from lakewarden.report.recount import open_report
from lakewarden_collector.counted import counted
from lakewarden_collector.private_folder import PrivateFolder

_RATCHET: Final = "--ratchet-against"
_COMMIT: Final = 10
"""Digits of a commit that a reader sees."""


class RunBaseline:
    """What a run's baseline knows; `accept` first, then `mark` and `add` for each table.

    Raises `ConfigurationError` for a file, a reference or options that can't be followed.
    """

    def __init__(self, options: Options, progress: Progress) -> None:
        self._options = options
        reports = options.reports
        self._ledger: BaselineLedger | None = None
        self._source: BaselineSource | None = None
        self._tree: GitTree | None = None
        self._before: tuple[Entry, ...] | None = None
        self._ratchet: Ratchet | None = None
        self._policies: frozenset[str] = frozenset()
        if (packed := reports.packed_baseline) is not None:
            self._ledger = BaselineLedger(packed.called, read_entries(packed.entries))
            if packed.against:
                before = None if packed.before is None else read_entries(packed.before)
                self._compare(packed.against, before)
        elif reports.baseline is not None:
            self._ledger = BaselineLedger.read(reports.baseline)
            if (ref := reports.ratchet_against) is not None:
                against, before = _at(ref, reports.baseline)
                self._compare(against, before)
        elif reports.baseline_from is not None:
            folder = options.policies.folder
            self._source = parse_baseline_source(reports.baseline_from, folder)
            if self._source.origin is BaselineOrigin.GIT:
                self._tree = open_tree(self._source.name, folder, where=OPTION)
            elif self._source.origin is BaselineOrigin.REPORT:
                with progress.stage(f"Reading what failed in {self._source.name}"):
                    report = open_report(Path(self._source.name))
                    self._ledger = BaselineLedger(
                        self._source.name, tuple(failing(report)), BaselineOrigin.REPORT
                    )

    def accept(
        self,
        engine: Engine,
        rules: PolicySet,
        read: tuple[TableIntake, Path | None],
        clock: str,
        progress: Progress,
    ) -> None:
        """Have the earlier state decided, where that is to be done.

        `read` are the tables of the run, and the settings that belong to their source. Raises what
        deciding raises: without the accepted set, nothing would tell old failures from new ones.
        """
        store, belonging = read
        source = self._source
        self._policies = frozenset(each.policy_id for each in rules.policies)
        if self._tree is not None:
            entries = self._by_old_rules(self._tree, store, belonging, clock, progress)
            called = f"{self._tree.ref} ({self._tree.commit[:_COMMIT]})"
        elif source is not None and source.origin is BaselineOrigin.INVENTORY:
            entries = self._of_inventory(source.name, engine, rules, clock, progress)
            called = source.name
        else:
            self.ledger.see(store.names)
            return
        assert source is not None  # noqa: S101 -- both kinds have one
        self._ledger = BaselineLedger(called, entries, source.origin)
        self._ledger.see(store.names)

    @property
    def ledger(self) -> BaselineLedger:
        """The ledger, once the accepted set is known."""
        assert self._ledger is not None  # noqa: S101 -- `accept` comes first
        return self._ledger

    def mark(self, table: TableReport, policies: Mapping[str, Policy]) -> TableReport:
        """Return a table with what is known of it, and count it; each once."""
        marked = self.ledger.mark(table)
        self.ledger.add(marked, policies)
        return marked

    def baseline(self, clock: str) -> Baseline:
        """Return the report's part, once every table was marked."""
        return self.ledger.baseline(clock, self._ratchet)

    @property
    def ratchet(self) -> Ratchet | None:
        """How it differs from an earlier state of it; None without `--ratchet-against`."""
        return self._ratchet

    @property
    def text(self) -> bytes:
        """Its entries as a file."""
        return written(self.ledger.entries).encode()

    @property
    def text_before(self) -> bytes | None:
        """The entries that the ratchet compares with, as a file; None where there are none."""
        return None if self._before is None else written(self._before).encode()

    def _compare(self, against: str, before: tuple[Entry, ...] | None) -> None:
        self._before = before
        self._ratchet = compare(against, before, self.ledger.entries)

    def _of_inventory(
        self, name: str, engine: Engine, rules: PolicySet, clock: str, progress: Progress
    ) -> list[Entry]:
        """Decide the tables of a previous inventory by the policies and settings of this run."""
        origin = Origin(source_kind="inventory", location=name)
        with open_origin(origin, progress, clock) as opened, opened.intake(()) as store:
            with progress.stage(f"Reading tables from {name}") as advance:
                store.fill(opened.items, advance)
            since = header_of(opened).started_at or clock
            return list(self._failures(engine, rules, store, (clock, since), progress))

    def _by_old_rules(
        self,
        tree: GitTree,
        store: TableIntake,
        belonging: Path | None,
        clock: str,
        progress: Progress,
    ) -> list[Entry]:
        """Decide the tables of this run by the policies, settings and waivers of a reference."""
        # Every command would wait for these: imported where there is a reference.
        from lakewarden.baseline.old_rules import old_rules  # noqa: PLC0415 -- see above
        from lakewarden.policy_sources.resolve import resolved_sources  # noqa: PLC0415 -- see above

        options = self._options
        with PrivateFolder("baseline") as folder:
            old = old_rules(tree, options.policies, folder)
            kind: EngineKindOptions = options.engine
            if options.engine.url:  # the server has today's policies
                kind = EngineKindOptions()
            with ExitStack() as stack, _named_by(tree.ref, folder):
                roots = old.roots
                if old.elsewhere is not None:
                    opened = resolved_sources(
                        old.elsewhere.sources,
                        progress,
                        folder=options.policies.folder,
                        lock=old.elsewhere.lock,
                    )
                    roots += tuple(each.root for each in stack.enter_context(opened))
                engine, _ = start_engine(kind, roots, progress)
                stack.push(engine)
                rules = load_rules(
                    engine.modules(),
                    policy_dirs=roots,
                    config_dir=old.config,
                    belonging=belonging,
                    local_config=old.local_config,
                    clock=clock,
                )
                return list(self._failures(engine, rules, store, (clock, clock), progress))

    def _failures(
        self,
        engine: Engine,
        rules: PolicySet,
        store: TableIntake,
        times: tuple[str, str],
        progress: Progress,
    ) -> Iterator[Entry]:
        """Yield what gates; `times` are the clock, and since when it is known."""
        clock, since = times
        # What another policy says of them concerns no decision of this run.
        index = {
            each.policy_id: each for each in rules.policies if each.policy_id in self._policies
        }
        question = structs.replace(rules.question(clock), policies=tuple(index))
        if not index:
            return
        tables = counted(len(store), "table")
        with progress.stage(f"Deciding {tables} as they were accepted", len(store)) as advance:
            for document, answer in decide(engine, question, store.documents()):
                table = reported(document, answer)
                yield from failures_of(table, index, self._options.gate.fail_on, since)
                advance(1)


def run_baseline(options: Options, progress: Progress) -> RunBaseline | None:
    """Return the baseline of a run, None where none is wanted. Raises as `RunBaseline` does."""
    reports = options.reports
    if reports.baseline is not None and reports.baseline_from is not None:
        raise ConfigurationError(
            "there are two baselines",
            where=OPTION,
            remedy="Name a file with --baseline, or what it comes from, not both.",
        )
    if reports.ratchet_against is not None and reports.baseline is None:
        raise ConfigurationError(
            "compares a baseline with its earlier state, but none is named",
            where=_RATCHET,
            remedy="Name the file with --baseline. What --baseline-from works out can't be edited.",
        )
    named = reports.baseline or reports.baseline_from or reports.packed_baseline
    return None if named is None else RunBaseline(options, progress)


@contextmanager
def _named_by(ref: str, folder: Path) -> Iterator[None]:
    """Have an error about a file of a reference say so, instead of where it was laid out."""
    try:
        yield
    except ConfigurationError as error:
        where = error.where.replace(f"{folder}/", "")
        raise ConfigurationError(
            error.what.replace(f"{folder}/", f"{ref}:"),
            where=f"{OPTION} {ref}: {where}" if where else f"{OPTION} {ref}",
            remedy="The policies and settings of that reference can't be followed by this version "
            "of Lakewarden. Name another, or compare with a report of it.",
        ) from error


def _at(ref: str, file: Path) -> tuple[str, tuple[Entry, ...] | None]:
    """Return what to call a reference, and the entries that a baseline has there."""
    tree = open_tree(ref, file.parent, where=_RATCHET)
    called, data = f"{ref} ({tree.commit[:_COMMIT]})", tree.read(file.name)
    if data is None:
        return called, None
    where = f"{ref}:{file}"
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"can't be read: {error}", where=where) from error
    return called, parse_entries(text, where)
