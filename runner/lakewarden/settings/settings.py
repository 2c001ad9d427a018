"""The settings of each domain: `<domain>_config.yaml`, typed by the domain's own schema.

A domain is a folder of policies. If it has settings, its `settings.schema.json` (JSON Schema,
draft 2020-12) lies there too: their types, defaults and descriptions. What is the same in every
domain is in `settings_schema.py`.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import product
from pathlib import Path
from typing import Any, Final

import msgspec
from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError, ValidationError
from msgspec import Struct, field

from lakewarden.model.clock import utc_now
from lakewarden.model.decision import Enforcement, Severity
from lakewarden.model.errors import ConfigurationError
from lakewarden.model.policy import TREES, Policy
from lakewarden.resources import called
from lakewarden.settings.file_schema import BY_POLICY, COMMON, FORMATS, file_schema
from lakewarden.settings.overrides import (
    Override,
    read_overrides,
    stated_enforcement,
    timed_enforcement,
)
from lakewarden.settings.waiver_limits import MAX_DAYS, WaiverLimit, limit_of
from lakewarden.settings.waivers import Waiver
from lakewarden.settings.yaml_file import Place, YamlFile, read_yaml
from lakewarden_collector import patterns

SCHEMA_FILE: Final = "settings.schema.json"
SETTINGS_SUFFIX: Final = "_config.yaml"


class Settings(Struct, frozen=True, kw_only=True):
    """Every domain's settings with the defaults filled in, as the policies see them."""

    values: dict[str, dict[str, Any]]
    files: dict[str, YamlFile]
    """Domain to the file its settings came from; absent where the defaults alone apply."""

    overrides: tuple[Override, ...] = ()
    """Those of every domain; within a domain in the order of its file."""

    clock: str = field(default_factory=utc_now)
    """RFC 3339 time at which `effective_on` is looked at."""

    @property
    def effective_on(self) -> dict[str, str]:
        """Policy id to the day from which it is mandatory, overrides for some tables aside."""
        return {
            f"{domain}.{name}": day
            for domain, file in self.files.items()
            for name, day in file.value.get("effective_on", {}).items()
        }

    @property
    def max_waiver_days(self) -> dict[str, dict[str, int]]:
        """Domain to severity to the days that a waiver may last, where the domain's file says."""
        stated = {domain: file.value.get(MAX_DAYS) for domain, file in self.files.items()}
        return {domain: days for domain, days in stated.items() if days}

    def waiver_limit(self, waiver: Waiver, severity: Severity) -> WaiverLimit:
        """Return what a waiver may do about a policy of this severity, overrides left aside."""
        file = self.files.get(waiver.policy.partition(".")[0])
        return limit_of(waiver, severity, file.value if file else {})

    def effective(self, policies: Sequence[Policy]) -> tuple[Policy, ...]:
        """Return the policies with the enforcement and severity that the settings give them.

        It is the one at the clock. Overrides for some tables are left aside. Raises
        `ConfigurationError` for a name that is no policy of the domain, there too.
        """
        chosen: dict[str, dict[str, Enforcement | Severity]] = {}
        known = {policy.policy_id for policy in policies}
        for domain, file in self.files.items():
            _check_names(domain, file, (), file.value, known)
            for index, override in enumerate(file.value.get("overrides", [])):
                _check_names(domain, file, ("overrides", index), override, known)
            for name, enforcement in file.value.get("enforcement", {}).items():
                chosen.setdefault(f"{domain}.{name}", {})["enforcement"] = Enforcement(enforcement)
            for name, severity in file.value.get("severity", {}).items():
                chosen.setdefault(f"{domain}.{name}", {})["severity"] = Severity(severity)
        return tuple(
            self._at_clock(msgspec.structs.replace(policy, **chosen.get(policy.policy_id, {})))
            for policy in policies
        )

    def _at_clock(self, policy: Policy) -> Policy:
        day = self.effective_on.get(policy.policy_id)
        enforcement, day = timed_enforcement(policy.enforcement, day, self.clock)
        return msgspec.structs.replace(policy, enforcement=enforcement, effective_on=day)

    def idle_days(self, policies: Sequence[Policy]) -> Iterator[str]:
        """Say of each `effective_on` about a policy that is mandatory nowhere that it does nothing.

        `policies` have the enforcement in force.
        """
        mandatory = {each.policy_id for each in policies if _is_mandatory(each)} | {
            policy_id
            for override in self.overrides
            for policy_id, enforcement in override.enforcement.items()
            if enforcement is Enforcement.MANDATORY
        }
        known = {each.policy_id for each in policies}
        for domain, file in self.files.items():
            overrides = enumerate(file.value.get("overrides", []))
            levels = [((), file.value), *((("overrides", n), each) for n, each in overrides)]
            for place, stated in levels:
                for name in stated.get("effective_on", {}):
                    policy_id = f"{domain}.{name}"
                    if policy_id in known - mandatory:
                        yield (
                            f"The `effective_on` of {policy_id} "
                            f"({file.where((*place, 'effective_on', name))}) has no effect, "
                            "because the policy isn't mandatory."
                        )

    def switched_off(self, policy: Policy) -> bool:
        """Whether a policy, with the enforcement in force, is off for every table."""
        return policy.enforcement is Enforcement.OFF and not any(
            override.enforcement.get(policy.policy_id, Enforcement.OFF) is not Enforcement.OFF
            for override in self.overrides
        )


