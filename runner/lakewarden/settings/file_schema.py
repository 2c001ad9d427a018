"""What a domain's settings file may say: its own settings, and what is the same in every domain.

Six keys are there in every domain: `enforcement` and `severity`, maps from a policy's name to
how hard and how bad a failure is; `effective_on`, a map to the day from which it is mandatory;
`overrides`, a list of other settings for some tables; and `max_waiver_days` and
`max_waiver_tables`, what a waiver of the domain's policies may do at most.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

from jsonschema import FormatChecker

from lakewarden.model.clock import has_begun
from lakewarden.model.decision import Enforcement, Severity
from lakewarden.settings.waiver_limits import DEFAULT_MAX_TABLES, MAX_DAYS, MAX_TABLES
from lakewarden_collector import patterns

BY_POLICY: Final = ("enforcement", "severity", "effective_on")
"""The keys of a settings file that are maps from a policy's name."""

COMMON: Final = (*BY_POLICY, "overrides", MAX_DAYS, MAX_TABLES)
"""The keys of a settings file that aren't settings of the domain."""

_WAIVER_LIMITS: Final[dict[str, Any]] = {
    MAX_DAYS: {
        "type": "object",
        "description": "How many days a waiver may last, from its `starts`, which it then needs, "
        "to its `expires`: the policy's severity to a number of days. One that lasts longer isn't "
        "applied.",
        "additionalProperties": False,
        "properties": {str(severity): {"type": "integer", "minimum": 1} for severity in Severity},
    },
    MAX_TABLES: {
        "type": "integer",
        "minimum": 1,
        "description": "How many tables a waiver may cover before reports call it over-broad: "
        f"{DEFAULT_MAX_TABLES} unless stated.",
    },
}

_PATTERN: Final = {"type": "string", "pattern": r"^[^\[\]{}\\]+$", "format": "name-pattern"}

FORMATS: Final = FormatChecker(())
"""What `format` means in a settings schema: `name-pattern`, `date`, and `regex` as the engines have
it."""

# Python's expressions can more than those of the engines, which match in linear time.
_NOT_LINEAR: Final = re.compile(r"\(\?(?![:Pims-])|\(\?P[=>]|\\[1-9kZ]|[*+?}]\+|\{\d*,?\d{4}")
_ESCAPED: Final = re.compile(r"\\[^1-9kZ]|\[\^?\]?[^\]]*\]")


@FORMATS.checks("name-pattern", raises=ValueError)
def _is_pattern(value: object) -> bool:
    """Refuse a pattern over names that not every engine could match."""
    if isinstance(value, str) and (found := patterns.fault(value)):
        raise ValueError(f"a pattern can't have {found}")
    return True


@FORMATS.checks("date", raises=ValueError)
def _is_day(value: object) -> bool:
    """Refuse what isn't a day such as 2027-01-31."""
    if isinstance(value, str):
        has_begun(value, "1970-01-01T00:00:00Z")
    return True


@FORMATS.checks("regex", raises=(ValueError, re.error, RecursionError, OverflowError))
def _is_expression(value: object) -> bool:
    """Refuse a regular expression that not every engine could match, in linear time."""
    if isinstance(value, str):
        re.compile(value)
        if found := _NOT_LINEAR.search(_ESCAPED.sub("_", value)):
            raise ValueError(f"the engines don't have {found[0]} in expressions")
    return True


def file_schema(domain: dict[str, Any], policies: Sequence[str] | None = None) -> dict[str, Any]:
    """Return the JSON Schema of `<domain>_config.yaml`, given the domain's settings schema.

    With `policies`, the names of the domain's policies, the maps from policies take no
    others. A misspelt setting is refused whatever the domain's schema says.
    """
    choices = {
        "enforcement": _choice(
            Enforcement, "How strictly a policy applies: policy name to", policies
        ),
        "severity": _choice(Severity, "How bad a failure is: policy name to", policies),
        "effective_on": _by_policy(
            {"type": "string", "format": "date"},
            "When a mandatory policy begins to gate; it's advisory before: policy name to a day "
            "such as 2027-01-31, which begins at midnight UTC.",
            policies,
        ),
    }
    settings = domain["properties"]
    override = {
        "type": "object",
        "description": "Other settings for the tables that match.",
        "additionalProperties": False,
        "required": ["tables"],
        "minProperties": 2,
        "properties": {
            "tables": {
                "description": "A pattern over full names, or a list of them; `*` stands for any "
                "characters, dots too, `?` for one.",
                "oneOf": [_PATTERN, {"type": "array", "items": _PATTERN, "minItems": 1}],
            },
            **settings,
            **choices,
        },
    }
    overrides = {
        "type": "array",
        "description": "Other settings for some tables; of several that match a table, the last "
        "counts, key by key.",
        "items": override,
    }
    return domain | {
        "type": "object",
        "additionalProperties": False,
        "properties": settings | choices | {"overrides": overrides} | _WAIVER_LIMITS,
    }


def _choice(
    values: type[Enforcement | Severity], what: str, policies: Sequence[str] | None
) -> dict[str, Any]:
    choice: dict[str, Any] = {"enum": [str(value) for value in values]}
    return _by_policy(choice, f"{what} {', '.join(choice['enum'])}.", policies)


def _by_policy(
    value: dict[str, Any], description: str, policies: Sequence[str] | None
) -> dict[str, Any]:
    schema = {"type": "object", "description": description}
    if policies is None:
        return schema | {"additionalProperties": value}
    return schema | {"additionalProperties": False, "properties": dict.fromkeys(policies, value)}
