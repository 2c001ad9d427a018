"""`lakewarden verify` and `lakewarden replay`: an evidence pack is checked, and decided again."""

from __future__ import annotations

import os
from dataclasses import replace as changed
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from lakewarden.commands.terminal import TerminalProgress
from lakewarden.engines.choice import EngineOptions
from lakewarden.model.errors import EXIT_BROKEN, EXIT_FAILED, ConfigurationError
from lakewarden.options.reports import FORMATS, ReportTarget, parse_target
from lakewarden.packs.manifest import Manifest, PackedEngine
from lakewarden.packs.signature import check_signature, read_public_key, signature_path
from lakewarden.renderers.safe_console import result
from lakewarden.renderers.words.wording import gate_lines
from lakewarden.report.output_paths import Input, Output, check_outputs
from lakewarden_collector.counted import counted
from lakewarden_collector.private_folder import PrivateFolder

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    from lakewarden.replay import Difference, Replay

VERIFY_EPILOG: Final = (
    "Exit codes: 0 the pack is whole; 1 it has changed or its sums are wrong; 2 usage error, or "
    "the file isn't a pack."
)
REPLAY_EPILOG: Final = (
    "Exit codes: 0 everything came out the same; 1 something didn't; 2 usage error, or the file "
    "isn't a pack; 4 the engine failed."
)

_Pack = Annotated[Path, typer.Argument(metavar="PACK", help="A pack that `evaluate --pack` wrote.")]


def verify(
    pack: _Pack,
    *,
    public_key: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.pem", help="Check the signature too, by this Ed25519 public key."
        ),
    ] = None,
    signature: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Where the signature is, if it isn't PACK.intoto.json beside it."
        ),
    ] = None,
) -> None:
    """Check that an evidence pack is as it was written, and that its sums are right.

    lakewarden verify 2026-03-31.zip

    lakewarden verify 2026-03-31.zip --public-key auditors.pem

    Every byte is covered: the pack ends in a digest of itself. Each file's digest is compared
    with the manifest, and what the report's digests and counts are about is counted again.
    Nothing is evaluated; `lakewarden replay` does that. Who could write the pack could also have
    written another, sums and all: only a signature tells.
    """
    # Every command would wait for it: imported when asked for.
    from lakewarden.packs.reader import Fault  # noqa: PLC0415 -- see above
    from lakewarden.packs.reader import verify as verify_pack  # noqa: PLC0415 -- see above

    key = None if public_key is None else read_public_key(public_key)
    with PrivateFolder("verify") as folder, TerminalProgress().stage(f"Checking {pack}"):
        manifest, faults = verify_pack(pack, folder)
    place = signature or signature_path(pack)
    signed = ""
    if manifest is not None and key is not None:
        wrong = _signature_fault(pack, manifest, place, key)
        faults += (Fault(str(place), wrong),) if wrong else ()
        signed = " and signed"
    elif place.exists():
        signed = f" (not checked: the signature {place}; name its key with --public-key)"
    if faults or manifest is None:
        for each in faults:
            result(f"{each.where}: {each.what}")
        result(f"{pack} isn't verified: {counted(len(faults), 'fault')}.")
        raise typer.Exit(EXIT_FAILED)
    result(f"{pack} is as it was written{signed}: {_about(manifest)}.")


def _signature_fault(pack: Path, manifest: Manifest, place: Path, key: Ed25519PublicKey) -> str:
    try:
        data = place.read_bytes()
    except OSError as error:
        return f"the signature can't be read: {error.strerror or error}"
    return check_signature(pack, manifest, data, key)


def replay(
    pack: _Pack,
    engine: EngineOptions,
    *,
    outputs: Annotated[  # not `reports`: the project file's are written by `evaluate`
        list[str] | None,
        typer.Option(
            "--report",
            "-o",
            metavar="[FORMAT=]PATH",
            help=f"Write a report of what was decided again ({FORMATS}), as `evaluate` does. May "
            "be repeated.",
        ),
    ] = None,
) -> None:
    """Decide again what an evidence pack holds, and compare decision by decision.

    lakewarden replay 2026-03-31.zip
    lakewarden replay 2026-03-31.zip -o march.html

    The inventory, policies, settings, waivers and the clock are those of the pack. ./policies,
    ./config and what the project file says of them don't count.
    """
    from lakewarden.replay import replay as replay_pack  # noqa: PLC0415 -- as above

    targets = [_target(each) for each in outputs or ()]
    check_outputs(
        [Output(option="--report", what="the report", path=path) for _, path in targets],
        [Input(what="the pack", path=pack)],
    )
    engine = changed(engine, token=os.environ.get("OPA_TOKEN"))
    reports = [ReportTarget(format=format_name, path=path) for format_name, path in targets]
    done = replay_pack(pack, reports, engine, TerminalProgress())
    for _, path in targets:
        result(path.absolute())
    for line in _lines(done):
        result(line)
    if done.gate.exit_code == EXIT_BROKEN != done.manifest.gate.exit_code:
        raise typer.Exit(EXIT_BROKEN)
    if not done.is_identical:
        raise typer.Exit(EXIT_FAILED)


def _target(text: str) -> tuple[str, Path]:
    target = parse_target(text)
    if target.path is None:
        raise ConfigurationError(
            "the comparison goes to standard output",
            where=f"--report {text}",
            remedy="Name a file for the report.",
        )
    return target.format, target.path


def _about(manifest: Manifest) -> str:
    decisions = sum(manifest.counts.decisions.values())
    return (
        f"{counted(decisions, 'decision')} about {counted(manifest.counts.tables, 'table')}, "
        f"as of {manifest.clock}, by {_engine(manifest.engine)}"
    )


def _engine(engine: PackedEngine) -> str:
    return f"{engine.name} {engine.version}"


def _lines(done: Replay) -> list[str]:
    by = f"{done.run.engine.name} {done.run.engine.version}"
    lines = [f"the {name} of this run aren't those of the pack" for name in done.digests]
    lines += [_line(each) for each in done.examples]
    if done.different > len(done.examples):
        lines.append(f"and {counted(done.different - len(done.examples), 'more table')}")
    if not done.has_same_gate:
        lines += [
            f"the gate of the pack: {' '.join(gate_lines(done.manifest.gate))}",
            f"the gate of this run: {' '.join(gate_lines(done.gate))}",
        ]
    if done.is_identical:
        lines.append(f"All {_about(done.manifest)}, came out the same by {by}.")
    elif not done.different and not done.digests:
        lines.append(f"All decisions came out the same by {by}; the gate didn't.")
    else:
        of = counted(done.tables, "table")
        lines.append(f"{done.different:,} of {of} came out differently by {by}.")
    return lines


def _line(difference: Difference) -> str:
    changes = ", ".join(
        f"{policy_id} {before}" if before is after else f"{policy_id} {before} -> {after}"
        for policy_id, before, after in difference.changes
    )
    return f"{difference.full_name}: {changes or 'not the same entry'}"