def _is_mandatory(policy: Policy) -> bool:
    return stated_enforcement(policy) is Enforcement.MANDATORY


def _check_names(
    domain: str, file: YamlFile, place: Place, stated: Mapping[str, Any], known: Collection[str]
) -> None:
    for key in BY_POLICY:
        for name in stated.get(key, {}):
            if f"{domain}.{name}" not in known:
                names = sorted(p.partition(".")[2] for p in known if p.startswith(f"{domain}."))
                raise file.error(
                    (*place, key, name),
                    f"`{name}` isn't a policy of the domain {domain}",
                    f"The domain has: {', '.join(names)}.",
                )


def load_schemas(policy_dirs: Sequence[Path]) -> dict[str, dict[str, Any]]:
    """Return the settings schema of every domain under the given bundle roots.

    A domain that brings none has no settings of its own, and what all domains have all the same.
    Raises `ConfigurationError` for a schema that isn't JSON, and for a domain with two schemas.
    """
    found: dict[str, Path] = {}
    for root, tree in product(policy_dirs, TREES):
        for path in sorted(root.glob(f"lakewarden/{tree}/*/{SCHEMA_FILE}")):
            domain = path.parent.name
            if domain in found:
                raise ConfigurationError(
                    f"the domain {domain} already has its settings: {called(found[domain])}",
                    where=str(path),
                    remedy="Keep one settings schema for each domain; give your policies a domain "
                    "of their own if this one comes with Lakewarden.",
                )
            found[domain] = path
    schemas = {domain: read_schema(path) for domain, path in found.items()}
    for domain in sorted(domains(policy_dirs) - found.keys()):
        schemas[domain] = {"type": "object", "properties": {}}
    return schemas


def domains(policy_dirs: Sequence[Path]) -> set[str]:
    """Return the names of the folders that hold a policy, or the settings of policies."""
    return {
        folder.name
        for root, tree in product(policy_dirs, TREES)
        for folder in root.glob(f"lakewarden/{tree}/*")
        if (folder / SCHEMA_FILE).is_file() or any(map(_is_policy, folder.rglob("*.rego")))
    }


def _is_policy(file: Path) -> bool:
    return not file.name.endswith("_test.rego") and not file.name.startswith(".")


def load_settings(
    config_dir: Path, schemas: Mapping[str, dict[str, Any]], *, clock: str | None = None
) -> Settings:
    """Read `<domain>_config.yaml` for every domain; a missing file means the defaults.

    `clock` is the run's, RFC 3339; without one, it's the present.
    Raises `ConfigurationError` with file and line for an unknown setting, a wrong type, or a
    settings file of a domain that does not exist.
    """
    _reject_other_endings(config_dir)
    files = {
        path.name.removesuffix(SETTINGS_SUFFIX): path
        for path in config_dir.glob(f"*{SETTINGS_SUFFIX}")
    }
    for domain in sorted(files.keys() - schemas.keys()):
        raise ConfigurationError(
            f"there is no domain {domain}",
            where=str(files[domain]),
            remedy=f"The domains are: {', '.join(sorted(schemas)) or 'none'}. Rename the file, "
            "or name the policies' folder with --policy-source.",
        )
    read = {domain: read_yaml(path) for domain, path in sorted(files.items())}
    for file in read.values():
        _say_off(file.value)
    values = {
        domain: _values(schema, read.get(domain)) for domain, schema in sorted(schemas.items())
    }
    return Settings(
        values=values,
        files=read,
        overrides=tuple(
            override for domain, file in read.items() for override in read_overrides(domain, file)
        ),
        clock=clock or utc_now(),
    )


