"""Which engine decides: what was asked for, or what can be had."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from msgspec import Struct

from lakewarden.engines.embedded import EmbeddedEngine
from lakewarden.engines.install.install import OpaBinary, find_opa, install_opa
from lakewarden.engines.interface import Engine
from lakewarden.engines.opa.managed import managed
from lakewarden.engines.opa.remote import remote
from lakewarden.model.errors import ConfigurationError, EngineError
from lakewarden.progress import Progress

Kind = Literal["opa", "embedded"]


class EngineOptions(Struct, frozen=True, kw_only=True):
    """What the user said about the engine.

    `kind` is None where nothing was said. With `url` a running OPA server is asked, and `token`,
    the three TLS files (the authority, our certificate, its key) and `trust_server_policies` are
    about it. `offline` forbids to fetch an OPA that is not on this machine.
    """

    policy_dirs: tuple[Path, ...]
    kind: Kind | None = None
    url: str | None = None
    token: str | None = None
    tls_ca: Path | None = None
    tls_cert: Path | None = None
    tls_key: Path | None = None
    trust_server_policies: bool = False
    offline: bool = False


def open_engine(
    options: EngineOptions, progress: Callable[[str], None]
) -> tuple[Engine, tuple[str, ...]]:
    """Return the engine, not yet entered, and what the report's reader should know about it.

    OPA decides unless `embedded` was asked for, or nothing was and no OPA can be had. Raises
    `ConfigurationError` for options that contradict each other, `EngineError` if there is no
    engine.
    """
    _reject_contradictions(options)
    if options.url:
        return _remote(options, options.url), ()
    if options.kind == "embedded":
        return EmbeddedEngine(options.policy_dirs), ()
    try:
        binary = _opa(options, progress)
    except EngineError as error:
        if options.kind == "opa" or importlib.util.find_spec("regorus") is None:
            raise
        why = " ".join(str(error).split())
        notice = f"The embedded engine decided, because no OPA could be had: {why}"
        return EmbeddedEngine(options.policy_dirs), (notice,)
    return managed(binary.path, options.policy_dirs), ()


def start_engine(options: EngineOptions, progress: Progress) -> tuple[Engine, tuple[str, ...]]:
    """Open an engine and enter it, saying what goes on; see `open_engine`. Leaving is the caller's.

    Raises what entering raises, too.
    """
    engine, notices = open_engine(options, progress.note)
    for notice in notices:
        progress.note(notice)
    with progress.stage("Starting the policy engine"):
        engine.__enter__()
    return engine, notices


def _opa(options: EngineOptions, progress: Callable[[str], None]) -> OpaBinary:
    if not options.offline:
        return install_opa(progress)
    if found := find_opa():
        return found
    raise EngineError(
        "there is no OPA on this machine, and none may be fetched",
        remedy="Run `lakewarden opa install` once, put opa on PATH, or set LAKEWARDEN_OPA.",
    )


def _remote(options: EngineOptions, url: str) -> Engine:
    from lakewarden.engines.opa.connection import Tls  # noqa: PLC0415 -- slow import

    for file in (options.tls_ca, options.tls_cert, options.tls_key):
        if file is not None and not file.is_file():
            raise ConfigurationError("this TLS file does not exist", where=str(file))
    return remote(
        url,
        token=options.token,
        tls=Tls(ca=options.tls_ca, cert=options.tls_cert, key=options.tls_key),
        policy_dirs=options.policy_dirs,
        trust_server_policies=options.trust_server_policies,
    )


def _reject_contradictions(options: EngineOptions) -> None:
    if options.url and options.kind == "embedded":
        raise ConfigurationError(
            "the embedded engine runs in this process and has no URL",
            where=options.url,
            remedy="Drop --opa-url (OPA_URL), or drop `--engine embedded`.",
        )
    if options.trust_server_policies and not options.url:
        raise ConfigurationError(
            "this is about a running server, and none is named",
            where="--trust-server-policies",
            remedy="Name it with --opa-url or OPA_URL.",
        )
    if options.tls_key and not options.tls_cert:
        raise ConfigurationError(
            "there is a key for TLS, but no certificate", where=str(options.tls_key)
        )
