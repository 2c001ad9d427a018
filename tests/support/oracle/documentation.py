"""The documentation domain: each policy, about tables of every kind."""

from __future__ import annotations

import re
from fractions import Fraction
from itertools import takewhile
from typing import Final

from tests.support.oracle.expected import (
    FAIL,
    NOT_APPLICABLE,
    PASS,
    Case,
    Expected,
    fails,
    unknown,
)
from tests.support.oracle.texts import any_glob, shown_of, shows_or_parts


def _placeholder(case: Case, comment: str) -> bool:
    """Whether the comment only holds the place of one: "TODO", "tbd.", "Fixme: say more"."""
    words = {word.lower() for word in case.settings["comment_placeholders"]}
    text = shown_of(comment).lower()
    first = "".join(takewhile(str.isalpha, text))
    return text.rstrip(".!: \t\r\n") in words or (
        first in words and text[len(first) :].startswith(":")
    )


def _table_commented(case: Case) -> Expected:
    comment = case.document.get("comment")
    if comment is None:
        return unknown({"comment"})
    shown = "".join(filter(shows_or_parts, shown_of(comment)))
    long_enough = len(shown) >= case.settings["min_table_comment_length"]
    return PASS if long_enough and not _placeholder(case, comment) else FAIL


def _columns_commented(case: Case) -> Expected:
    columns = case.document.get("columns")
    if columns is None:
        return unknown({"columns"})
    if not columns:
        return NOT_APPLICABLE
    bare, unsaid = [], []
    for column in columns:
        comment = column.get("comment")
        if comment is None:
            unsaid.append(column["name"])
        elif not shown_of(comment) or _placeholder(case, comment):
            bare.append(column["name"])
    critical = {name for name in bare if any_glob(case.settings["critical_columns"], name)}
    share = Fraction(str(case.settings["min_commented_column_share"]))
    best = Fraction(len(columns) - len(bare), len(columns)) >= share
    worst = Fraction(len(columns) - len(bare) - len(unsaid), len(columns)) >= share
    if critical or not best:
        return fails(len(critical) + (not best))
    if worst and not any(any_glob(case.settings["critical_columns"], name) for name in unsaid):
        return PASS
    paths = (f"columns.{name}.comment" for name in unsaid)
    return unknown(path if path in case.document["evidence"] else "columns" for path in paths)


def _owner_is_group(case: Case) -> Expected:
    owner = case.document.get("owner")
    if owner is None:
        return unknown({"owner"})
    owner = shown_of(owner)
    if not owner:
        return FAIL
    patterns = case.settings["group_owner_patterns"]
    if patterns:
        return PASS if any_glob(patterns, owner) else FAIL
    return FAIL if _nobodys_group(owner) else PASS


def _nobodys_group(owner: str) -> bool:
    """Whether it is a mail address, an application id, Databricks' own user or a number."""
    letters = re.sub(r"[\s_-]", "", owner.lower())
    identity = re.fullmatch(r"\{?[0-9a-f]{8}(-?[0-9a-f]{4}){3}-?[0-9a-f]{12}\}?", owner.lower())
    address = re.fullmatch(r"[^@]+@[^@]+\.[^@]+", owner)
    number = owner.isascii() and owner.isdecimal()
    return bool(address or identity or number) or letters == "systemuser"


DOCUMENTATION: Final = {
    "columns_commented": _columns_commented,
    "owner_is_group": _owner_is_group,
    "table_commented": _table_commented,
}
"""Each policy of the domain, by its name."""
