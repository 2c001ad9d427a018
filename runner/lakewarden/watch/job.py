"""What a watch keeps between two edits: tables, engine and rules, each renewed alone."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import msgspec

from lakewarden.dependents import Basis
from lakewarden.engines.choice import EngineKindOptions, start_engine
from lakewarden.engines.interface import Engine
from lakewarden.evaluation.batches import decide
from lakewarden.evaluation.document_store import DocumentStore
from lakewarden.model.clock import utc_now
from lakewarden.model.decision import TableDecisions
from lakewarden.model.errors import ConfigurationError, EngineError
from lakewarden.options import ClockOptions
from lakewarden.options.policies import PolicyOptions
from lakewarden.options.tables import TableOptions
from lakewarden.origin import open_origin
from lakewarden.policy_set import PolicySet, choose_config
from lakewarden.progress import Progress
from lakewarden.settings.settings import domains
from lakewarden_collector.document import EncodedDocument
from lakewarden_collector.inventory import Failure

_INVENTORY: Final = "inventory"
_STANDARD_INPUT: Final = "-"


@dataclass(frozen=True, kw_only=True)
class WatchOptions:
    """One watch; the options mean what they mean for a run."""

    tables: TableOptions
    policies: PolicyOptions = field(default_factory=PolicyOptions)
    engine: EngineKindOptions = field(default_factory=EngineKindOptions)
    clock: ClockOptions = field(default_factory=ClockOptions)


class Job:
    """Tables, engine and rules, as a context manager; leaving it ends the engine.

    Everything that is renewed replaces what was there only when it stands: where a renewal raises,
    the old one is kept and decides on.
    """

    def __init__(self, options: WatchOptions) -> None:
        self.options = options
        self.shortcomings: tuple[str, ...] = ()
        # Edits alone are to flip decisions, and not the time between two of them.
        self.clock = options.clock.now or utc_now()
        self.origin = options.tables.origin()
        self._belonging: Path | None = None
        self._domains: list[str] = []
        self._store: DocumentStore | None = None
        self._engine: Engine | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.drop_engine()
        if self._store is not None:
            self._store.__exit__(error_type, error, trace)

    @property
    def inventory(self) -> Path | None:
        """The file that the tables come from, if it is one that can be read again."""
        origin = self.origin
        is_file = origin.source_kind == _INVENTORY and origin.location != _STANDARD_INPUT
        return Path(origin.location) if is_file else None

    @property
    def config(self) -> Path:
        """The folder of settings and waivers that applies now."""
        with suppress(OSError):  # a folder may go while it is looked through
            self._domains = sorted(domains(self.options.policies.roots))
        return choose_config(
            self.options.policies.config,
            self._belonging,
            self._domains,
            self.options.policies.local_config,
        )

    @property
    def tables(self) -> int:
        """How many tables are decided."""
        return len(self._store) if self._store is not None else 0

    @property
    def failures(self) -> list[Failure]:
        """What could not be read."""
        return self._store.failures if self._store is not None else []

    @property
    def whole(self) -> bool:
        """Whether the tables are all there are: none left out on demand, none lost."""
        return not (self.options.tables.tables or self.failures or self.shortcomings)

    def read_tables(self, progress: Progress) -> None:
        """Take the tables in, from the source or the inventory.

        Raises the collector's `Problem` where they are not available.
        """
        store = DocumentStore(self.options.tables.tables)
        try:
            with open_origin(self.origin, progress, self.clock) as opened:
                with progress.stage(f"Reading tables from {opened.scope}") as advance:
                    store.fill(opened.items, advance)
                store.patterns.require_met(whole=not opened.shortcomings)
                self._belonging = opened.config_dir
                self.shortcomings = tuple(opened.shortcomings)
        except BaseException:
            store.__exit__(None, None, None)
            raise
        old, self._store = self._store, store
        if old is not None:
            old.__exit__(None, None, None)

    def start_engine(self, progress: Progress) -> None:
        """Start an engine with the policies as they are now.

        Raises `ConfigurationError` for one that does not compile, `EngineError` where there is no
        engine.
        """
        engine, _ = start_engine(self.options.engine, self.options.policies.roots, progress)
        old, self._engine = self._engine, engine
        if old is not None:
            old.__exit__(None, None, None)

    def drop_engine(self) -> None:
        """End the engine, if there is one."""
        engine, self._engine = self._engine, None
        if engine is not None:
            engine.__exit__(None, None, None)

    def load_rules(self) -> Basis:
        """Read the settings and the waivers again, and what the policies say of themselves.

        Raises `ConfigurationError` for anything wrong in them.
        """
        named = self.options.policies.config
        if named is not None and not named.is_dir():
            raise ConfigurationError(
                f"{named} isn't a folder any more",
                where="--config",
                remedy="Put it back: without it, the defaults would apply.",
            )
        modules = self._running().modules()
        rules = self.options.policies.load_rules(
            modules, clock=self.clock, belonging=self._belonging
        )
        return Basis(modules=modules, rules=rules)

    def decide(
        self, rules: PolicySet, policy_ids: Collection[str]
    ) -> Iterator[tuple[str, TableDecisions]]:
        """Yield every table's full name with the decisions of these policies about it.

        Raises `EngineError` where the engine is gone.
        """
        if not policy_ids:
            return
        question = msgspec.structs.replace(
            rules.question(self.clock), policies=tuple(sorted(policy_ids))
        )
        for document, answer in decide(self._running(), question, self._documents()):
            yield document.full_name, answer

    def _documents(self) -> Iterator[EncodedDocument]:
        return self._store.documents() if self._store is not None else iter(())

    def _running(self) -> Engine:
        if self._engine is None:
            raise EngineError("the engine has not been started, or has ended")
        return self._engine
