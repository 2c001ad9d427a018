"""The schemas that type what policies see, for `opa check --schema` and for editors.

`<root>/schemas/table.json` types `input`, one table document, and `waiver.json` types it for
policies about waivers. `<root>/schemas/settings.json` types
`data.lakewarden_run`: the clock and the settings of every domain. Both are generated, from the
documents' Python types and from each domain's `settings.schema.json`:

    python -m lakewarden.settings.rego_schemas [--check] [ROOT]

writes them under the bundle root ROOT (`policies`), or only says which are out of date (exit 1).
"""

from __future__ import annotations

import inspect
import json
import sys
from argparse import ArgumentParser
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from lakewarden.generated_files import generate_files
from lakewarden.settings.settings import load_schemas
from lakewarden.settings.waiver_document import document_schema
from lakewarden_collector.document import json_schema

FOLDER: Final = "schemas"
_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


def table_schema() -> dict[str, Any]:
    """Return the JSON Schema of a table document, its descriptions without indentation."""
    return _described(json_schema())


def waiver_schema() -> dict[str, Any]:
    """Return the JSON Schema of a waiver as policies about waivers see it."""
    return _described(document_schema())


def _described(stated: dict[str, Any]) -> dict[str, Any]:
    schema = {"$schema": _DIALECT, **stated}
    for definition in schema["$defs"].values():
        if "description" in definition:
            definition["description"] = inspect.cleandoc(definition["description"])
    return schema


def run_schema(domains: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return the JSON Schema of `data.lakewarden_run`, given the settings schema of each domain.

    Every object is closed, so that OPA's type checker refuses a setting that does not exist.
    """
    return {
        "$schema": _DIALECT,
        "title": "What policies see of the run",
        "type": "object",
        "additionalProperties": False,
        "required": ["now", "settings", "waived"],
        "properties": {
            "now": {"description": "The run's clock, RFC 3339 in UTC.", "type": "string"},
            "settings": {
                "description": "Each domain's settings, complete.",
                "type": "object",
                "additionalProperties": False,
                "required": sorted(domains),
                "properties": {name: _complete(domains[name]) for name in sorted(domains)},
            },
            "waived": {
                "description": "Ids of the policies for which an active waiver covers the table.",
                "type": "array",
                "items": {"type": "string"},
            },
        },
    }


def generate(root: Path, beside: Sequence[Path] = ()) -> dict[Path, str]:
    """Return the text of each generated schema under the bundle root, by its path.

    The domains are those of the roots `beside` it as well. Raises `ConfigurationError` for a
    domain whose settings schema cannot be read.
    """
    domains = load_schemas([*beside, root])
    return {
        root / FOLDER / name: json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
        for name, schema in schemas(domains).items()
    }


def schemas(domains: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return every schema by the name of its file, given the settings schema of each domain."""
    return {
        "table.json": table_schema(),
        "waiver.json": waiver_schema(),
        "settings.json": run_schema(domains),
    }


def stale(root: Path) -> list[Path]:
    """Return the generated schemas that are missing or differ from what would be generated."""
    return [
        path
        for path, text in generate(root).items()
        if not path.is_file() or path.read_text(encoding="utf-8") != text
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the schemas, or with `--check` name those that are out of date and return 1."""
    parser = ArgumentParser(description="Generate the schemas that type what policies see.")
    parser.add_argument("root", nargs="?", type=Path, default=Path("policies"))
    parser.add_argument("--check", action="store_true", help="only say what is out of date")
    options = parser.parse_args(arguments)
    return generate_files(generate(options.root), check=options.check)


def _complete(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Policies see settings with the defaults filled in: each key that has one is there."""
    names = [name for name, setting in schema["properties"].items() if "default" in setting]
    inner = {key: value for key, value in schema.items() if key != "$schema"}
    return inner | {"additionalProperties": False, "required": sorted(names)}


if __name__ == "__main__":
    sys.exit(main())
