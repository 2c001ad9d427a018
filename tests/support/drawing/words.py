"""Comments and owners of every kind, near what the settings ask."""

from __future__ import annotations

import random
from typing import Any, Final

Json = dict[str, Any]

_COMMENTS: Final = [
    *(
        "",
        "  ",
        "todo",
        "TODO.",
        "tbd !",
        "n/a",
        "N/A.",
        "\n\tNone\n",
        "test:",
        "to do",
        "Fixme..!!",
    ),
    "ToDo: write what this is for, and who it is for",
    "todo write what this is for, and who it is for",
    "todo : write what this is for, and who it is for",
    "todo2: write what this is for, and who it is for",
    "x1: nobody knows what this is for any more",
    "n/a: nobody knows what this is for any more",
    "Description: one row for each order and day",
    "Description of one row for each order and day",
    "später: mehr darüber, was hier steht und wozu",
    "none of the orders that were placed in error",
    "\u200b" * 60,
    "\ufeff todo \u00ad",
    "x" + "\u200b" * 60,
    "\u2800\u3164\u0301",
    ": todo is what is written here, after a colon",
    "TBD",
    "One row for each order.",
]
OWNERS: Final = [
    *("ann@example.com", "Ann.Lee@Example.co.uk", "sales@groups.example.com", "ann@localhost"),
    *(
        "data-team",
        "Data Team",
        "data.team",
        "grp-sales",
        "GRP-Sales",
        "root",
        "@team",
        "team@",
        "",
        "\u200b",
        " \u3164",
        "\ufeffdata-team\u200b",
    ),
    "6f1d3b52-0c7e-4a55-9d0e-2f7c1b8a4e90",
    " 6F1D3B52-0C7E-4A55-9D0E-2F7C1B8A4E90\t",
    *("System user", "system-USER", "System users", "1234567890", "12-34", "12 34"),
]
"""Addresses of persons and of groups, names of groups, service principals, Databricks, ids, none.
"""


def comment(rng: random.Random, chosen: Json) -> str:
    """Return a comment: as long as demanded or a character off, or one that says nothing."""
    if rng.randrange(2):
        return rng.choice(_COMMENTS)
    length: int = max(0, chosen["min_table_comment_length"] + rng.choice([-1, 0, 0, 1]))
    text = ("größen-und-Tage-" * length)[:length]
    return rng.choice(["", " ", "\n"]) + text + rng.choice(["", "  ", "\t"])


def describe(rng: random.Random, columns: list[Json], chosen: Json) -> None:
    """Give columns comments: as many as demanded or one off, or any number."""
    share = chosen["min_commented_column_share"]
    exact = int(share * len(columns)) + rng.choice([-1, 0, 0, 1])
    count = exact if rng.randrange(4) else rng.randrange(len(columns) + 1)
    described = rng.sample(columns, k=max(0, min(len(columns), count)))
    for column in columns:
        if column in described:
            column["comment"] = "What was ordered"
        elif rng.randrange(2):
            column["comment"] = rng.choice(_COMMENTS)
        elif rng.randrange(4):
            column["comment"] = ""
