"""The grants that a statement needs, read off its text.

They are stated here once: `doctor`, the remedies of failures and the pages about grants take them
from here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Literal

from msgspec import Struct

from lakewarden_collector.names import spark_name
from lakewarden_collector.sources.databricks.statements.statement import Statement
from lakewarden_collector.sources.databricks.statements.tokens import Token, tokens

Level = Literal["CATALOG", "SCHEMA", "TABLE"]

CAN_USE: Final = "CAN_USE"
"""The permission on the SQL warehouse that every statement needs. No GRANT gives it."""
ON_THE_WAREHOUSE: Final = f"{CAN_USE.replace('_', ' ')} on the SQL warehouse"

_LEVELS: Final[tuple[tuple[Level, str], ...]] = (
    ("CATALOG", "USE CATALOG"),
    ("SCHEMA", "USE SCHEMA"),
    ("TABLE", "SELECT"),
)
"""What reading a table takes at each part of its name. A privilege may be granted higher up than it
is needed, since it is inherited
(https://docs.databricks.com/data-governance/unity-catalog/manage-privileges/privileges)."""

_SYSTEM: Final = "system"
_SOMEBODY: Final = "<principal>"
_BEFORE_A_TABLE: Final = frozenset({"FROM", "JOIN"})
_DOT: Final = Token("mark", ".")


class Grant(Struct, frozen=True, kw_only=True):
    """One GRANT: its privileges, and the catalog, schema or table that it is given on."""

    privileges: str
    level: Level
    parts: tuple[str, ...]

    def sql(self, principal: str = "") -> str:
        """Return the statement that gives it; without a principal, to a placeholder."""
        to = spark_name([principal or _SOMEBODY])
        return f"GRANT {self.privileges} ON {self.level} {spark_name(self.parts)} TO {to};"


def reading(*parts: str) -> Grant:
    """Return the grant on a catalog, schema or table with which the tables in it can be read."""
    level = _LEVELS[len(parts) - 1][0]
    below = ", ".join(privilege for _, privilege in _LEVELS[len(parts) - 1 :])
    return Grant(privileges=below, level=level, parts=parts)


def entering(*parts: str) -> Grant:
    """Return the grant of the one privilege that a catalog, schema or table itself takes."""
    level, privilege = _LEVELS[len(parts) - 1]
    return Grant(privileges=privilege, level=level, parts=parts)


def grants_for(statement: Statement) -> tuple[Grant, ...]:
    """Return what reading the statement's tables takes, each grant once.

    Of the system catalog it is no more than needed: a single table, or a schema where the statement
    reads several tables of it. Of other catalogs it is one grant on the whole catalog, as a
    collection reads all of its tables.
    """
    tables = list(dict.fromkeys(tables_in(statement.text)))
    found: list[Grant] = []
    for table in tables:
        if table[0] != _SYSTEM:
            found.append(reading(table[0]))
            continue
        found.append(entering(*table[:1]))
        if sum(table[:2] == other[:2] for other in tables) > 1:
            found.append(reading(*table[:2]))
        else:
            # assumes one-system-table-is-enough
            found += [entering(*table[:2]), entering(*table)]
    return tuple(dict.fromkeys(found))


def enabling(metastore_id: str, schema: str) -> str:
    """Return the command with which an account admin enables a schema of the system catalog."""
    return f"databricks system-schemas enable {metastore_id} {schema}"


def tables_in(text: str) -> Iterator[tuple[str, ...]]:
    """Yield the parts of each table's name that a SELECT or a DESCRIBE reads, in its order."""
    found = list(tokens(text))
    describes = found[0].text.upper() == "DESCRIBE"
    for place, token in enumerate(found):
        before = found[place - 1] if place else token
        if describes:  # what comes before the name are words: DETAIL, TABLE EXTENDED
            names = token.kind == "name" and before != _DOT
        else:
            begun = before.kind == "word" and before.text.upper() in _BEFORE_A_TABLE
            names = begun and token.kind in ("word", "name")
        if names:
            yield _name(found[place:])


def _name(found: list[Token]) -> tuple[str, ...]:
    """Return the parts of the name that some tokens begin with."""
    parts = [_part(found[0])]
    for dot, token in zip(found[1::2], found[2::2], strict=False):
        if dot != _DOT:
            break
        parts.append(_part(token))
    return tuple(parts)


def _part(token: Token) -> str:
    return token.text[1:-1].replace("``", "`") if token.kind == "name" else token.text
