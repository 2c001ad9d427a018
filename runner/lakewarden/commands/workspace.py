"""The options that say what is collected from a Databricks workspace, and at what cost."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
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

PANEL: Final = "Databricks (--source databricks)"
MAX_AGE: Final = "24h"


class EvidenceMode(StrEnum):
    """Which evidence is collected that costs statements."""

    ON_DEMAND = "on-demand"
    ALL = "all"
    NONE = "none"


Profile = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME",
        rich_help_panel=PANEL,
        help="Profile of the Databricks configuration file. May be repeated: several workspaces in "
        "one inventory. Without it, the SDK's default and the environment.",
    ),
]
WarehouseId = Annotated[
    str | None,
    typer.Option(
        metavar="ID",
        rich_help_panel=PANEL,
        help="SQL warehouse for sizes, reads and tags; else DATABRICKS_WAREHOUSE_ID or the "
        "profile's warehouse_id. A 2X-Small one is enough.",
    ),
]
Include = Annotated[
    list[str] | None,
    typer.Option(
        metavar="PATTERN",
        rich_help_panel=PANEL,
        help="Only tables whose full name matches, such as 'prod.*'; the rest is not even listed. "
        "May be repeated.",
    ),
]
Exclude = Annotated[
    list[str] | None,
    typer.Option(
        metavar="PATTERN",
        rich_help_panel=PANEL,
        help="Leave out tables whose full name matches, such as '*.tmp.*'. May be repeated.",
    ),
]
EvidenceChoice = Annotated[
    EvidenceMode,
    typer.Option(
        "--evidence",
        rich_help_panel=PANEL,
        help="on-demand: what decisions lack, for those tables alone. all: everything for every "
        "table. none: the listing only.",
    ),
]
MaxStatements = Annotated[
    int | None,
    typer.Option(
        metavar="N",
        min=0,
        rich_help_panel=PANEL,
        help="Send no more SQL statements than this, for the most read and largest tables first.",
    ),
]
Reuse = Annotated[
    Path | None,
    typer.Option(
        metavar="INVENTORY",
        rich_help_panel=PANEL,
        help="Take over sizes of an earlier inventory that are fresh and far from a threshold.",
    ),
]
MaxAge = Annotated[
    str,
    typer.Option(
        metavar="AGE",
        rich_help_panel=PANEL,
        help="How old a size may be to be reused: 30m, 24h, 7d.",
    ),
]
Resume = Annotated[
    bool,
    typer.Option(
        "--resume",
        rich_help_panel=PANEL,
        help="Continue a collection that was interrupted; without one, begin.",
    ),
]
MinCoverage = Annotated[
    str | None,
    typer.Option(
        metavar="SHARE",
        rich_help_panel="Gate",
        help="Do not gate on tables that could not be read if this share of all known ones was "
        "evaluated: 0.95 or 95%.",
    ),
]

_AGE: Final = re.compile(r"(\d{1,6})\s*([mhd])")
_UNITS: Final = {"m": "minutes", "h": "hours", "d": "days"}
_OLDEST: Final = timedelta(days=36_500)
_PARTIAL: Final = ".partial"
_QUOTED: Final = re.compile(r"`[^`]*`")


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What the user asked of a workspace, as written on the command line."""

    profile: list[str] | None
    warehouse_id: str | None
    include: list[str] | None
    exclude: list[str] | None
    tables: list[str] | None = None
    """Which tables are evaluated, of any source: others would cost statements for nothing."""
    evidence: EvidenceMode = EvidenceMode.ON_DEMAND
    max_statements: int | None = None
    reuse: Path | None = None
    max_age: str = MAX_AGE
    resume: bool = False

    def of(self, origin: Origin, inventory: Path | None) -> Origin:
        """Return the origin with what was asked; `inventory` is the file that is being made.

        What is written to a pipe or a device is not kept until it is whole, so it has no journal.
        Raises `ConfigurationError` for an option that the origin's kind cannot follow.
        """
        if origin.kind != "databricks":
            self._refuse_all(origin)
            return origin
        file = None if inventory is None else _regular(inventory)
        if self.resume and file is None:
            raise ConfigurationError(
                "there is nothing to continue: a collection can be resumed if it has a file",
                where="--resume",
                remedy="Name the file: -o FILE of `collect`, --save-inventory FILE of `evaluate`.",
            )
        _refuse_patterns("--include", self.include or ())
        _refuse_patterns("--exclude", self.exclude or ())
        max_age = age(self.max_age)
        if self.reuse is None and self.max_age != MAX_AGE:
            raise ConfigurationError(
                "says how old a size may be, and nothing is reused",
                where="--max-age",
                remedy="Name the earlier inventory with --reuse, or leave --max-age out.",
            )
        journal = file.with_name(file.name + _PARTIAL) if file else None
        options = DatabricksOptions(
            profiles=tuple(dict.fromkeys(self.profile or ())),
            warehouse_id=self.warehouse_id or None,
            include=tuple(self.include or self.tables or ()),
            exclude=tuple(self.exclude or ()),
            evidence=self.evidence.value,
            max_statements=self.max_statements,
            reuse=self.reuse,
            max_age=max_age,
            journal=journal,
            resume=self.resume,
        )
        return structs.replace(origin, workspace=options)

    def _refuse_all(self, origin: Origin) -> None:
        given = {
            "--profile": self.profile,
            "--warehouse-id": self.warehouse_id,
            "--include": self.include,
            "--exclude": self.exclude,
            "--evidence": self.evidence is not EvidenceMode.ON_DEMAND,
            "--max-statements": self.max_statements is not None,
            "--reuse": self.reuse,
            "--max-age": self.max_age != MAX_AGE,
            "--resume": self.resume,
        }
        for option, value in given.items():
            if value:
                raise ConfigurationError(
                    f"means nothing to {origin}",
                    where=option,
                    remedy="It belongs to --source databricks.",
                )


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


def age(text: str) -> timedelta:
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


def share(text: str | None) -> float | None:
    """Read 0.95 or 95%; raises `ConfigurationError`."""
    if text is None:
        return None
    number = text.strip()
    try:
        value = float(number.removesuffix("%")) / (100 if number.endswith("%") else 1)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise ConfigurationError(
            f"{text!r} isn't a share of the tables",
            where="--min-coverage",
            remedy="Write a number from 0 to 1, or a percentage: 0.95 or 95%.",
        )
    return value
