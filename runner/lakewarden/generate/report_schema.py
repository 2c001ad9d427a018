"""The published JSON Schemas of reports, their lines, diffs and what-ifs, from their types.

`python -m lakewarden.generate.report_schema [--check] [FOLDER]` writes them, or only says whether
the files are up to date (exit 1 if not).
"""

from __future__ import annotations

import ast
import inspect
import sys
from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import Struct

from lakewarden.generated_files import generate_files
from lakewarden.model.baseline import (
    BacklogPart,
    Baseline,
    BaselineEntry,
    Ratchet,
    RenamedTable,
    Swap,
)
from lakewarden.model.decision import Decision, Exemption, Fix, Missing, PastFailure, Violation
from lakewarden.model.diff import (
    ChangeCount,
    ChangedViolation,
    DiffDocument,
    NewlyUndecided,
    RenamedTables,
    ReportSide,
    TableChanges,
    TableGroup,
)
from lakewarden.model.effect import (
    ChangedSetting,
    ChangedTerms,
    EffectDocument,
    OutcomeMove,
    PolicyEffect,
    PolicyTerms,
    RuleChanges,
    RuleSide,
    SweepDocument,
    SweepStep,
)
from lakewarden.model.history import History, LastingFailure, PastRun
from lakewarden.model.insight import (
    Amount,
    Change,
    Exempted,
    Governance,
    Insight,
    Lacking,
    LackingTable,
    Moved,
    WhatIf,
)
from lakewarden.model.judged_waivers import JudgedWaiver, JudgedWaivers
from lakewarden.model.policy import Examples, Policy, WhatIfAsked
from lakewarden.model.promises import Promise, Promises
from lakewarden.model.report import (
    Completeness,
    Digests,
    EngineInfo,
    FactLabel,
    Gate,
    Group,
    PolicyCounts,
    Run,
    Summary,
    TableReport,
)
from lakewarden.model.waiver import WaiverStatus
from lakewarden.renderers.ndjson import (
    DecisionLine,
    DefinitionLine,
    ExemptionLine,
    FixLine,
    MissingLine,
    PastFailureLine,
    RunLine,
    ViolationLine,
)
from lakewarden.report.layout import ReportDocument
from lakewarden_collector.document import Definition
from lakewarden_collector.inventory import Failure

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"

_TYPES: Final[tuple[type[Struct], ...]] = (
    ReportDocument,
    Policy,
    Examples,
    WhatIfAsked,
    TableReport,
    Definition,
    Decision,
    Violation,
    Fix,
    Exemption,
    Missing,
    PastFailure,
    Completeness,
    Failure,
    JudgedWaiver,
    JudgedWaivers,
    WaiverStatus,
    Summary,
    Group,
    PolicyCounts,
    FactLabel,
    Insight,
    Amount,
    Governance,
    Exempted,
    Lacking,
    LackingTable,
    WhatIf,
    Change,
    Moved,
    Promises,
    Promise,
    Baseline,
    BaselineEntry,
    BacklogPart,
    RenamedTable,
    Ratchet,
    Swap,
    History,
    PastRun,
    LastingFailure,
    Gate,
    Run,
    EngineInfo,
    Digests,
)

_DIFF: Final[tuple[type[Struct], ...]] = (
    DiffDocument,
    ReportSide,
    ChangedViolation,
    ChangeCount,
    NewlyUndecided,
    TableChanges,
    TableGroup,
    RenamedTables,
)

_EFFECT: Final[tuple[type[Struct], ...]] = (
    EffectDocument,
    RuleChanges,
    ChangedSetting,
    ChangedTerms,
    PolicyTerms,
    RuleSide,
    PolicyEffect,
    OutcomeMove,
    SweepDocument,
    SweepStep,
)

_LINES: Final[tuple[type[Struct], ...]] = (
    RunLine,
    DecisionLine,
    ViolationLine,
    FixLine,
    ExemptionLine,
    MissingLine,
    PastFailureLine,
    DefinitionLine,
)
"""The types of lines; every field of theirs is always there."""


def json_schema() -> dict[str, Any]:
    """Return the report's schema; docstrings of types and fields are its descriptions."""
    return _described("Lakewarden report", msgspec.json.schema(ReportDocument))


def line_schema() -> dict[str, Any]:
    """Return the schema of each line of the report as NDJSON."""
    schema = _described(
        "A line of a Lakewarden report as NDJSON", msgspec.json.schema(RunLine | DecisionLine)
    )
    for each in _LINES:
        definition = schema["$defs"][each.__name__]
        definition["required"] = list(definition["properties"])
        for described in definition["properties"].values():
            described.pop("default", None)
    return schema


def diff_schema() -> dict[str, Any]:
    """Return the schema of what `lakewarden diff --format json` writes."""
    return _described("Lakewarden diff", msgspec.json.schema(DiffDocument))


def effect_schema() -> dict[str, Any]:
    """Return the schema of what `lakewarden what-if --format json` writes."""
    return _described("Lakewarden what-if", msgspec.json.schema(EffectDocument))


def sweep_schema() -> dict[str, Any]:
    """Return the schema of what `lakewarden what-if --sweep … --format json` writes."""
    return _described("Lakewarden what-if sweep", msgspec.json.schema(SweepDocument))


def _described(title: str, schema: dict[str, Any]) -> dict[str, Any]:
    definitions = schema["$defs"]
    for definition in definitions.values():
        if "description" in definition:
            definition["description"] = inspect.cleandoc(definition["description"])
    for each in (*_TYPES, *_DIFF, *_EFFECT, *_LINES):
        if each.__name__ not in definitions:
            continue  # it's of the other schema
        properties = definitions[each.__name__]["properties"]
        for field, text in _field_docs(each):
            described = properties[field]
            if "$ref" in described:  # beside a reference, a description is the field's own
                properties[field] = {"allOf": [described], "description": text}
            else:
                described["description"] = text
    return {"$schema": DIALECT, "title": title, **schema}


def _text(schema: dict[str, Any]) -> str:
    text = msgspec.json.encode(schema, order="deterministic")
    return msgspec.json.format(text, indent=2).decode() + "\n"


def _field_docs(of: type[Struct]) -> Iterator[tuple[str, str]]:
    """Yield each field that a docstring follows in the source, with that text, inherited first."""
    for base in of.__bases__:
        if base is not Struct and issubclass(base, Struct):
            yield from _field_docs(base)
    body = ast.parse(inspect.getsource(of)).body[0]
    if not isinstance(body, ast.ClassDef):
        raise TypeError(f"{of.__name__} isn't a class")
    for field, after in zip(body.body, body.body[1:], strict=False):
        match field, after:
            case (
                ast.AnnAssign(target=ast.Name(id=name)),
                ast.Expr(value=ast.Constant(value=str(text))),
            ):
                yield name, inspect.cleandoc(text)


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the schemas, or with `--check` return 1 if one is out of date."""
    parser = ArgumentParser(description="Generate the JSON Schemas of reports, diffs and what-ifs.")
    parser.add_argument("folder", nargs="?", type=Path, default=Path("docs"))
    parser.add_argument("--check", action="store_true", help="only say whether they are up to date")
    options = parser.parse_args(arguments)
    texts = {
        options.folder / "report.schema.json": _text(json_schema()),
        options.folder / "report.ndjson.schema.json": _text(line_schema()),
        options.folder / "diff.schema.json": _text(diff_schema()),
        options.folder / "what-if.schema.json": _text(effect_schema()),
        options.folder / "what-if-sweep.schema.json": _text(sweep_schema()),
    }
    return generate_files(texts, check=options.check)


if __name__ == "__main__":
    sys.exit(main())
