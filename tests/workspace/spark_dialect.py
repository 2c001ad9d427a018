"""What Databricks SQL has and open-source Spark has not.

Catalogs, CLUSTER BY AUTO, OWNER TO, and predictive optimization in DESCRIBE … AS JSON.

`understand` tells such a statement from the rest, by its words. For CLUSTER BY AUTO the text that
is left for Spark has the clause blanked out, so that all places in it stay what they were.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from tests.workspace.spark_words import Item, Name, items

_AUTO: Final = ("CLUSTER", "BY", "AUTO")
_OWNED: Final = ("TABLE", "VIEW", "SCHEMA", "DATABASE", "CATALOG")


@dataclass(frozen=True)
class CreateCatalog:
    """`CREATE CATALOG [IF NOT EXISTS] name`."""

    name: str
    tolerant: bool


@dataclass(frozen=True)
class DropCatalog:
    """`DROP CATALOG [IF EXISTS] name [CASCADE]`."""

    name: str
    tolerant: bool
    cascade: bool


@dataclass(frozen=True)
class SetOwner:
    """`ALTER kind name [SET] OWNER TO principal`."""

    kind: str
    parts: tuple[str, ...]
    owner: str


@dataclass(frozen=True)
class DescribeJson:
    """`DESCRIBE TABLE EXTENDED name AS JSON`."""

    parts: tuple[str, ...]


@dataclass(frozen=True)
class ForSpark:
    """Any other statement, as far as Spark can understand it.

    `head` is its first word. `clusters` is the table whose clustering it declares, where that can
    say or unsay AUTO; `auto` is whether it says so.
    """

    text: str
    head: str
    clusters: Name | None = None
    auto: bool = False


Understood = CreateCatalog | DropCatalog | SetOwner | DescribeJson | ForSpark


def understand(sql: str) -> Understood:
    """Return what a statement asks for."""
    every = items(sql)
    words = [item.word for item in every]
    names = [item for item in every if isinstance(item, Name)]
    if words[:2] == ["CREATE", "CATALOG"] and len(names) > 2:
        tolerant = words[2:5] == ["IF", "NOT", "EXISTS"]
        return CreateCatalog(_only(names[5 if tolerant else 2 :]), tolerant)
    if words[:2] == ["DROP", "CATALOG"] and len(names) > 2:
        tolerant = words[2:4] == ["IF", "EXISTS"]
        return DropCatalog(
            _only(names[4 if tolerant else 2 :]), tolerant, cascade="CASCADE" in words[3:]
        )
    if words[:1] == ["ALTER"] and words[1:2] and words[1] in _OWNED and "OWNER" in words:
        return _owner(every, words)
    if words[:3] == ["DESCRIBE", "TABLE", "EXTENDED"] and words[-2:] == ["AS", "JSON"]:
        return DescribeJson(names[3].folded)
    return _for_spark(sql, every, words)


def _only(names: list[Name]) -> str:
    return names[0].parts[0].lower() if names else ""


def _owner(every: list[Item], words: list[str]) -> SetOwner:
    subject, principal = every[2], every[words.index("OWNER") + 2]
    assert isinstance(subject, Name)
    owner = principal.parts[0] if isinstance(principal, Name) else principal.text.strip("'\"")
    return SetOwner(words[1], subject.folded, owner)


def _for_spark(sql: str, every: list[Item], words: list[str]) -> ForSpark:
    head = next((word for word in words if word), "")
    plain = ForSpark(sql, head)
    if head not in ("CREATE", "REPLACE", "ALTER") or "TABLE" not in words[:4]:
        return plain
    table = next((i for i in every if isinstance(i, Name) and len(i.parts) == 3), None)
    clause = next((i for i in range(len(words)) if tuple(words[i : i + 3]) == _AUTO), None)
    if clause is None:
        return replace(plain, clusters=table) if "CLUSTER" in words else plain
    first, last = every[clause], every[clause + 2]
    assert isinstance(last, Name)
    text = sql[: first.start] + " " * (last.end - first.start) + sql[last.end :]
    return ForSpark(text, head, clusters=table, auto=True)
