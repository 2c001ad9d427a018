"""A new policy: its two files, and the settings that it adds to its domain."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Mapping, Sequence
from errno import ENAMETOOLONG
from pathlib import Path
from string import Template
from typing import Any, Final

import yaml
from msgspec import Struct

from lakewarden.kit.new_files import new_files
from lakewarden.kit.new_setting import NewSetting
from lakewarden.model.decision import Enforcement, Severity
from lakewarden.model.errors import ConfigurationError
from lakewarden.report.atomic_file import PendingFile
from lakewarden.resources import shipped_policies
from lakewarden.settings.settings import SCHEMA_FILE, read_schema

_TEMPLATES: Final = Path(__file__).with_name("templates")
_NAME: Final = re.compile(r"[a-z][a-z0-9_]*")
# fmt: off
_KEYWORDS: Final = frozenset((
    "as", "contains", "data", "default", "else", "every", "false", "if", "import", "in", "input",
    "not", "null", "package", "some", "true", "with",
))
# fmt: on
_TEST: Final = "_test"
"""What the name of a test's file ends in; a policy that is called so would be taken for a test."""

_TITLE: Final = "TODO: say what a table is like that keeps this policy, in one line"
_ABOUT: Final = "TODO: say what is demanded exactly, of which tables, and where the line is."
_WIDTH: Final = 100
_COMMENT: Final = "One row for each order of the web shop."
"""Of which the example's tests take as many characters as they need."""
_LIMITS: Final = range(7, len(_COMMENT) + 1)
"""Limits between the comments of the annotation's two examples."""
_LIMIT: Final = 20


class NewPolicy(Struct, frozen=True, kw_only=True):
    """What is known about a policy before it is written."""

    policy_id: str
    title: str = _TITLE
    about: str = _ABOUT
    severity: Severity = Severity.MEDIUM
    enforcement: Enforcement = Enforcement.ADVISORY
    settings: tuple[NewSetting, ...] = ()


def scaffold(policy: NewPolicy, into: Path) -> tuple[Path, ...]:
    """Write the files of a policy under the bundle root `into`.

    Returns what was written: the policy, its test and, if it has settings that its domain lacks,
    the domain's settings schema. Raises `ConfigurationError` for a name, a text or a setting that
    will not do, for a policy that already exists, and if the files cannot be written; no policy
    is overwritten, and of what failed nothing is left.
    """
    domain, name = _names(policy.policy_id)
    for option, text in (("--title", policy.title), ("--about", policy.about)):
        _check_text(option, text)
    try:
        return _scaffold(policy, domain, name, into)
    except OSError as error:
        raise ConfigurationError(
            f"can't be written: {error.strerror}",
            where=str(error.filename or into),
            remedy="Choose a shorter name."
            if error.errno == ENAMETOOLONG
            else "Name another folder with --into.",
        ) from error


def _scaffold(policy: NewPolicy, domain: str, name: str, into: Path) -> tuple[Path, ...]:
    place = Path("lakewarden", "tables", domain)
    if (into / place / name).exists():
        raise ConfigurationError(
            f"the policy {domain}.{name} already exists",
            where=str(into / place / name),
            remedy="Choose another name, or remove it.",
        )
    if (shipped_policies() / place / name).exists():
        raise ConfigurationError(
            f"the policy {domain}.{name} comes with Lakewarden",
            where="policies new",
            remedy="Choose another name; a policy of the same name can't replace it.",
        )
    schema = _schema(policy.settings, domain, into / place / SCHEMA_FILE)
    words = {"domain": domain, "policy": name, **_words(policy, domain, schema)}
    texts = {
        into / place / name / file: _fill(template, words)
        for file, template in (
            (f"{name}.rego", "policy.rego.tmpl"),
            (f"{name}_test.rego", "policy_test.rego.tmpl"),
        )
    }
    file = into / place / SCHEMA_FILE
    added = any(setting.property is not None for setting in policy.settings)
    schema_text = json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
    if not file.exists():
        with new_files({**texts, **({file: schema_text} if added else {})}) as written:
            return written
    with new_files(texts) as written:
        if not added:
            return written
        with PendingFile(file) as pending:
            pending.write(schema_text.encode())
    return (*written, file)


def _names(policy_id: str) -> tuple[str, str]:
    domain, dot, policy = policy_id.partition(".")
    if not dot or "." in policy:
        raise _refused(policy_id, "is not of the form <domain>.<policy>")
    for name in (domain, policy):
        if not _NAME.fullmatch(name):
            raise _refused(
                policy_id, f"has the name {name!r}, but a name is small letters, digits and _"
            )
        if name in _KEYWORDS:
            raise _refused(policy_id, f"has the name {name!r}, which is a word of Rego")
        if name.endswith(_TEST):
            raise _refused(policy_id, f"has the name {name!r}, but what ends in _test is a test")
    return domain, policy


