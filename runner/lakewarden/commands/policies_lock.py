"""`lakewarden policies lock`: which policies from elsewhere this project uses, by digest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Final

import typer
from msgspec import UNSET, structs

from lakewarden.commands.inputs import local_policies
from lakewarden.commands.terminal import TerminalProgress, notes
from lakewarden.model.errors import EXIT_FAILED
from lakewarden.model.report import PinnedSource
from lakewarden.options.policies import PolicySourceOptions
from lakewarden.renderers.safe_console import result
from lakewarden.report.atomic_file import PendingFile
from lakewarden_collector.counted import counted

EPILOG: Final = (
    "Exit codes: 0 the file is written, or as it should be; 1 with --check, it would change; 2 "
    "usage or configuration error; 4 git couldn't fetch a repository."
)
if TYPE_CHECKING:
    from lakewarden.policy_sources.lock_file import Lock

_SHORT: Final = 12


def lock(
    policies: PolicySourceOptions,
    *,
    check: Annotated[
        bool,
        typer.Option("--check", help="Write nothing; exit with 1 if the file would change."),
    ] = False,
    upgrade: Annotated[
        bool,
        typer.Option(
            "--upgrade", help="Take the commits that branches and tags name now, not the locked."
        ),
    ] = False,
) -> None:
    """Write lakewarden.lock: the commit and the digest of each policy source from elsewhere.

    The file stands beside the project file. Once it's there, every command uses the commits in it,
    and refuses a source that isn't in it or that holds other policies. Folders below it are under
    the same review, and aren't locked. Locked commits stay until --upgrade.

        lakewarden policies lock

        lakewarden policies lock --check --upgrade
    """
    # Every command would wait for these: imported when asked for.
    from lakewarden.policy_sources.lock_file import (  # noqa: PLC0415 -- see above
        LOCK_FILE,
        is_locked,
        lock_text,
        locked_name,
        read_lock,
    )
    from lakewarden.policy_sources.resolve import check_history, pin_of  # noqa: PLC0415 -- see above

    options = local_policies(policies)
    folder, progress = options.folder, TerminalProgress()
    before = read_lock(folder)
    found = dict[str, PinnedSource]()
    for source in options.policy_sources:
        if not is_locked(source, folder):
            continue
        entry = before.entry(source) if before and source.is_git and not upgrade else None
        commit = entry.commit if entry is not None and entry.commit is not UNSET else ""
        if commit:
            check_history(source, commit, folder, progress)
        name = locked_name(source, folder)
        pin = pin_of(source, progress, folder=folder, commit=commit)
        found[name] = structs.replace(pin, source=name)
    changes = list(_changes(before, found))
    for change, pin in changes:
        result(change, pin.source, _version(pin))
    path = folder / LOCK_FILE
    if before is None and not found:
        notes().print("Nothing to lock: no policy source is from elsewhere.")
    elif before is not None and not changes:
        notes().print(f"{path} is up to date: {counted(len(found), 'source')}")
    elif check:
        notes().print(f"{path} isn't up to date. `lakewarden policies lock` writes it.")
        raise typer.Exit(EXIT_FAILED)
    else:
        with PendingFile(path) as file:
            file.write(lock_text(found.values()).encode())
        result(path)


def _changes(
    before: Lock | None, found: Mapping[str, PinnedSource]
) -> Iterator[tuple[str, PinnedSource]]:
    """Yield what would be different in the file, by source."""
    known = {each.source: each for each in before.sources} if before else {}
    for name in sorted({*known, *found}):
        if name not in found:
            yield "removed", known[name]
        elif name not in known:
            yield "added", found[name]
        elif known[name] != found[name]:
            yield "changed", found[name]


def _version(pin: PinnedSource) -> str:
    return pin.digest if pin.commit is UNSET else f"commit {pin.commit[:_SHORT]}"
