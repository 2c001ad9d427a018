"""Lakewarden keeps a lakehouse's tables within their owners' rules.

This is all of the public API; the command line is made of the same pieces. A run takes tables from
an `Origin`, has an engine decide about them, writes reports, and returns the `Gate`:

    gate = evaluate(
        Options(
            origin=Origin(kind="inventory", location="inventory.ndjson"),
            engine=EngineOptions(policy_dirs=(shipped_policies(),)),
            reports=(ReportTarget(format="json", path=Path("report.json")),),
        ),
        Silent(),
    )

Every error is a `Problem`: what happened, where, and what to do about it.
"""

TYPE_CHECKING = False  # type checkers know the name; importing it would delay the command's start

if TYPE_CHECKING:
    from lakewarden.engines.choice import EngineOptions
    from lakewarden.model.errors import ConfigurationError, EngineError
    from lakewarden.model.report import Gate, Report, TableReport
    from lakewarden.origin import Origin, collect
    from lakewarden.progress import Progress, Silent
    from lakewarden.report.gate import Permission
    from lakewarden.report.recount import open_report
    from lakewarden.resources import shipped_policies
    from lakewarden.run import Options, ReportTarget, evaluate
    from lakewarden.version import __version__
    from lakewarden_collector.errors import Problem

__all__ = [
    "ConfigurationError",
    "EngineError",
    "EngineOptions",
    "Gate",
    "Options",
    "Origin",
    "Permission",
    "Problem",
    "Progress",
    "Report",
    "ReportTarget",
    "Silent",
    "TableReport",
    "__version__",
    "collect",
    "evaluate",
    "open_report",
    "shipped_policies",
]

if not TYPE_CHECKING:  # or a type checker would believe in every name
    _HOMES = {
        "ConfigurationError": "lakewarden.model.errors",
        "EngineError": "lakewarden.model.errors",
        "EngineOptions": "lakewarden.engines.choice",
        "Gate": "lakewarden.model.report",
        "Options": "lakewarden.run",
        "Origin": "lakewarden.origin",
        "Permission": "lakewarden.report.gate",
        "Problem": "lakewarden_collector.errors",
        "Progress": "lakewarden.progress",
        "Report": "lakewarden.model.report",
        "ReportTarget": "lakewarden.run",
        "Silent": "lakewarden.progress",
        "TableReport": "lakewarden.model.report",
        "__version__": "lakewarden.version",
        "collect": "lakewarden.origin",
        "evaluate": "lakewarden.run",
        "open_report": "lakewarden.report.recount",
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