def _refused(policy_id: str, why: str) -> ConfigurationError:
    return ConfigurationError(
        f"{policy_id!r} {why}",
        where="policies new",
        remedy="Say what is checked, such as `naming.columns_are_short`.",
    )


def _check_text(option: str, text: str) -> None:
    if not text.strip() or not text.replace("\n", " ").isprintable():
        raise ConfigurationError(
            "the text is empty" if not text.strip() else f"the text {text!r} can't be printed",
            where=option,
            remedy="Write a sentence, or leave the option out and write it in the file.",
        )


def _schema(settings: Sequence[NewSetting], domain: str, file: Path) -> dict[str, Any]:
    """Return the domain's settings schema with the new settings in it."""
    shipped = shipped_policies() / "lakewarden" / "tables" / domain
    if shipped.is_dir():
        there = shipped / SCHEMA_FILE
        known = read_schema(there)["properties"] if there.is_file() else {}
        for setting in settings:
            if setting.name not in known:
                raise ConfigurationError(
                    f"the domain {domain} comes with Lakewarden, and has no setting {setting.name}",
                    where="--setting",
                    remedy="Give the policy a domain of your own; settings can't be added to this.",
                )
        return _merged(settings, domain, {"properties": known})
    if file.is_file():
        return _merged(settings, domain, read_schema(file))
    fresh = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"Settings of the {domain} policies",
        "description": f"What config/{domain}_config.yaml may say. A key that is left out has its "
        "default.",
        "type": "object",
        "additionalProperties": False,
        "properties": {},
    }
    return _merged(settings, domain, fresh)


def _merged(
    settings: Sequence[NewSetting], domain: str, schema: Mapping[str, Any]
) -> dict[str, Any]:
    known = dict(schema["properties"])
    asked = [setting.name for setting in settings]
    if twice := [name for name in asked if asked.count(name) > 1]:
        raise ConfigurationError(
            f"the setting {twice[0]} appears twice", where="--setting", remedy="Name it once."
        )
    for setting in settings:
        there = known.get(setting.name)
        if there is None and setting.property is None:
            names = f" It has: {', '.join(sorted(known))}." if known else ""
            raise ConfigurationError(
                f"the domain {domain} has no setting {setting.name} yet",
                where="--setting",
                remedy=f"Say what it is: {setting.name}:TYPE=DEFAULT.{names}",
            )
        if setting.property is None:
            continue
        if there is not None:
            raise ConfigurationError(
                f"the domain {domain} has a setting {setting.name} already",
                where="--setting",
                remedy=f"Write `--setting {setting.name}` to read it.",
            )
        known[setting.name] = setting.property
    return {**schema, "properties": known}


def _words(policy: NewPolicy, domain: str, schema: Mapping[str, Any]) -> dict[str, str]:
    """Return what the templates leave open."""
    defaults = {each.name: schema["properties"][each.name]["default"] for each in policy.settings}
    limits = [name for name, value in defaults.items() if type(value) is int and value in _LIMITS]
    limit = defaults[limits[0]] if limits else _LIMIT
    others = {"characters": "_limit"} | {
        name: f"settings.{name}" for name in defaults if name not in limits[:1]
    }
    run = json.dumps({"settings": {domain: defaults}}, ensure_ascii=False)
    about = textwrap.fill(
        " ".join(policy.about.split()),
        _WIDTH,
        initial_indent="#   ",
        subsequent_indent="#   ",
        break_long_words=False,
        break_on_hyphens=False,
    )
    return {
        "title": _scalar(" ".join(policy.title.split())),
        "about": about,
        "severity": policy.severity,
        "enforcement": policy.enforcement,
        "settings_schema": "\n#   - data.lakewarden_run: schema.settings" if defaults else "",
        "settings_import": f"\nimport data.lakewarden_run.settings.{domain} as settings\n"
        if defaults
        else "\n",
        "expected": 'sprintf("at least %d characters", [_limit])'
        if len(others) == 1
        else "{" + "".join(f'\n\t\t"{name}": {value},' for name, value in others.items()) + "\n\t}",
        "limit": f"settings.{limits[0]}" if limits else str(limit),
        "good": _COMMENT[:limit],
        "bad": _COMMENT[: limit - 1],
        "bad_length": str(limit - 1),
        "run": f"_run := {run}\n\n" if defaults else "",
        "with_run": "\n\t\twith data.lakewarden_run as _run" if defaults else "",
        "with_run_deeper": "\n\t\t\twith data.lakewarden_run as _run" if defaults else "",
    }


def _scalar(text: str) -> str:
    """Return a text as YAML, plain where that reads back as the same."""
    try:
        plain = yaml.safe_load(f"title: {text}") == {"title": text}
    except yaml.YAMLError:
        plain = False
    return text if plain else json.dumps(text, ensure_ascii=False)


def _fill(template: str, words: Mapping[str, str]) -> str:
    return Template((_TEMPLATES / template).read_text(encoding="utf-8")).substitute(words)
