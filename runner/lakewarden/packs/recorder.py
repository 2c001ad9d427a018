"""The evidence pack of one run: asked for by options, written as it goes on, signed, and kept."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from msgspec import UNSET

from lakewarden.engines.interface import Engine
from lakewarden.evaluation.document_store import TableIntake
from lakewarden.model.errors import ConfigurationError
from lakewarden.model.report import Digests, Gate, TableReport
from lakewarden.open_origin import OpenOrigin, header_of
from lakewarden.options import Options
from lakewarden.options.reports import ReportOptions
from lakewarden.packs.manifest import (
    BASELINE,
    BASELINE_BEFORE,
    CONFIG,
    PACK_VERSION,
    Arguments,
    Counts,
    Manifest,
    PackedEngine,
)
from lakewarden.packs.signature import SUFFIX, read_private_key, sign, signature_path
from lakewarden.packs.writer import PackWriter, config_files, file_digest, policy_files
from lakewarden.report.atomic_file import PendingFile
from lakewarden.version import __version__
from lakewarden_collector.private_folder import PrivateFolder


class PackRecorder:
    """Writes a run's pack; used in a `with` block, after which a pack that nobody named is gone.

    Raises `ConfigurationError` for options that contradict each other, a key that can't be read
    and a file that can't be opened.
    """

    def __init__(self, options: Options) -> None:
        self._options = options
        self._against = ""
        reports = options.reports
        self._key = None if reports.sign_key is None else read_private_key(reports.sign_key)
        with ExitStack() as opening:
            path = reports.pack or opening.enter_context(PrivateFolder("pack")) / "pack.zip"
            self._writer = opening.enter_context(PackWriter(path))
            self._stack = opening.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.__exit__(kind, error, trace)

    def add_rules(self, engine: Engine, roots: Sequence[Path], config: Path) -> None:
        """Add the policies that the engine has, and the settings of a folder."""
        self._writer.add_rules(policy_files(engine.modules(), roots), config_files(config))

    def add_baseline(self, entries: bytes, against: str, before: bytes | None) -> None:
        """Add the entries of the run's baseline, and those that its ratchet compares with.

        `against` names where these are from; it's empty without a ratchet.
        """
        self._against = against
        for name, data in ((BASELINE, entries), (BASELINE_BEFORE, before)):
            if data is not None:
                with self._writer.member(f"{CONFIG}{name}") as member:
                    member.write(data)

    def inventory(self) -> AbstractContextManager[BinaryIO]:
        """Open the inventory to be written."""
        return self._writer.inventory()

    def decisions(self) -> AbstractContextManager[None]:
        """Open the list of decisions: `add` writes there."""
        return self._writer.decisions()

    def add(self, table: TableReport) -> None:
        """Append one table with its decisions."""
        self._writer.add(table)

    def finish(
        self,
        engine: Engine,
        read: tuple[OpenOrigin, TableIntake],
        made: tuple[str, Digests, Gate],
    ) -> None:
        """Write the manifest, and the signature where one is wanted.

        `read` is where the tables came from and what took them in; `made` is the run's clock, its
        digests and its gate.
        """
        manifest = self._writer.finish(self._manifest(engine, read, made))
        path = self._writer.path
        if self._key is not None:
            signed = sign(path, manifest, self._key)
            with PendingFile(signature_path(path)) as file:
                file.write(signed)

    def kept(self) -> dict[str, Path]:
        """Return the files that a history keeps, by the endings of their names there."""
        if not self._options.reports.keep_packs:
            return {}
        path = self._writer.path
        signature = {} if self._key is None else {f".zip{SUFFIX}": signature_path(path)}
        return {".zip": path} | signature

    def _manifest(
        self,
        engine: Engine,
        read: tuple[OpenOrigin, TableIntake],
        made: tuple[str, Digests, Gate],
    ) -> Manifest:
        (opened, store), (clock, digests, gate) = read, made
        info, binary, header = engine.info, engine.binary, header_of(opened)
        options = self._options
        return Manifest(
            pack_version=PACK_VERSION,
            tool_version=__version__,
            engine=PackedEngine(
                name=info.name,
                version=info.version,
                binary=UNSET if binary is None else file_digest(binary),
            ),
            clock=clock,
            source=header.source,
            scope=header.scope,
            arguments=Arguments(
                tables=tuple(options.tables.tables),
                policies=tuple(options.policies.policies),
                allow=tuple(map(str, options.gate.allow)),
                min_coverage=options.gate.min_coverage,
                no_gate=options.gate.no_gate,
                fail_on=options.gate.fail_on,
                ratchet_against=self._against,
                strict_waivers=options.gate.strict_waivers,
            ),
            digests=digests,
            counts=Counts(documents=store.documents_read, failures=store.failures_read),
            gate=gate,
            policy_sources=options.policies.pins or UNSET,
        )


def pack_recorder(options: Options) -> PackRecorder | None:
    """Return what records a run, None where no pack is wanted. Raises as `PackRecorder` does."""
    reports = options.reports
    _check(reports)
    return PackRecorder(options) if reports.pack or reports.keep_packs else None


def _check(options: ReportOptions) -> None:
    if options.keep_packs and options.history is None:
        raise ConfigurationError(
            "keeps packs in a history, but none is named",
            where="--keep-packs",
            remedy="Name it with --history, or write one pack with --pack.",
        )
    if options.sign_key and not (options.pack or options.keep_packs):
        raise ConfigurationError(
            "signs an evidence pack, but none is written",
            where="--sign-key",
            remedy="Name the pack with --pack, or leave --sign-key out.",
        )
