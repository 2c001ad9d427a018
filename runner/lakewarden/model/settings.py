"""The settings of each domain: `<domain>_config.yaml`, typed by the domain's own schema.

A domain is whatever has a `settings.schema.json` (JSON Schema, draft 2020-12) in its policy
folder: its types, defaults and descriptions. One key is the same in every domain and handled
here: `enforcement`, a map from a policy's name to mandatory or advisory.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec
from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError, ValidationError
from msgspec import Struct

from lakewarden.model.decision import Enforcement
from lakewarden.model.errors import ConfigurationError
from lakewarden.model.policy import Policy
from lakewarden.model.yaml_file import YamlFile, read_yaml

SCHEMA_FILE: Final = "settings.schema.json"
_SUFFIX: Final = "_config.yaml"
_ENFORCEMENT: Final[dict[str, Any]] = {
    "type": "object",
    "description": "policy name to mandatory or advisory",
    "additionalProperties": {"enum": [str(value) for value in Enforcement]},
}


class Settings(Struct, frozen=True, kw_only=True):
    """Every domain's settings with the defaults filled in, as the policies see them."""

    values: dict[str, dict[str, Any]]
    files: dict[str, YamlFile]
    """Domain to the file its settings came from; absent where the defaults alone apply."""

    def enforce(self, policies: Sequence[Policy]) -> tuple[Policy, ...]:
        """Return the policies with the enforcement that the settings give them.

        Raises `ConfigurationError` for a name that is no policy of the domain.
        """
        chosen: dict[str, Enforcement] = {}
        known = {policy.policy_id for policy in policies}
        for domain, file in self.files.items():
            for name, enforcement in file.value.get("enforcement", {}).items():
                policy_id = f"{domain}.{name}"
                if policy_id not in known:
                    names = sorted(p.partition(".")[2] for p in known if p.startswith(f"{domain}."))
                    raise file.error(
                        ("enforcement", name),
                        f"`{name}` is no policy of the domain {domain}",
                        f"The domain has: {', '.join(names)}.",
                    )
                chosen[policy_id] = Enforcement(enforcement)
        return tuple(
            msgspec.structs.replace(
                policy, enforcement=chosen.get(policy.policy_id, policy.enforcement)
            )
            for policy in policies
        )


def load_schemas(policy_dirs: Sequence[Path]) -> dict[str, dict[str, Any]]:
    """Return the settings schema of every domain under the given bundle roots.

    Raises `ConfigurationError` for a schema that is no JSON, and for a domain with two schemas.
    """
    found: dict[str, Path] = {}
    for root in policy_dirs:
        for path in sorted(root.glob(f"lakewarden/tables/*/{SCHEMA_FILE}")):
            domain = path.parent.name
            if domain in found:
                raise ConfigurationError(
                    f"the domain {domain} already has its settings in {found[domain]}",
                    where=str(path),
                    remedy="Keep one settings schema for each domain.",
                )
            found[domain] = path
    return {domain: _schema(path) for domain, path in found.items()}


def load_settings(config_dir: Path, schemas: Mapping[str, dict[str, Any]]) -> Settings:
    """Read `<domain>_config.yaml` for every domain; a missing file means the defaults.

    Raises `ConfigurationError` with file and line for an unknown setting, a wrong type, or a
    settings file of a domain that does not exist.
    """
    _reject_other_endings(config_dir)
    files = {path.name.removesuffix(_SUFFIX): path for path in config_dir.glob(f"*{_SUFFIX}")}
    for domain in sorted(files.keys() - schemas.keys()):
        raise ConfigurationError(
            f"there is no domain {domain}",
            where=str(files[domain]),
            remedy=f"The domains are: {', '.join(sorted(schemas)) or 'none'}. Rename the file, "
            "or name the policies' folder with --policies.",
        )
    read = {domain: read_yaml(path) for domain, path in sorted(files.items())}
    return Settings(
        values={
            domain: _values(schema, read.get(domain)) for domain, schema in sorted(schemas.items())
        },
        files=read,
    )


def _reject_other_endings(config_dir: Path) -> None:
    for path in sorted(config_dir.glob("*.yml")):
        if path.stem == "waivers" or path.stem.endswith("_config"):
            raise ConfigurationError(
                "would not be read, since its name ends in .yml",
                where=str(path),
                remedy=f"Rename it to {path.stem}.yaml.",
            )


def _schema(path: Path) -> dict[str, Any]:
    try:
        schema = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigurationError(
            f"is no JSON: {error}", where=str(path), remedy="Mend the settings schema."
        ) from error
    if not isinstance(schema, dict) or not isinstance(schema.get("properties"), dict):
        raise ConfigurationError(
            "is no JSON Schema of an object with properties",
            where=str(path),
            remedy="Describe each setting under `properties`, with type, default, description.",
        )
    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        raise ConfigurationError(
            f"is no JSON Schema: {error.message}", where=str(path), remedy="Mend the schema."
        ) from error
    for name, setting in schema["properties"].items():
        if "default" not in setting or not Draft202012Validator(setting).is_valid(
            setting["default"]
        ):
            raise ConfigurationError(
                f"the setting `{name}` has no default of its own type",
                where=str(path),
                remedy="Give every setting a `default` that its schema allows.",
            )
    return schema


def _values(schema: dict[str, Any], file: YamlFile | None) -> dict[str, Any]:
    defaults = {
        name: setting["default"]
        for name, setting in schema["properties"].items()
        if "default" in setting
    }
    if file is None:
        return defaults
    full = schema | {
        "type": "object",
        "properties": schema["properties"] | {"enforcement": _ENFORCEMENT},
        "additionalProperties": False,  # a misspelt setting must not pass, whatever a domain says
    }
    errors = sorted(Draft202012Validator(full).iter_errors(file.value), key=lambda e: list(e.path))
    for error in errors:
        raise _settings_error(file, error, full)
    return defaults | {key: value for key, value in file.value.items() if key != "enforcement"}


def _settings_error(
    file: YamlFile, error: ValidationError, schema: dict[str, Any]
) -> ConfigurationError:
    known = schema["properties"]
    if error.validator == "additionalProperties" and not error.path:
        unknown = min(str(key) for key in file.value if key not in known)
        return file.error(
            (unknown,),
            f"there is no setting `{unknown}`",
            f"The settings are: {', '.join(sorted(known))}.",
        )
    name = str(error.path[0]) if error.path else ""
    about = known.get(name, {}).get("description", "a mapping of settings")
    return file.error(
        error.absolute_path, f"`{name}`: {error.message}", f"`{name}` is: {about.rstrip('.')}."
    )
