"""Settings, enforcement and waivers as somebody proposes them, in place of those in the files."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from decimal import Decimal
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any, Final

import yaml
from jsonschema import Draft202012Validator
from msgspec import Struct, structs

from lakewarden.model.decision import Enforcement
from lakewarden.model.errors import ConfigurationError
from lakewarden.settings.file_schema import COMMON, FORMATS
from lakewarden.settings.settings import SETTINGS_SUFFIX, Settings
from lakewarden.settings.yaml_file import YamlFile, yaml_value

SET: Final = "--set"
ENFORCEMENT: Final = "--enforcement"
_NEAR: Final = 5
"""Names that a message gives."""

_BYTES: Final = "_bytes"
_NUMBERS: Final = ("integer", "number")
_POWERS: Final = {unit: 1024**power for power, unit in enumerate(("b", "kib", "mib", "gib", "tib"))}
_SIZE: Final = re.compile(r"(?P<number>\d+(?:\.\d+)?)\s*(?P<unit>[a-zA-Z]+)")


class Assignment(Struct, frozen=True, kw_only=True):
    """One `--set DOMAIN.SETTING=VALUE`, as it was written."""

    domain: str
    setting: str
    text: str

    @property
    def name(self) -> str:
        """The setting with its domain."""
        return f"{self.domain}.{self.setting}"

    @property
    def where(self) -> str:
        """What to call it in a message."""
        return f"{SET} {self.name}={self.text}"


class OtherEnforcement(Struct, frozen=True, kw_only=True):
    """One `--enforcement POLICY=VALUE`."""

    policy_id: str
    enforcement: Enforcement


class Changes(Struct, frozen=True, kw_only=True):
    """What is proposed, over what the files say."""

    assignments: tuple[Assignment, ...] = ()
    enforcement: Mapping[str, Enforcement] = {}
    """By policy id, from now on: a day in `effective_on` doesn't count for it."""
    waivers: Path | None = None
    """The file of waivers in place of the present one."""


NOTHING: Final = Changes()


def parse_assignment(text: str) -> Assignment:
    """Read `DOMAIN.SETTING=VALUE`; raises `ConfigurationError`."""
    name, equals, value = text.partition("=")
    domain, dot, setting = name.strip().partition(".")
    if not (equals and domain and dot and setting):
        raise ConfigurationError(
            f"{text!r} isn't a setting with its value",
            where=SET,
            remedy="Write DOMAIN.SETTING=VALUE, such as --set naming.longest=24.",
        )
    return Assignment(domain=domain, setting=setting, text=value.strip())


def parse_enforcement(text: str) -> OtherEnforcement:
    """Read `POLICY=mandatory`; raises `ConfigurationError`."""
    policy_id, equals, word = text.partition("=")
    try:
        enforcement = Enforcement(word.strip().lower())
    except ValueError:
        enforcement = None
    if not equals or not policy_id.strip() or enforcement is None:
        raise ConfigurationError(
            f"{text!r} isn't a policy with its enforcement",
            where=ENFORCEMENT,
            remedy=f"Write POLICY={Enforcement.MANDATORY}; the values are "
            f"{', '.join(Enforcement)}.",
        )
    return OtherEnforcement(policy_id=policy_id.strip(), enforcement=enforcement)


def changed(
    settings: Settings, schemas: Mapping[str, Mapping[str, Any]], changes: Changes
) -> Settings:
    """Return the settings as they would be; overrides for some tables keep their own values.

    Raises `ConfigurationError` for a setting that there isn't, or a value that it can't have. That
    a policy is known, `Settings.effective` checks.
    """
    values, files = dict(settings.values), dict(settings.files)
    for each in changes.assignments:
        value = typed(each, schemas)
        values[each.domain] = values[each.domain] | {each.setting: value}
        files[each.domain] = _with(files.get(each.domain), each.domain, {each.setting: value})
    for policy_id, enforcement in changes.enforcement.items():
        domain, _, name = policy_id.partition(".")
        stated = files[domain].value if domain in files else {}
        days = {key: day for key, day in stated.get("effective_on", {}).items() if key != name}
        chosen = stated.get("enforcement", {}) | {name: str(enforcement)}
        changed_keys = {"enforcement": chosen, "effective_on": days}
        files[domain] = _with(files.get(domain), domain, changed_keys)
    return structs.replace(settings, values=values, files=files)


def check_policies(changes: Changes, known: Collection[str]) -> None:
    """Raise `ConfigurationError` for an enforcement of a policy that isn't known."""
    for policy_id in sorted(changes.enforcement.keys() - known):
        near = sorted(known, key=lambda name: -_likeness(name, policy_id))[:_NEAR]
        raise ConfigurationError(
            f"there is no policy {policy_id}",
            where=ENFORCEMENT,
            remedy=f"The nearest of {len(known)} are {', '.join(near)}.",
        )


