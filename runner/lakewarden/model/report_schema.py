"""The report's published JSON Schema, generated from its types.

`python -m lakewarden.model.report_schema PATH` writes it; with `--check` before the path it only
says whether the file is up to date (exit 1 if not).
"""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import Struct

from lakewarden.model.decision import Decision, Exemption, Missing, Violation
from lakewarden.model.policy import Examples, Policy
from lakewarden.model.report import (
    Completeness,
    Digests,
    EngineInfo,
    Gate,
    Group,
    PolicyCounts,
    Run,
    Summary,
    TableReport,
    WaiverStanding,
)
from lakewarden.model.report_layout import ReportDocument
from lakewarden_collector.inventory import Failure

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"

_TYPES: Final[tuple[type[Struct], ...]] = (
    ReportDocument,
    Policy,
    Examples,
    TableReport,
    Decision,
    Violation,
    Exemption,
    Missing,
    Completeness,
    Failure,
    WaiverStanding,
    Summary,
    Group,
    PolicyCounts,
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
        raise TypeError(f"{of.__name__} is no class")
    for field, after in zip(body.body, body.body[1:], strict=False):
        match field, after:
            case (
                ast.AnnAssign(target=ast.Name(id=name)),
                ast.Expr(value=ast.Constant(value=str(text))),
            ):
                yield name, inspect.cleandoc(text)


def main(arguments: list[str]) -> int:
    """Write or check the file; return the exit code."""
    checking = arguments[:1] == ["--check"]
    if len(arguments) != 1 + checking:
        sys.stderr.write(f"{inspect.cleandoc(__doc__ or '')}\n")
        return 2
    path = Path(arguments[-1])
    if not checking:
        path.write_text(schema_text(), "utf-8")
        return 0
    if path.exists() and path.read_text("utf-8") == schema_text():
        return 0
    sys.stderr.write(f"{path} is out of date: generate it again without --check\n")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