def _say_off(stated: Any) -> None:  # noqa: ANN401 -- raw YAML
    """Take an enforcement of `off` for the word that it is: to YAML 1.1 it is false."""
    for each in (stated, *_list(stated, "overrides")):
        enforcement = each.get("enforcement") if isinstance(each, dict) else None
        if isinstance(enforcement, dict):
            wrongly = [name for name, value in enforcement.items() if value is False]
            enforcement.update(dict.fromkeys(wrongly, str(Enforcement.OFF)))


def _list(stated: Any, key: str) -> list[Any]:  # noqa: ANN401 -- raw YAML
    found = stated.get(key) if isinstance(stated, dict) else None
    return found if isinstance(found, list) else []


def _reject_other_endings(config_dir: Path) -> None:
    for path in sorted(config_dir.glob("*.yml")):
        if path.stem == "waivers" or path.stem.endswith("_config"):
            raise ConfigurationError(
                "isn't read, because its name ends in .yml",
                where=str(path),
                remedy=f"Rename it to {path.stem}.yaml.",
            )


def read_schema(path: Path) -> dict[str, Any]:
    """Return a domain's settings schema. Raises `ConfigurationError` for one that isn't sound."""
    try:
        schema = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigurationError(
            f"isn't valid JSON: {error}", where=str(path), remedy="Correct the settings schema."
        ) from error
    if not isinstance(schema, dict) or not isinstance(schema.get("properties"), dict):
        raise ConfigurationError(
            "isn't JSON Schema of an object with properties",
            where=str(path),
            remedy="Describe each setting under `properties`, with type, default, description.",
        )
    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        raise ConfigurationError(
            f"isn't JSON Schema: {error.message}", where=str(path), remedy="Correct the schema."
        ) from error
    for name, setting in schema["properties"].items():
        if name in (*COMMON, "tables"):
            raise ConfigurationError(
                f"no setting can be called `{name}`, which means something in every domain",
                where=str(path),
                remedy="Choose another name.",
            )
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
    full = file_schema(schema)
    found = Draft202012Validator(full, format_checker=FORMATS).iter_errors(file.value)
    for error in sorted(found, key=lambda each: list(map(str, each.path))):
        raise _settings_error(file, error, full)
    return defaults | {key: value for key, value in file.value.items() if key not in COMMON}


def _settings_error(
    file: YamlFile, error: ValidationError, schema: dict[str, Any]
) -> ConfigurationError:
    place, within = list(error.absolute_path), ""
    known = schema["properties"]
    if place[:1] == ["overrides"] and len(place) > 1:
        known = known["overrides"]["items"]["properties"]
        place, within = place[2:], "overrides: "
    if error.validator == "additionalProperties" and not place:
        stated: dict[Any, Any] = error.instance  # type: ignore[assignment]  # its type isn't an object otherwise
        unknown = min(str(key) for key in stated if key not in known)
        return file.error(
            (*error.absolute_path, unknown),
            f"{within}there is no setting `{unknown}`",
            f"The settings are: {', '.join(sorted(known))}.",
        )
    name = str(place[0]) if place else "overrides" if within else ""
    about = known.get(name, schema["properties"].get(name, {})).get(
        "description", "a mapping of settings"
    )
    return file.error(
        error.absolute_path, f"`{name}`: {_why(error)}", f"`{name}` is: {about.rstrip('.')}."
    )


def _why(error: ValidationError) -> str:
    """Return the validator's words, but where they would only show the value once more."""
    if error.validator == "minProperties":
        return "an entry that only names tables has no effect"
    if error.validator == "format" and error.cause is not None:
        return f"{error.instance!r}: {error.cause}"
    if error.validator == "oneOf":
        texts = [error.instance] if isinstance(error.instance, str) else error.instance
        for each in texts if isinstance(texts, list) else ():
            if isinstance(each, str) and (found := patterns.fault(each)):
                return f"{each!r}: a pattern can't have {found}"
        return f"{error.instance!r} is neither a pattern nor a list of patterns"
    return str(error.message)
