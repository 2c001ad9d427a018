"""The report's published JSON Schema, generated from its types.

`python -m lakewarden.generate.report_schema [--check] [PATH]` writes it, or only says whether the
file is up to date (exit 1 if not).
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
from lakewarden.model.decision import Decision, Exemption, Fix, Missing, PastFailure, Violation
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
    WaiverStatus,
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
    History,
    PastRun,
    LastingFailure,
    Gate,
    Run,
    EngineInfo,
    Digests,
)


def json_schema() -> dict[str, Any]:
    """Return the schema; docstrings of types and fields are its descriptions."""
    schema = msgspec.json.schema(ReportDocument)
    definitions = schema["$defs"]
    for definition in definitions.values():
        if "description" in definition:
            definition["description"] = inspect.cleandoc(definition["description"])
    for each in _TYPES:
        properties = definitions[each.__name__]["properties"]
        for field, text in _field_docs(each):
            described = properties[field]
            if "$ref" in described:  # beside a reference, a description is the field's own
                properties[field] = {"allOf": [described], "description": text}
            else:
                described["description"] = text
    return {"$schema": DIALECT, "title": "Lakewarden report", **schema}


def schema_text() -> str:
    """Return the schema as the file holds it."""
    text = msgspec.json.encode(json_schema(), order="deterministic")
    return msgspec.json.format(text, indent=2).decode() + "\n"


def _field_docs(of: type[Struct]) -> Iterator[tuple[str, str]]:
    """Yield each field that a docstring follows in the source, with that text."""
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
    """Write the schema, or with `--check` return 1 if it is out of date."""
    parser = ArgumentParser(description="Generate the JSON Schema of the report.")
    parser.add_argument("path", nargs="?", type=Path, default=Path("docs/report.schema.json"))
    parser.add_argument("--check", action="store_true", help="only say whether it is out of date")
    options = parser.parse_args(arguments)
    return generate_files({options.path: schema_text()}, check=options.check)


if __name__ == "__main__":
    sys.exit(main())
