"""The options that several subcommands share, with the words of their help."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Final

import typer

from lakewarden.commands.terminal import stderr
from lakewarden.model.errors import ConfigurationError
from lakewarden.origin import SOURCES_HELP, Origin, parse_origin
from lakewarden.report.output_paths import Input
from lakewarden.resources import shipped_policies


class EngineKind(StrEnum):
    """Who decides."""

    OPA = "opa"
    EMBEDDED = "embedded"


LOCAL_POLICIES: Final = Path("policies")
"""A team's own policies, found like `./config`."""

ROUTER: Final = Path("lakewarden/main")
"""What only the product's own bundle root holds."""

TABLES = "Tables"
_ENGINE = "Policy engine"

Source = Annotated[
    str | None,
    typer.Option(
        metavar="KIND[:LOCATION]",
        rich_help_panel=TABLES,
        help=f"Collect from: {SOURCES_HELP}",
    ),
]
Inventory = Annotated[
    str | None,
    typer.Option(
        metavar="FILE",
        rich_help_panel=TABLES,
        help="Read what `lakewarden collect` wrote, or any NDJSON or JSON array of table "
        "documents; - for standard input.",
    ),
]
Tables = Annotated[
    list[str] | None,
    typer.Option(
        "--table",
        metavar="PATTERN",
        rich_help_panel=TABLES,
        help="Only tables whose full name matches, such as 'prod.*'. May be repeated.",
    ),
]
PolicyIds = Annotated[
    list[str] | None,
    typer.Option(
        "--policy",
        metavar="PATTERN",
        help="Only policies whose id matches, such as '*.key_limit'.",
    ),
]
Config = Annotated[
    Path | None,
    typer.Option(
        metavar="DIR",
        help="Folder with <domain>_config.yaml and waivers.yaml. Without it: ./config, else "
        "the defaults; the demo has settings of its own.",
    ),
]
Now = Annotated[
    str | None,
    typer.Option(
        metavar="RFC3339",
        help="Count ages and expiries from this time instead of the present, to replay a run.",
    ),
]

Policies = Annotated[
    list[Path] | None,
    typer.Option(
        "--policy-source",
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
        "Regorus, without a binary. Without this option: opa, or embedded where no OPA can be had.",
    ),
]
OpaUrl = Annotated[
    str | None,
    typer.Option(
        "--opa-url",
        envvar="OPA_URL",
        metavar="URL",
        rich_help_panel=_ENGINE,
        help="Use the OPA server that runs there, for example http://127.0.0.1:8181, "
        "https://opa.example.com or unix:///path/to/socket",
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


def origin(source: str | None, inventory: str | None) -> Origin:
    """Return where the tables come from, which has to be said once."""
    if (source is None) == (inventory is None):
        raise ConfigurationError(
            "say where the tables come from, once",
            where="--source or --inventory",
            remedy="Try --source demo, or see --help.",
        )
    if inventory is not None:
        return Origin(kind="inventory", location=inventory)
    return parse_origin(source or "")


def config_dir(named: Path | None) -> Path | None:
    """Return the folder that the user named, if any; it has to be there."""
    if named is not None and not named.is_dir():
        is_file = named.is_file()
        holds = f"{named.parent} is the folder of this file. " if is_file else ""
        raise ConfigurationError(
            f"{named} is a file" if is_file else f"there is no folder {named}",
            where="--config",
            remedy=f"{holds}Name the folder that holds <domain>_config.yaml and waivers.yaml.",
        )
    return named


def policy_dirs(added: list[Path] | None) -> tuple[Path, ...]:
    """Return the bundle roots of a run: the shipped policies, the user's, and `./policies`.

    A folder counts once, however it is named. Says on standard error that `./policies` is used.
    """
    for directory in added or ():
        if not _has_policies(directory):
            raise ConfigurationError(
                f"there are no policies in {directory}",
                where="--policy-source",
                remedy="Name a folder that holds lakewarden/tables/<domain>/<policy>/.",
            )
    roots = {path.resolve(): path for path in (shipped_policies(), *(added or ()))}
    if _has_policies(LOCAL_POLICIES) and LOCAL_POLICIES.resolve() not in roots:
        if (LOCAL_POLICIES / ROUTER).is_dir():
            stderr().print(
                "Not using ./policies: it holds Lakewarden's own, and the installed ones decide"
            )
        else:
            stderr().print("Also using the policies in ./policies")
            roots[LOCAL_POLICIES.resolve()] = LOCAL_POLICIES
    return tuple(roots.values())


def _has_policies(directory: Path) -> bool:
    return any(directory.glob("lakewarden/**/*.rego"))


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


def inputs(
    origin: Origin,
    *,
    config: Path | None = None,
    policy_dirs: Sequence[Path] = (),
    files: Mapping[str, Path | None] = MappingProxyType({}),
) -> list[Input]:
    """Return what a run reads, so that no output is written over it.

    `files` has other files, by what they are in a message.
    """
    found = [Input(what=what, path=path) for what, path in files.items() if path is not None]
    if origin.kind == "inventory":
        path = 0 if origin.location == "-" else Path(origin.location)
        found.append(Input(what="the inventory", path=path))
    elif origin.location and "://" not in origin.location:
        found.append(Input(what="the source's list of tables", path=Path(origin.location)))
    found += [
        Input(what="the policies in", path=folder, below=("lakewarden/*", "lakewarden/**/*"))
        for folder in policy_dirs
    ]
    settings = ("*_config.yaml", "waivers.yaml")
    found.append(Input(what="the settings in", path=config or Path("config"), below=settings))
    return found
