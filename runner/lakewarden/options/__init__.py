"""What can be asked of a run: each option once, as the command line's, its help and Python's.

A class is a group of options. A field is annotated with the option's name and help, and typed as a
program wants it: what is written on the command line or in a project file is read by `parser`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated

import typer

from lakewarden.engines.choice import EngineOptions
from lakewarden.model.clock import parse_clock
from lakewarden.options.policies import PolicyOptions
from lakewarden.options.reports import GateOptions, ReportOptions
from lakewarden.options.tables import TableOptions
from lakewarden.options.workspace import WorkspaceOptions
from lakewarden.origin import Origin


@dataclass(frozen=True, kw_only=True)
class ClockOptions:
    """When a run takes place."""

    now: Annotated[
        str | None,
        typer.Option(
            metavar="TIME",
            parser=parse_clock,
            rich_help_panel="Comparing and replaying",
            help="Count ages and expiries from this RFC 3339 time, to replay a run.",
        ),
    ] = None
    """RFC 3339 time in UTC; None means the present."""


@dataclass(frozen=True, kw_only=True)
class Options:
    """One run: which tables, decided by what, reported where, and when it fails."""

    tables: TableOptions
    policies: PolicyOptions = field(default_factory=PolicyOptions)
    reports: ReportOptions = field(default_factory=ReportOptions)
    gate: GateOptions = field(default_factory=GateOptions)
    workspace: WorkspaceOptions = field(default_factory=WorkspaceOptions)
    engine: EngineOptions = field(default_factory=EngineOptions)
    clock: ClockOptions = field(default_factory=ClockOptions)

    @property
    def origin(self) -> Origin:
        """Where the tables come from, with what is asked of a workspace.

        Raises `ConfigurationError` for options that contradict each other.
        """
        return self.workspace.applied_to(
            self.tables.origin(), self.reports.save_inventory, self.tables.tables
        )
