"""The run of an evidence pack, as a comparison reads it, and laid out to be decided again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from msgspec import UNSET

from lakewarden.engines.bundle.annotations import annotated
from lakewarden.engines.bundle.stage import read_policies
from lakewarden.evaluation.completeness import completeness_of
from lakewarden.evaluation.document_store import DocumentStore
from lakewarden.model.errors import ConfigurationError
from lakewarden.model.policy import Policy
from lakewarden.model.report import Completeness, EngineInfo, Run, TableReport, narrowed_by
from lakewarden.packs.manifest import INVENTORY, Manifest
from lakewarden.packs.reader import Pack
from lakewarden.packs.seal import seal_holds
from lakewarden.policy_set import load_rules
from lakewarden.progress import Progress
from lakewarden.report.summary import Tally
from lakewarden_collector.inventory import InventoryReader
from lakewarden_collector.private_folder import PrivateFolder


class PackedRun:
    """An opened pack with its policies and settings in a private folder; used in a `with` block.

    Raises `ConfigurationError` for what isn't a pack, or isn't as it was written.
    """

    run: Run
    completeness: Completeness
    policies: tuple[Policy, ...]

    def __init__(self, path: Path, progress: Progress) -> None:
        self.path = path
        with ExitStack() as stack:
            folder = stack.enter_context(PrivateFolder("pack"))
            self._pack = stack.enter_context(Pack(path))
            if not seal_holds(path):
                raise ConfigurationError(
                    "was changed after it was written: its seal is broken",
                    where=str(path),
                    remedy="Use the original. `lakewarden verify` says what was changed.",
                )
            self.documents = stack.enter_context(DocumentStore(self.manifest.arguments.tables))
            with progress.stage(f"Unpacking {path}") as advance:
                self.root, self.config = self._pack.unpack_rules(folder)
                with self._pack.open(INVENTORY) as stream:
                    items = InventoryReader(stream, f"{path}: {INVENTORY}", self.manifest.clock)
                    self.documents.fill(items, advance)
            self._describe(items)
            self._stack = stack.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.__exit__(kind, error, trace)

    @property
    def manifest(self) -> Manifest:
        """What the pack says of itself."""
        return self._pack.manifest

    def tables(self) -> Iterator[TableReport]:
        """Yield the tables with their decisions, in the inventory's order."""
        return (table for _, table in self._pack.tables())

    def _describe(self, items: InventoryReader) -> None:
        """Work out what the run's report said of policies, run and completeness."""
        manifest = self.manifest
        arguments = manifest.arguments
        rules = load_rules(
            [annotated(each, where=each.path) for each in read_policies([self.root])],
            policy_dirs=[self.root],
            patterns=arguments.policies,
            config_dir=self.config,
            clock=manifest.clock,
        )
        self.policies = rules.policies
        tally = Tally(rules.policies)
        for table in self.tables():
            tally.add(table)
        self.completeness = completeness_of(
            self.documents,
            tally,
            len(rules.policies),
            shortcomings=items.shortcomings,
            left_out=items.left_out,
            min_coverage=arguments.min_coverage,
        )
        self.run = Run(
            tool="lakewarden",
            tool_version=manifest.tool_version,
            engine=EngineInfo(name=manifest.engine.name, version=manifest.engine.version),
            digests=manifest.digests,
            clock=manifest.clock,
            started_at=manifest.clock,
            finished_at=manifest.clock,
            source=manifest.source,
            scope=manifest.scope,
            narrowed=narrowed_by(arguments.tables, arguments.policies),
            policies_off=tuple(each.policy_id for each in rules.off),
            workspace=items.workspace or UNSET,
        )
