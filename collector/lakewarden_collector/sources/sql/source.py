"""The source of tables that SQL files declare."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from pathlib import Path
from typing import Final

from msgspec import structs

from lakewarden_collector.document import TableDocument
from lakewarden_collector.file_kinds import FileKind, Wanted, mismatch
from lakewarden_collector.inventory import Failure, LeftOut
from lakewarden_collector.planned import Lookup, declared_once, find_nothing
from lakewarden_collector.sources.interface import EvidenceWay
from lakewarden_collector.sources.sql.files import kind_of, sql_files
from lakewarden_collector.sources.sql.lexer import Statement, statements

WAYS: Final = (
    EvidenceWay(
        name="statements",
        gives=(
            *("full_name", "catalog_name", "schema_name", "name", "definition"),
            *("table_type", "data_source_format", "owner", "comment", "storage_location"),
            *("properties", "tags", "columns", "predictive_optimization"),
        ),
        without="A statement that isn't understood is a failure that names its file and line.",
        blind=(
            "What a query gives a table, such as its columns, is known only after it has run.",
            "A statement that a procedure or another program runs isn't seen.",
        ),
    ),
)
"""What the statements say."""

_ALLOW: Final = "Allow this user to read it, or leave it out of the pattern."


class SqlSource:
    """Tables as the statements of SQL files leave them.

    `location` is a file, a folder or a glob pattern; raises `WrongInputError` if it names nothing.
    `default_schema` is the catalog and schema of names that say none. `known` finds a table that
    exists already by its full name, case aside; `estate` is what a reader calls the place where it
    looks, empty for none.
    """

    source_kind = "sql"

    def __init__(
        self,
        location: str,
        default_schema: tuple[str, str] | None = None,
        known: Lookup = find_nothing,
        estate: str = "",
    ) -> None:
        self.scope = location
        found = sql_files(location)
        self.files: Sequence[str] = found.files
        self.left_out: Sequence[LeftOut] = ()
        self._found = found
        self._default = default_schema
        self._known = known
        self._estate = estate

    def tables(self) -> Generator[TableDocument | Failure, None, None]:
        """Apply all files, then yield the tables, as `Source` says."""
        yield from declared_once(self._applied())

    def _applied(self) -> Iterator[TableDocument | Failure]:
        from lakewarden_collector.sources.sql.state import State  # noqa: PLC0415 -- only a run needs it

        state = State(self._known, self._default, self._estate)
        for error in self._found.closed:
            yield _lost(str(error.filename), f"it can't be listed: {error.strerror}", _ALLOW)
        for file in self.files:
            state.begin(file)
            text = _read(file)
            if isinstance(text, Failure):
                yield text
                continue
            for statement in whole_statements(text):
                state.apply(statement)
        yield from state.results()
        gone = [
            LeftOut(what=name, reason="dropped by the SQL files", tables=1)
            if (now := state.renamed.get(name)) is None
            else LeftOut(what=name, reason=f"the SQL files rename it to {now}", tables=0)
            for name in sorted(state.dropped)
        ]
        passed_by = [
            LeftOut(what=file, reason=reason, tables=0)
            for file, reason in self._found.passed_by.items()
        ]
        skipped = [
            LeftOut(what=f"{kind} ({count:,})", reason=reason, tables=0)
            for (kind, reason), count in sorted(state.skipped.items())
        ]
        self.left_out = (*gone, *passed_by, *skipped)


def _read(file: str) -> str | Failure:
    kind = kind_of(file)
    if kind is not None and kind is not FileKind.EMPTY:
        reason, remedy = mismatch(kind, Wanted.SQL)
        return _lost(file, f"it {reason}", remedy)
    try:
        text = Path(file).read_bytes().decode("utf-8-sig")
    except OSError as error:
        return _lost(file, f"it can't be read: {error.strerror}", _ALLOW)
    except UnicodeDecodeError as error:
        reason = f"it isn't UTF-8 text: byte {error.start} can't be decoded"
        return _lost(file, reason, "Save the file as UTF-8, or leave it out of the pattern.")
    return text if "\n" in text else text.replace("\r", "\n")


def _lost(file: str, reason: str, remedy: str) -> Failure:
    return Failure(what=file, where=file, reason=reason, remedy=remedy, covers="file")


def whole_statements(text: str) -> Iterator[Statement]:
    """Yield each statement, and a script between BEGIN and END as one: it may not run as a whole.

    Of a procedure nothing runs before it is called.
    """
    every = statements(text)
    for statement in every:
        words = [token.value for token in statement.tokens if token.kind == "word"]
        if "BEGIN" not in words or words[:2] == ["BEGIN", "TRANSACTION"] or words == ["BEGIN"]:
            yield statement
            continue
        if not (_begins(statement) or "PROCEDURE" in words[:4]):
            yield statement
            continue
        depth = _depth(statement)
        while depth > 0 and (more := next(every, None)) is not None:
            depth += _depth(more)
        if depth > 0:
            statement = structs.replace(statement, fault="its BEGIN has no END", open=True)  # noqa: PLW2901 -- the rest belongs to it
        yield statement


def _begins(statement: Statement) -> bool:
    tokens = statement.tokens
    return tokens[0].value == "BEGIN" or (
        len(tokens) > 2 and tokens[1].text == ":" and tokens[2].value == "BEGIN"  # noqa: PLR2004 -- label: BEGIN
    )


_COMPOUND: Final = frozenset({"IF", "WHILE", "FOR", "LOOP", "REPEAT", "CASE"})


def _depth(statement: Statement) -> int:
    """Return how many more scripts a statement begins than it ends."""
    depth = 0
    tokens = [token for token in statement.tokens if token.kind == "word"]
    for at, token in enumerate(tokens):
        after = tokens[at + 1].value if at + 1 < len(tokens) else ""
        if token.value == "BEGIN":
            depth += 1
        elif token.value == "END" and at == 0 and after not in _COMPOUND:
            depth -= 1
    return depth
