"""Schemas of the files that a team edits, for editors: they complete, explain and check a key.

    python -m lakewarden.generate.editor_schemas [--check] [ROOT [OUT]]

writes `OUT/<domain>_config.schema.json` for every domain of the bundle root ROOT (`policies`), and
`OUT/waivers.schema.json` (OUT is `config/schemas`); with `--check` it only says which are out of
date (exit 1). A YAML file names its schema in its first line:

    # yaml-language-server: $schema=schemas/waivers.schema.json

They are of draft 7, which every YAML editor knows; the domains' own schemas are of draft 2020-12.
"""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from lakewarden.generated_files import generate_files
from lakewarden.kit.policy_docs import Described, Root, read_roots
from lakewarden.model.waiver import WaiverKind
from lakewarden.settings.file_schema import BY_POLICY, file_schema
from lakewarden.settings.waivers import Waiver
from lakewarden_collector import patterns
from lakewarden_collector.errors import Problem

_MAPS = ("properties", "patternProperties", "$defs", "dependentSchemas")
_LISTS = ("allOf", "anyOf", "oneOf", "prefixItems")
_INNER = (
    *("items", "additionalProperties", "contains", "not", "if", "then", "else"),
    "propertyNames",
)


def as_draft7(schema: Any) -> Any:  # noqa: ANN401 -- a schema is an object, true or false
    """Return the schema in the words of draft 7.

    A list with a type for each place is `prefixItems` in the newer draft and `items` in the
    older, whose editors take `items: false` beside it for a ban on all members.
    """
    if not isinstance(schema, dict):
        return schema
    converted = {key: _inner(key, value) for key, value in schema.items() if key != "$schema"}
    if "prefixItems" in converted:
        rest = converted.pop("items", True)
        converted |= {"items": converted.pop("prefixItems"), "additionalItems": rest}
    return converted


def _inner(key: str, value: Any) -> Any:  # noqa: ANN401 -- any part of a schema
    if key in _MAPS and isinstance(value, dict):
        return {name: as_draft7(each) for name, each in value.items()}
    if key in _LISTS and isinstance(value, list):
        return [as_draft7(each) for each in value]
    return as_draft7(value) if key in _INNER else value


FOLDER: Final = "schemas"
_SUFFIX: Final = ".schema.json"
_DIALECT: Final = "http://json-schema.org/draft-07/schema#"
_SAID: Final = {"type": "string", "pattern": r"\S"}
_RESERVED: Final = "".join(f"\\{each}" for each in sorted(patterns.RESERVED))
# A pattern cannot tell that a month has no such day: that is found when the file is read.
_TIME: Final = (
    r"^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])"
    r"(T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?Z)?$"
)

_WAIVER: Final[dict[str, dict[str, Any]]] = {
    "policy": {
        "description": "The policy that the tables are exempt from, such as `policies list` "
        "shows it."
    },
    "table": {"type": "string", "description": "The exact full name of one table."},
    "pattern": {
        "type": "string",
        "pattern": f"^[^{_RESERVED}]*$",
        "description": "In place of `table`: a pattern over full names; `*` stands for any "
        "characters, dots too, `?` for one.",
    },
    "reason": _SAID | {"description": "Why the tables are better off without it."},
    "owner": _SAID | {"description": "Who answers for the tables."},
    "approved_by": _SAID | {"description": "Who agreed to the exception."},
    "ticket": {"type": "string", "description": "Where that was written down. May be left out."},
    "kind": {
        "enum": list(WaiverKind),
        "default": WaiverKind.ACCEPTED,
        "description": "What the failure is: accepted (there, and lived with), mitigated (there, "
        "and something else makes up for it) or false_positive (not there).",
    },
    "starts": {
        "type": "string",
        "pattern": _TIME,
        "description": "The first day on which it holds, such as 2027-01-01, or a time in UTC. "
        "Without it, it holds until it expires.",
    },
    "expires": {
        "type": "string",
        "pattern": _TIME,
        "description": "The last day on which it holds, such as 2027-06-30, or a time in UTC.",
    },
}


def schemas(root: Root) -> dict[str, dict[str, Any]]:
    """Return each editor schema by the name of its file."""
    found = {
        f"{domain}_config{_SUFFIX}": settings_schema(schema, root.domains.get(domain, ()))
        for domain, schema in root.schemas.items()
    }
    ids = [each.policy.policy_id for each in root.policies if not each.policy.is_about_waivers]
    return found | {f"waivers{_SUFFIX}": waivers_schema(ids)}


def settings_schema(schema: Mapping[str, Any], policies: Sequence[Described]) -> dict[str, Any]:
    """Return the editor schema of a domain's settings file."""
    whole: dict[str, Any] = as_draft7(file_schema(dict(schema), [each.name for each in policies]))
    titles = {each.name: each.policy.title for each in policies}
    for level in (whole, whole["properties"]["overrides"]["items"]):
        for key in BY_POLICY:
            choices = level["properties"][key]["properties"]
            level["properties"][key]["properties"] = {
                name: choice | {"description": titles[name]} for name, choice in choices.items()
            }
    return {"$schema": _DIALECT} | whole


def waivers_schema(policy_ids: Sequence[str]) -> dict[str, Any]:
    """Return the editor schema of `waivers.yaml`, given the ids of all policies.

    Raises `LookupError` if a waiver has a field that is not explained here, or lacks one that is.
    """
    fields = msgspec.structs.fields(Waiver)
    if {field.name for field in fields} != _WAIVER.keys():
        raise LookupError(f"the fields of a waiver are {sorted(field.name for field in fields)}")
    policy = _WAIVER["policy"] | {"enum": list(policy_ids)}
    waiver = {
        "type": "object",
        "additionalProperties": False,
        "required": [field.name for field in fields if field.required],
        "oneOf": [{"required": ["table"]}, {"required": ["pattern"]}],
        "properties": _WAIVER | {"policy": policy},
    }
    return {
        "$schema": _DIALECT,
        "title": "Waivers",
        "description": "Approved exceptions: their tables are exempt from a policy, for a time.",
        "type": "object",
        "additionalProperties": False,
        "properties": {"waivers": {"type": ["array", "null"], "items": waiver}},
    }


def generate(roots: Sequence[Path], out: Path) -> dict[Path, str]:
    """Return the text of every editor schema for the bundle roots together, by its path.

    Raises `ConfigurationError` for policies or schemas that cannot be read.
    """
    return {
        out / name: json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
        for name, schema in schemas(read_roots(roots)).items()
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the schemas, or with `--check` name those that are out of date and return 1."""
    parser = ArgumentParser(description="Generate the schemas for editors.")
    parser.add_argument("root", nargs="?", type=Path, default=Path("policies"))
    parser.add_argument("out", nargs="?", type=Path, default=Path("config") / FOLDER)
    parser.add_argument("--check", action="store_true", help="only say what is out of date")
    options = parser.parse_args(arguments)
    try:
        texts = generate([options.root], options.out)
    except Problem as problem:
        sys.stderr.write(f"{problem}\n")
        return 1
    gone = [path for path in sorted(options.out.glob(f"*{_SUFFIX}")) if path not in texts]
    return generate_files(texts, gone, check=options.check)


if __name__ == "__main__":
    sys.exit(main())
