"""Options that say what is collected from a Databricks workspace, and at what cost."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer
from msgspec import structs

from lakewarden.model.errors import ConfigurationError
from lakewarden.origin import Origin
from lakewarden_collector import patterns
from lakewarden_collector.sources.databricks.options import DatabricksOptions

PANEL: Final = "Databricks (--source or --with databricks)"

_AGE: Final = re.compile(r"(\d{1,6})\s*([mhd])")
_UNITS: Final = {"m": "minutes", "h": "hours", "d": "days"}
_OLDEST: Final = timedelta(days=36_500)
_PARTIAL: Final = ".partial"
_QUOTED: Final = re.compile(r"`[^`]*`")
_DIGITS: Final = 9


class EvidenceMode(StrEnum):
    """Which evidence is collected that costs statements."""

    ON_DEMAND = "on-demand"
    ALL = "all"
    NONE = "none"


def parse_age(text: str) -> timedelta:
    """Read 30m, 24h or 7d; raises `ConfigurationError`."""
    found = _AGE.fullmatch(text.strip())
    value = timedelta(**{_UNITS[found[2]]: int(found[1])}) if found else None
    if value is None or value > _OLDEST:
        raise ConfigurationError(
            f"{text!r} isn't a valid duration",
            where="--max-age",
            remedy="Write, for example, 30m, 24h or 7d.",
        )
    return value


def parse_count(text: str) -> int:
    """Read a number of statements; raises `ConfigurationError`."""
    if not (text.isascii() and text.isdigit() and len(text) <= _DIGITS):
        raise ConfigurationError(
            f"{text!r} isn't a number of statements",
            where="--max-statements",
            remedy="Write a whole number, for example 500; 0 sends none.",
        )
    return int(text)


@dataclass(frozen=True, kw_only=True)
class WorkspaceScopeOptions:
    """Which workspace, and which of its tables."""

    profiles: Annotated[
        tuple[str, ...],
        typer.Option(
            "--profile",
            metavar="NAME",
            rich_help_panel=PANEL,
            help="Profile of the Databricks configuration file; without it, the SDK's default and "
            "the environment. Repeat it to collect several workspaces.",
        ),
    ] = ()
    warehouse_id: Annotated[
        str | None,
        typer.Option(
            metavar="ID",
            rich_help_panel=PANEL,
            help="SQL warehouse for sizes, reads and tags; default: DATABRICKS_WAREHOUSE_ID or the "
            "profile's warehouse_id. A 2X-Small one is enough.",
        ),
    ] = None
    include: Annotated[
        tuple[str, ...],
        typer.Option(
            metavar="PATTERN",
            rich_help_panel=PANEL,
            help="Only tables whose full name matches, such as 'prod.*'; the rest isn't even "
            "listed. May be repeated.",
        ),
    ] = ()
    exclude: Annotated[
        tuple[str, ...],
        typer.Option(
            metavar="PATTERN",
            rich_help_panel=PANEL,
            help="Leave out tables whose full name matches, such as '*.tmp.*'. May be repeated.",
        ),
    ] = ()

    def applied_to(self, origin: Origin) -> Origin:
        """Return the origin with what is asked of its workspace.

        Raises `ConfigurationError` for an option that the origin's kind can't follow.
        """
        if origin.source_kind != "databricks":
            self._refuse_all(origin)
            return origin
        return structs.replace(origin, workspace=self._scope())

    def _scope(self) -> DatabricksOptions:
        _refuse_patterns("--include", self.include)
        _refuse_patterns("--exclude", self.exclude)
        return DatabricksOptions(
            profiles=tuple(dict.fromkeys(self.profiles)),
            warehouse_id=self.warehouse_id or None,
            include=self.include,
            exclude=self.exclude,
        )

    def _refuse_all(self, origin: Origin) -> None:
        for each in fields(self):
            if getattr(self, each.name) not in (each.default, ""):
                option = "profile" if each.name == "profiles" else each.name
                raise ConfigurationError(
                    f"means nothing to {origin}",
                    where=f"--{option.replace('_', '-')}",
                    remedy="It belongs to --source databricks and --with databricks.",
                )


@dataclass(frozen=True, kw_only=True)
class WorkspaceOptions(WorkspaceScopeOptions):
    """Which workspace, which of its tables, and which evidence."""

    evidence: Annotated[
        EvidenceMode,
        typer.Option(
            rich_help_panel=PANEL,
            help="on-demand: what decisions need, only for the tables that need it. all: "
            "everything for every table. none: only the listing.",
        ),
    ] = EvidenceMode.ON_DEMAND
    max_statements: Annotated[
        int | None,
        typer.Option(
            metavar="NUMBER",
            parser=parse_count,
            rich_help_panel=PANEL,
            help="Send at most this many SQL statements, for the most read and largest tables "
            "first.",
        ),
    ] = None
    reuse: Annotated[
        Path | None,
        typer.Option(
            metavar="INVENTORY",
            rich_help_panel=PANEL,
            help="Reuse sizes from a previous inventory that are fresh and far from a threshold.",
        ),
    ] = None
    max_age: Annotated[
        timedelta,
        typer.Option(
            metavar="AGE",
            parser=parse_age,
            show_default=False,
            rich_help_panel=PANEL,
            help="Maximum age of a reused size: 30m, 7d; by default 24h.",
        ),
    ] = timedelta(hours=24)
    resume: Annotated[
        bool,
        typer.Option(
            "--resume",
            rich_help_panel=PANEL,
            help="Continue an interrupted collection, or start one if there is none.",
        ),
    ] = False

    def applied_to(
        self, origin: Origin, inventory: Path | None = None, tables: Sequence[str] = ()
    ) -> Origin:
        """Return the origin with what is asked of its workspace.

        `inventory` is the file that is being made. What is written to a pipe or a device isn't
        kept until it is whole, so it has no journal. `tables` are the patterns of the tables that
        are evaluated: others would cost statements for nothing. Raises `ConfigurationError` for an
        option that the origin's kind can't follow.
        """
        if origin.beside is not None and origin.beside.source_kind == "databricks":
            return structs.replace(origin, beside=self._asked_by_plan(origin.beside, inventory))
        scoped = super().applied_to(origin)
        if scoped.source_kind != "databricks":
            return scoped
        file = None if inventory is None else _regular(inventory)
        if self.resume and file is None:
            raise ConfigurationError(
                "there is nothing to continue: a collection can be resumed if it has a file",
                where="--resume",
                remedy="Name the file: -o FILE of `collect`, --save-inventory FILE of `evaluate`.",
            )
        if self.reuse is None and self.max_age != WorkspaceOptions.max_age:
            raise ConfigurationError(
                "limits the age of reused sizes, but nothing is reused",
                where="--max-age",
                remedy="Name the previous inventory with --reuse, or leave --max-age out.",
            )
        options = structs.replace(
            self._scope(),
            include=self.include or tuple(tables),
            evidence=self.evidence.value,
            max_statements=self.max_statements,
            reuse=self.reuse,
            max_age=self.max_age,
            journal=file.with_name(file.name + _PARTIAL) if file else None,
            resume=self.resume,
        )
        return structs.replace(scoped, workspace=options)

    def _asked_by_plan(self, estate: Origin, inventory: Path | None) -> Origin:
        """Return the workspace that a plan changes; only the tables of the plan are asked for."""
        for option, texts in (("--include", self.include), ("--exclude", self.exclude)):
            if texts:
                raise ConfigurationError(
                    "means nothing with --with databricks: the plan names the tables",
                    where=option,
                    remedy="Leave it out, or narrow the run with --table.",
                )
        return self.applied_to(estate, inventory)


def _refuse_patterns(option: str, texts: Sequence[str]) -> None:
    """Refuse what has a meaning elsewhere only: an exclusion would silently leave nothing out."""
    for text in texts:
        if found := patterns.fault(_QUOTED.sub("", text)):
            raise ConfigurationError(
                f"a pattern can't have {found}",
                where=f"{option} {text}",
                remedy=f"{patterns.REMEDY} Put a name with such characters between back quotes.",
            )


def _regular(path: Path) -> Path | None:
    """Return the file that a path leads to; None where it is a pipe or a device."""
    if path.exists() and not path.is_file():
        return None
    return path.resolve() if path.is_symlink() else path
