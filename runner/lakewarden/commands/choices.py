"""The options that several subcommands share, with the words of their help."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from lakewarden.model.errors import ConfigurationError
from lakewarden.resources import shipped_policies


class EngineKind(StrEnum):
    """Who decides."""

    OPA = "opa"
    EMBEDDED = "embedded"


_ENGINE = "Policy engine"

Policies = Annotated[
    list[Path] | None,
    typer.Option(
        "--policies",
        metavar="DIR",
        help="Add the policies of a folder that holds lakewarden/tables/<domain>/<policy>/. "
        "May be repeated.",
    ),
]
Kind = Annotated[
    EngineKind | None,
    typer.Option(
        "--engine",
        rich_help_panel=_ENGINE,
        help="opa: an OPA server, started for the run unless --opa-url names one. embedded: "
        "Regorus, in process. Without this option: opa, or embedded where no OPA can be had.",
    ),
]
OpaUrl = Annotated[
    str | None,
    typer.Option(
        "--opa-url",
        envvar="OPA_URL",
        metavar="URL",
        rich_help_panel=_ENGINE,
        help="Use the OPA server that runs there, for example http://127.0.0.1:8181",
    ),
]
OpaTokenFile = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        rich_help_panel=_ENGINE,
        help="File with the server's bearer token; else the variable OPA_TOKEN is used.",
    ),
]
OpaCaCert = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        rich_help_panel=_ENGINE,
        help="PEM file of the authority that signed the server's certificate.",
    ),
]
OpaCert = Annotated[
    Path | None,
    typer.Option(metavar="FILE", rich_help_panel=_ENGINE, help="PEM file of our certificate."),
]
OpaKey = Annotated[
    Path | None,
    typer.Option(metavar="FILE", rich_help_panel=_ENGINE, help="PEM file of its private key."),
]
Trust = Annotated[
    bool,
    typer.Option(
        "--trust-server-policies",
        rich_help_panel=_ENGINE,
        help="Let the server decide by its own policies even if they differ from the local ones.",
    ),
]
Push = Annotated[
    bool,
    typer.Option(
        "--push-policies",
        rich_help_panel=_ENGINE,
        help="Load the local policies into the server first.",
    ),
]


def policy_dirs(added: list[Path] | None) -> tuple[Path, ...]:
    """Return the bundle roots of a run: the shipped policies, then the user's."""
    for directory in added or ():
        if not any(directory.glob("lakewarden/**/*.rego")):
            raise ConfigurationError(
                f"there are no policies in {directory}",
                where="--policies",
                remedy="Name a folder that holds lakewarden/tables/<domain>/<policy>/.",
            )
    return (shipped_policies(), *(added or ()))


def token(file: Path | None, variable: str | None) -> str | None:
    """Return the OPA token, from the file if one is named, else from the variable's value."""
    if file is None:
        return _plain(variable, "OPA_TOKEN") if variable else None
    try:
        return _plain(file.read_text(encoding="utf-8").strip(), str(file))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            f"cannot be read: {error}", where=str(file), remedy="Check --opa-token-file."
        ) from error


def _plain(secret: str, where: str) -> str:
    """Return the token; raise `ConfigurationError` if it cannot stand in an HTTP header."""
    if not (secret.isascii() and secret.isprintable() and " " not in secret):
        raise ConfigurationError(
            "the token has characters that no bearer token may have",
            where=where,
            remedy="A token is one word of printable ASCII; look for a line break or a blank.",
        )
    return secret
