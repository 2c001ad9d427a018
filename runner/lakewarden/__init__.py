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

from lakewarden.engines.choice import EngineOptions
from lakewarden.model.errors import ConfigurationError, EngineError
from lakewarden.model.gate import Permission
from lakewarden.model.report import Gate, Report, TableReport
from lakewarden.model.report_file import open_report
from lakewarden.origin import Origin, collect
from lakewarden.progress import Progress, Silent
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
