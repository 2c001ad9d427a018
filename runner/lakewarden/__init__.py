"""Lakewarden keeps a lakehouse's tables within their owners' rules.

This is all of the public API; the command line is made of the same pieces. The options are those of
`lakewarden evaluate`, in groups. A run takes tables in, has an engine decide about them, writes
reports, and returns the `Gate`:

    gate = evaluate(
        Options(
            tables=TableOptions(inventory="inventory.ndjson"),
            reports=ReportOptions(
                reports=(ReportTarget(format=Format.JSON, path=Path("report.json")),)
            ),
        ),
        Silent(),
    )

Every error is a `Problem`: what happened, where, and what to do about it.
"""

TYPE_CHECKING = False  # type checkers know the name; importing it would delay the command's start

if TYPE_CHECKING:
    from lakewarden.engines.choice import EngineKind, EngineOptions
    from lakewarden.model.decision import Severity
    from lakewarden.model.errors import ConfigurationError, EngineError
    from lakewarden.model.report import Gate, Report, TableReport
    from lakewarden.options import ClockOptions, Options
    from lakewarden.options.policies import PolicyOptions
    from lakewarden.options.reports import GateOptions, ReportOptions, ReportTarget
    from lakewarden.options.tables import TableOptions
    from lakewarden.options.workspace import WorkspaceOptions
    from lakewarden.origin import Origin, collect
    from lakewarden.policy_sources.source import FolderSource, PolicySource, parse_policy_source
    from lakewarden.progress import Progress, Silent
    from lakewarden.renderers import Format
    from lakewarden.report.gate import Permission
    from lakewarden.report.recount import open_report
    from lakewarden.resources import shipped_policies
    from lakewarden.run import evaluate
    from lakewarden.version import __version__
    from lakewarden_collector.errors import Problem

__all__ = [
    "ClockOptions",
    "ConfigurationError",
    "EngineError",
    "EngineKind",
    "EngineOptions",
    "FolderSource",
    "Format",
    "Gate",
    "GateOptions",
    "Options",
    "Origin",
    "Permission",
    "PolicyOptions",
    "PolicySource",
    "Problem",
    "Progress",
    "Report",
    "ReportOptions",
    "ReportTarget",
    "Severity",
    "Silent",
    "TableOptions",
    "TableReport",
    "WorkspaceOptions",
    "__version__",
    "collect",
    "evaluate",
    "open_report",
    "parse_policy_source",
    "shipped_policies",
]

if not TYPE_CHECKING:  # or a type checker would believe in every name
    _HOMES = {
        "ClockOptions": "lakewarden.options",
        "ConfigurationError": "lakewarden.model.errors",
        "EngineError": "lakewarden.model.errors",
        "EngineKind": "lakewarden.engines.choice",
        "EngineOptions": "lakewarden.engines.choice",
        "FolderSource": "lakewarden.policy_sources.source",
        "Format": "lakewarden.renderers",
        "Gate": "lakewarden.model.report",
        "GateOptions": "lakewarden.options.reports",
        "Options": "lakewarden.options",
        "Origin": "lakewarden.origin",
        "Permission": "lakewarden.report.gate",
        "PolicyOptions": "lakewarden.options.policies",
        "PolicySource": "lakewarden.policy_sources.source",
        "Problem": "lakewarden_collector.errors",
        "Progress": "lakewarden.progress",
        "Report": "lakewarden.model.report",
        "ReportOptions": "lakewarden.options.reports",
        "ReportTarget": "lakewarden.options.reports",
        "Severity": "lakewarden.model.decision",
        "Silent": "lakewarden.progress",
        "TableOptions": "lakewarden.options.tables",
        "TableReport": "lakewarden.model.report",
        "WorkspaceOptions": "lakewarden.options.workspace",
        "__version__": "lakewarden.version",
        "collect": "lakewarden.origin",
        "evaluate": "lakewarden.run",
        "open_report": "lakewarden.report.recount",
        "parse_policy_source": "lakewarden.policy_sources.source",
        "shipped_policies": "lakewarden.resources",
    }

    def __getattr__(name: str) -> object:
        """Import what is asked for alone: the command line begins with this module."""
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module  # noqa: PLC0415 -- as above

        return getattr(import_module(_HOMES[name]), name)

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})