def kept_by_overrides(settings: Settings, assignments: Sequence[Assignment]) -> Iterator[str]:
    """Yield a sentence for each override that keeps a value of its own for what is proposed."""
    for each in assignments:
        for override in settings.overrides:
            if override.domain == each.domain and each.setting in override.settings:
                value = json.dumps(override.settings[each.setting], ensure_ascii=False)
                yield (
                    f"The override for {override} ({override.where}) keeps its own "
                    f"{each.setting}, {value}."
                )


def typed(assignment: Assignment, schemas: Mapping[str, Mapping[str, Any]]) -> Any:  # noqa: ANN401 -- whatever a setting holds
    """Return the value, checked by the settings schema of its domain.

    It is YAML; the value of a setting that is a number of bytes may have a unit, such as 500MiB.
    Raises `ConfigurationError`.
    """
    schema = setting_schema(assignment, schemas)
    value = _value(assignment, schema)
    validator = Draft202012Validator(dict(schema), format_checker=FORMATS)
    for error in validator.iter_errors(value):
        about = schema.get("description", "").rstrip(".")
        why = f"{error.instance!r}: {error.cause}" if error.cause is not None else error.message
        raise ConfigurationError(
            f"`{assignment.setting}`: {why}",
            where=assignment.where,
            remedy=f"`{assignment.setting}` is: {about}." if about else "",
        )
    return value


def setting_schema(
    assignment: Assignment, schemas: Mapping[str, Mapping[str, Any]]
) -> Mapping[str, Any]:
    """Return the schema of a setting; raises `ConfigurationError`, naming near ones."""
    if assignment.domain not in schemas:
        raise ConfigurationError(
            f"there is no domain {assignment.domain}",
            where=assignment.where,
            remedy=f"The domains are: {', '.join(sorted(schemas))}.",
        )
    known: Mapping[str, Mapping[str, Any]] = schemas[assignment.domain]["properties"]
    if assignment.setting in known:
        return known[assignment.setting]
    if assignment.setting.partition(".")[0] in COMMON:
        raise ConfigurationError(
            f"`{assignment.setting}` is about policies and tables, and isn't a setting of "
            f"{assignment.domain}",
            where=assignment.where,
            remedy="For the enforcement, write --enforcement POLICY=mandatory; for the rest, name "
            "a folder of settings with --config.",
        )
    near = sorted(known, key=lambda name: -_likeness(name, assignment.setting))[:_NEAR]
    raise ConfigurationError(
        f"there is no setting `{assignment.setting}` in {assignment.domain}",
        where=assignment.where,
        remedy=f"The nearest of {len(known)} are {', '.join(near)}."
        if len(known) > _NEAR
        else f"The settings are: {', '.join(sorted(known)) or 'none'}.",
    )


def _likeness(one: str, other: str) -> float:
    return SequenceMatcher(None, one, other).ratio()


def is_bytes(setting: str, schema: Mapping[str, Any]) -> bool:
    """Whether a setting is a number of bytes: its name says so."""
    return setting.endswith(_BYTES) and schema.get("type") in _NUMBERS


def _value(assignment: Assignment, schema: Mapping[str, Any]) -> Any:  # noqa: ANN401 -- whatever YAML holds
    size = _SIZE.fullmatch(assignment.text)
    if size and is_bytes(assignment.setting, schema):
        unit = size["unit"].lower()
        if unit not in _POWERS:
            raise ConfigurationError(
                f"{size['unit']} isn't a unit of bytes that is read here",
                where=assignment.where,
                remedy="Write KiB, MiB, GiB or TiB, which are multiples of 1024, or the number of "
                "bytes.",
            )
        exact = Decimal(size["number"]) * _POWERS[unit]
        return int(exact) if exact == exact.to_integral_value() else float(exact)
    try:
        return yaml_value(assignment.text)
    except (yaml.YAMLError, RecursionError) as error:
        what = getattr(error, "problem", None) or "it is nested too deeply"
        raise ConfigurationError(
            f"the value isn't valid YAML: {what}",
            where=assignment.where,
            remedy="Quote it for the shell: --set 'naming.words=[todo, tbd]'.",
        ) from error


def _with(file: YamlFile | None, domain: str, stated: Mapping[str, Any]) -> YamlFile:
    """Return a settings file that also states this; what it stood on before keeps its line."""
    if file is None:
        path = Path(f"{domain}{SETTINGS_SUFFIX}")
        return YamlFile(path=path, value=dict(stated), lines={})
    return structs.replace(file, value=file.value | stated)
