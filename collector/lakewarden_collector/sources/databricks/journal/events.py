"""What a journal consists of: one event a line, told apart by `type`, and what a listing tells."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from msgspec import Struct, structs

from lakewarden_collector.document import TableDocument
from lakewarden_collector.inventory import Failure, LeftOut

VERSION: Final = 3


class Begun(Struct, frozen=True, kw_only=True, tag="begun"):
    """The first event: what is collected. A journal continues only the very same collection."""

    version: int
    purpose: str
    """What was asked for, in words that are equal for equal collections."""
    started_at: str


class Attempt(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A way to evidence that was gone, whether it led there or not.

    One that broke off or was refused isn't `settled`: a resumed collection goes it again, as the
    grant may have come meanwhile.
    """

    way: str
    settled: bool = True


class Table(Struct, frozen=True, kw_only=True, tag="table", omit_defaults=True):
    """One table as it is known now.

    `metastore` is where it was listed; `hint` orders work (bytes, undated).
    """

    document: TableDocument
    metastore: str
    hint: int = 0
    attempts: tuple[Attempt, ...] = ()

    def after(self, attempt: Attempt, document: TableDocument) -> Table:
        """Return the table as an attempt has left it."""
        return structs.replace(self, document=document, attempts=(*self.attempts, attempt))


class Schema(Struct, frozen=True, kw_only=True, tag="schema", omit_defaults=True):
    """A schema whose tables all stand before this line; `pipelines` as in `Listed`."""

    metastore: str
    catalog_name: str
    schema_name: str
    pipelines: dict[str, tuple[str, ...]] = {}


class Known(Struct, frozen=True, kw_only=True, tag="known"):
    """What the table summaries of one catalog know."""

    metastore: str
    summarised: Summarised


class Joined(Struct, frozen=True, kw_only=True, tag="joined"):
    """The metastores that are collected from, sorted: a journal continues with the same ones."""

    metastores: tuple[str, ...]


class Noted(Struct, frozen=True, kw_only=True, tag="noted", omit_defaults=True):
    """Something that isn't a table: one that could not be read, or what was left out."""

    metastore: str
    failure: Failure | None = None
    left_out: LeftOut | None = None


class Walked(Struct, frozen=True, kw_only=True, tag="walked"):
    """One metastore's listing came to its end, and all of it was listed: these catalogs."""

    metastore: str
    catalogs: tuple[str, ...]


class Answered(Struct, frozen=True, kw_only=True, tag="answered"):
    """One statement's answer about many tables."""

    metastore: str
    answer: Answer


class Spending(Struct, frozen=True, kw_only=True, tag="spent"):
    """What one attempt has asked for, by kind; attempts add up."""

    counts: dict[str, int]


Event = Begun | Joined | Table | Schema | Known | Noted | Walked | Answered | Spending


class Listed(Struct, frozen=True, kw_only=True):
    """One schema, listed whole: every table that the principal may see."""

    catalog_name: str
    schema_name: str
    documents: tuple[TableDocument, ...]
    hints: dict[str, int] = {}
    """`full_name` to `spark.sql.statistics.totalSize` where the listing has it: undated bytes that
    order work and decide nothing."""
    partly: tuple[str, ...] = ()
    """The full names of tables that are only browsed: their metadata is selective."""
    pipelines: dict[str, tuple[str, ...]] = {}
    """Pipeline ids and the full names of what they show here, in scope or not."""


class Summarised(Struct, frozen=True, kw_only=True):
    """The names that the table summaries of one catalog know, as Unity Catalog writes them.

    The parts stand unquoted with dots between, so a name with dots of its own is ambiguous.
    """

    catalog_name: str
    names: tuple[str, ...]


class Answer(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What one statement of a lookup answered, or its part about one catalog.

    A lookup that has taken it does not ask for it again. `name` is the lookup's. `catalog` is the
    catalog it is about, "" for all of them. A `probe` is the answer to the question how much
    there is to ask for.
    """

    name: str
    catalog: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str | None, ...], ...]
    probe: bool = False

    def mappings(self) -> Iterator[dict[str, str | None]]:
        """Yield each row as a mapping from column name to value; there may be very many."""
        for row in self.rows:
            yield dict(zip(self.columns, row, strict=True))
