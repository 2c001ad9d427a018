"""A lookup: one kind of evidence about many tables, from a few statements."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Protocol

from msgspec import structs

from lakewarden_collector.document import Absence, EvidenceStatus, TableDocument
from lakewarden_collector.sources.databricks.client.interface import Run
from lakewarden_collector.sources.databricks.client.server_text import is_sound, sound
from lakewarden_collector.sources.databricks.journal.events import Answer
from lakewarden_collector.sources.databricks.statements.statement import Rows


def answered(name: str, rows: Rows, *, probe: bool = False) -> Answer:
    """Return what a statement answered, for all catalogs, as text that can be written down."""
    lines = rows.rows
    if not is_sound(lines):
        lines = tuple(tuple(sound(value) for value in line) for line in lines)
    return Answer(name=name, catalog="", columns=rows.columns, rows=lines, probe=probe)


class Lookup(Protocol):
    """One kind of evidence, and where it comes from.

    `evidence_kind` is the evidence (a key of `TableDocument.evidence`), `name` the kind of its
    statements.
    """

    evidence_kind: str
    name: str

    @property
    def notes(self) -> tuple[str, ...]:
        """Return what went wrong or is peculiar, a sentence each; known after `load`."""
        ...

    def load(self, run: Run, catalogs: Sequence[str]) -> Iterator[Answer]:
        """Ask about the tables of these catalogs, and yield each answer as it comes.

        What was taken before is not asked for again. The caller takes each answer before it asks
        for the next. A statement that fails isn't an exception but a reason that `apply` gives;
        a `StatementError` that is fatal and `Interrupted` pass through.
        """
        ...

    def take(self, answer: Answer) -> None:
        """Add an answer, new or kept from an earlier attempt."""
        ...

    def apply(self, document: TableDocument) -> TableDocument:
        """Return the document with the evidence, or with the reason why there is none."""
        ...


def with_evidence(document: TableDocument, evidence_kind: str, **fields: Any) -> TableDocument:  # noqa: ANN401 -- the fields of a document
    """Return the document with these fields, and without a reason why `evidence_kind` is absent."""
    evidence = {known: why for known, why in document.evidence.items() if known != evidence_kind}
    return structs.replace(document, evidence=evidence, **fields)


def without_evidence(
    document: TableDocument, evidence_kind: str, status: EvidenceStatus, reason: str
) -> TableDocument:
    """Return the document with the reason why `evidence_kind` is absent."""
    evidence = {**document.evidence, evidence_kind: Absence(status=status, reason=reason)}
    return structs.replace(document, evidence=evidence)
