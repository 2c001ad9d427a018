"""A new policy: its two files, and the settings of its domain if that is new as well."""

from __future__ import annotations

import re
from collections.abc import Mapping
from errno import ENAMETOOLONG
from pathlib import Path
from string import Template
from typing import Final

from lakewarden.model.errors import ConfigurationError
from lakewarden.resources import shipped_policies
from lakewarden.settings.settings import SCHEMA_FILE

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

_SETTING: Final = {
    "settings_schema": "\n#   - data.lakewarden_run: schema.settings",
    "settings_read": "min_characters",
    "limit": "settings.min_characters",
    "with_run": "\n\t\twith data.lakewarden_run as _run",
    "with_run_deeper": "\n\t\t\twith data.lakewarden_run as _run",
}
_NO_SETTING: Final = {
    "settings_schema": "",
    "settings_import": "",
    "settings_read": "",
    "limit": "20",
    "run": "",
    "with_run": "",
    "with_run_deeper": "",
}


def scaffold(policy_id: str, into: Path) -> tuple[Path, ...]:
    """Write the files of the policy `<domain>.<policy>` under the bundle root `into`.

    Returns what was written: the policy, its test and, if neither `into` nor the shipped policies
    have the domain, its settings schema. Raises `ConfigurationError` for a name that will not do,
    for a policy that is there already, and if the files cannot be written; nothing is overwritten,
    and of what failed nothing is left.
    """
    domain, policy = _names(policy_id)
    try:
        return _scaffold(domain, policy, into)
    except OSError as error:
        raise ConfigurationError(
            f"cannot be written: {error.strerror}",
            where=str(error.filename or into),
            remedy="Choose a shorter name."
            if error.errno == ENAMETOOLONG
            else "Name another folder with --into.",
        ) from error


def _scaffold(domain: str, policy: str, into: Path) -> tuple[Path, ...]:
    place = Path("lakewarden", "tables", domain)
    for root in (into, shipped_policies()):
        if (root / place / policy).exists():
            raise ConfigurationError(
                f"the policy {domain}.{policy} is there already",
                where=str(root / place / policy),
                remedy="Choose another name; a policy of the same name cannot replace it.",
            )
    fresh = not any((root / place).is_dir() for root in (into, shipped_policies()))
    files = {
        place / policy / f"{policy}.rego": "policy.rego.tmpl",
        place / policy / f"{policy}_test.rego": "policy_test.rego.tmpl",
    }
    if fresh:
        files[place / SCHEMA_FILE] = "settings.schema.json.tmpl"
    words = {"domain": domain, "policy": policy, **(_settings(domain) if fresh else _NO_SETTING)}
    texts = {
        into / file: Template((_TEMPLATES / template).read_text(encoding="utf-8")).substitute(words)
        for file, template in files.items()
    }
    return _write_all(texts)


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


def _settings(domain: str) -> dict[str, str]:
    run = f'_run := {{"settings": {{"{domain}": {{"min_characters": 20}}}}}}'
    return {
        **_SETTING,
        "settings_import": f"\nimport data.lakewarden_run.settings.{domain} as settings\n",
        "run": f"{run}\n\n",
    }


def _write_all(texts: Mapping[Path, str]) -> tuple[Path, ...]:
    """Write the files with the folders that they lack, all or none; none may be there."""
    made: list[Path] = []  # folders and files in their order
    try:
        for file, text in texts.items():
            lacking = [folder for folder in file.parents if not folder.exists()]
            for folder in reversed(lacking):
                folder.mkdir()
                made.append(folder)
            with file.open("x", encoding="utf-8") as new:
                made.append(file)
                new.write(text)
    except OSError:
        for path in reversed(made):
            path.rmdir() if path.is_dir() else path.unlink()
        raise
    return tuple(texts)
