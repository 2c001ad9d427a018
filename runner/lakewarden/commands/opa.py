"""`lakewarden opa`: the engine's binary."""

from __future__ import annotations

import typer

from lakewarden.commands.command import Group, add
from lakewarden.commands.terminal import TerminalProgress
from lakewarden.engines.install.binary import OpaBinary, find_opa
from lakewarden.engines.install.install import install_opa
from lakewarden.model.errors import EngineError
from lakewarden.renderers.safe_console import result

app = typer.Typer(cls=Group, no_args_is_help=True, help="Find or install OPA, the policy engine.")


def install() -> None:
    """Find an OPA, or install the pinned one; print its path.

    Looks at the variable LAKEWARDEN_OPA, PATH and the user's cache first; then tries the official
    release (or the mirror in LAKEWARDEN_OPA_MIRROR), checked against the SHA-256 in
    LAKEWARDEN_OPA_SHA256 or the one that the official host publishes; then builds it with Go.

        lakewarden opa install
    """
    result(install_opa(TerminalProgress().note).path)


def which() -> None:
    """Print the path of the OPA that a run would use; exit with 4 if there is none.

    lakewarden opa which
    """
    result(_found().path)


def version() -> None:
    """Print the version of the OPA that a run would use, and where it was found.

    lakewarden opa version
    """
    found = _found()
    result(found.version, found.origin, found.path)


def _found() -> OpaBinary:
    found = find_opa()
    if found is None:
        raise EngineError("there is no OPA here", remedy="Run `lakewarden opa install`.")
    return found


for command in (install, which, version):
    add(app, command)
