"""Which engine decides: the one that was asked for, or an available one."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer

from lakewarden.engines.embedded import EmbeddedEngine
from lakewarden.engines.install.install import OpaBinary, find_opa, install_opa
from lakewarden.engines.interface import Engine
from lakewarden.engines.opa.managed import managed
from lakewarden.engines.opa.remote import remote
from lakewarden.model.errors import ConfigurationError, EngineError
from lakewarden.progress import Progress

PANEL: Final = "Policy engine"


class EngineKind(StrEnum):
    """Who decides."""

    OPA = "opa"
    EMBEDDED = "embedded"


@dataclass(frozen=True, kw_only=True)
class EngineKindOptions:
    """Which engine decides."""

    engine_kind: Annotated[
        EngineKind | None,
        typer.Option(
            "--engine",
            rich_help_panel=PANEL,
            help="opa: an OPA server, started for the run. embedded: Regorus, without a binary. "
            "Without this option: opa, or embedded if no OPA is available.",
        ),
    ] = None


@dataclass(frozen=True, kw_only=True)
class EngineOptions(EngineKindOptions):
    """Which engine decides, and where it runs."""

    url: Annotated[
        str | None,
        typer.Option(
            "--opa-url",
            envvar="OPA_URL",
            metavar="URL",
            rich_help_panel=PANEL,
            help="Use a running OPA server: http://127.0.0.1:8181, "
            "https://opa.example.com or unix:///path/to/socket",
        ),
    ] = None
    token_file: Annotated[
        Path | None,
        typer.Option(
            "--opa-token-file",
            metavar="FILE",
            rich_help_panel=PANEL,
            help="File with the server's bearer token; default: the variable OPA_TOKEN.",
        ),
    ] = None
    tls_ca: Annotated[
        Path | None,
        typer.Option(
            "--opa-ca-cert",
            metavar="FILE",
            rich_help_panel=PANEL,
            help="PEM file of the authority that signed the server's certificate.",
        ),
    ] = None
    tls_cert: Annotated[
        Path | None,
        typer.Option(
            "--opa-cert",
            metavar="FILE",
            rich_help_panel=PANEL,
            help="PEM file of the client certificate.",
        ),
    ] = None
    tls_key: Annotated[
        Path | None,
        typer.Option(
            "--opa-key",
            metavar="FILE",
            rich_help_panel=PANEL,
            help="PEM file of the client certificate's private key.",
        ),
    ] = None
    trust_server_policies: Annotated[
        bool,
        typer.Option(
            "--trust-server-policies",
            rich_help_panel=PANEL,
            help="Accept the server's policies even if they differ from the local ones.",
        ),
    ] = False
    token: str | None = None
    """The bearer token, where no file has it."""

    def bearer_token(self) -> str | None:
        """Return the token that is sent; raises `ConfigurationError` for what can't be one."""
        if self.token_file is None:
            return _plain(self.token, "OPA_TOKEN") if self.token else None
        try:
            text = self.token_file.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigurationError(
                f"can't be read: {error}",
                where=str(self.token_file),
                remedy="Check --opa-token-file.",
            ) from error
        return _plain(text, str(self.token_file))


def _plain(secret: str, where: str) -> str:
    """Return the token; raise `ConfigurationError` if it cannot stand in an HTTP header."""
    if not (secret.isascii() and secret.isprintable() and " " not in secret):
        raise ConfigurationError(
            "the token has characters that a bearer token can't have",
            where=where,
            remedy="A token is one word of printable ASCII; check it for a line break or a space.",
        )
    return secret


def open_engine(
    options: EngineKindOptions,
    roots: Sequence[Path],
    progress: Callable[[str], None],
    *,
    offline: bool = False,
) -> tuple[Engine, tuple[str, ...]]:
    """Return the engine, not yet entered, and what the report's reader should know about it.

    `roots` are the bundle roots of the policies; `offline` forbids to fetch an OPA that isn't on
    this machine. OPA decides unless `embedded` was asked for, or nothing was and there is no OPA.
    Raises `ConfigurationError` for options that contradict each other, `EngineError` if there is
    no engine.
    """
    if isinstance(options, EngineOptions):
        _reject_contradictions(options)
        if options.url:
            return _remote(options, options.url, roots), ()
    if options.engine_kind is EngineKind.EMBEDDED:
        return EmbeddedEngine(roots), ()
    try:
        binary = _opa(progress, offline=offline)
    except EngineError as error:
        if options.engine_kind is EngineKind.OPA or importlib.util.find_spec("regorus") is None:
            raise
        why = " ".join(str(error).split())
        notice = f"The embedded engine decided, because no OPA is available: {why}"
        return EmbeddedEngine(roots), (notice,)
    return managed(binary.path, roots), ()


def start_engine(
    options: EngineKindOptions, roots: Sequence[Path], progress: Progress
) -> tuple[Engine, tuple[str, ...]]:
    """Open an engine and enter it, saying what goes on; see `open_engine`. Leaving is the caller's.

    Raises what entering raises, too.
    """
    engine, notices = open_engine(options, roots, progress.note)
    for notice in notices:
        progress.note(notice)
    with progress.stage("Starting the policy engine"):
        engine.__enter__()
    return engine, notices


def _opa(progress: Callable[[str], None], *, offline: bool) -> OpaBinary:
    if not offline:
        return install_opa(progress)
    if found := find_opa():
        return found
    raise EngineError(
        "there is no OPA on this machine, and downloading one is turned off",
        remedy="Run `lakewarden opa install` once, put opa on PATH, or set LAKEWARDEN_OPA.",
    )


def _remote(options: EngineOptions, url: str, roots: Sequence[Path]) -> Engine:
    from lakewarden.engines.opa.connection import Tls  # noqa: PLC0415 -- slow import

    for file in (options.tls_ca, options.tls_cert, options.tls_key):
        if file is not None and not file.is_file():
            raise ConfigurationError("this TLS file does not exist", where=str(file))
    return remote(
        url,
        token=options.bearer_token(),
        tls=Tls(ca=options.tls_ca, cert=options.tls_cert, key=options.tls_key),
        policy_dirs=roots,
        trust_server_policies=options.trust_server_policies,
    )


def _reject_contradictions(options: EngineOptions) -> None:
    if options.url and options.engine_kind is EngineKind.EMBEDDED:
        raise ConfigurationError(
            "the embedded engine runs in this process and has no URL",
            where=options.url,
            remedy="Drop --opa-url (OPA_URL), or drop `--engine embedded`.",
        )
    if options.trust_server_policies and not options.url:
        raise ConfigurationError(
            "this option needs a running server, but none is named",
            where="--trust-server-policies",
            remedy="Name it with --opa-url or OPA_URL.",
        )
    if options.tls_key and not options.tls_cert:
        raise ConfigurationError(
            "there is a TLS key but no certificate", where=str(options.tls_key)
        )
