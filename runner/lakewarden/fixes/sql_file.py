"""The file of fixes: SQL to review, in order of weight, in which all that isn't SQL is a comment.

Nothing that comes from a table or a policy can end a comment: each of its lines begins with `--`,
and `comment` takes away what could add a line to it or join the next.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from tempfile import TemporaryFile
from typing import Any, BinaryIO, Final, TextIO

from msgspec import Struct

from lakewarden.fixes.selection import Filters, Selection
from lakewarden.fixes.statements import SUBSTITUTED, Statement, statement
from lakewarden.model.decision import Fix
from lakewarden.model.report import Report, TableReport
from lakewarden.renderers.words import wording
from lakewarden.renderers.words.completeness import evaluated
from lakewarden.renderers.words.enforcement import enforcement
from lakewarden.renderers.words.insight import KINDS
from lakewarden.report.weight import FailedDecision, heaviest_first
from lakewarden_collector.counted import counted

_WIDTH: Final = 100
_RULE: Final = "-- " + "=" * (_WIDTH - 3)
_LABEL: Final = len("Inventory:")
_GOES_ON: Final = "sql"
"""The tool whose definitions another statement changes for good."""


class Written(Struct, kw_only=True):
    """How much there is to fix."""

    tables: int = 0
    violations: int = 0
    statements: int = 0
    """Outside of comments."""
    blank: int = 0
    """Of these, how many have something to fill in."""
    alternatives: int = 0
    by_definition: int = 0
    """Violations that a change of a definition fixes, not SQL."""
    without: int = 0
    """Violations whose policy names no fix."""
    withheld: int = 0
    """Statements that stand in comments, since they aren't what they seem."""
    contradictions: int = 0
    """Tables with fixes that set the same thing."""
    is_partial: bool = False
    """Whether something couldn't be read or decided, so that more may have to be fixed."""

    @property
    def nothing(self) -> str:
        """What to say where there are no violations."""
        if self.is_partial:
            return "There is nothing to fix in what was decided, but not everything could be."
        return "There is nothing to fix."


def comment(text: str) -> str:
    r"""Return text as it can stand in a `--` comment: on one line, shown whole.

    Spark takes a backslash at the end for a comment that goes on, and replaces `${…}` in comments
    as well, where it can be a line end.
    """
    safe = SUBSTITUTED.sub(lambda found: f"\\x{ord(found[0]):02x}", wording.visible(text)).rstrip()
    return f"{safe[:-1]}\\x5c" if safe.endswith("\\") else safe


def write_fixes(report: Report, filters: Filters, out: TextIO) -> Written:
    """Write the fixes of a report's failures; return how many there are.

    Takes memory for a key of each failing table, not for the tables. Raises `ConfigurationError`
    for a filter that matches nothing, before anything is written.
    """
    selection = Selection(report, filters)
    written = Written()
    with TemporaryFile() as pieces:
        blocks: list[tuple[Any, int, int]] = []
        for table, failed in selection.failures():
            begin = pieces.tell()
            lines = _Block(table, failed, written).lines()
            pieces.writelines(f"{line}\n".encode("utf-8", "backslashreplace") for line in lines)
            blocks.append((heaviest_first(failed[0]), begin, pieces.tell()))
        written.is_partial = selection.undecided > 0 or not report.completeness.complete
        out.writelines(f"{line}\n" for line in _header(report, filters, selection, written))
        out.writelines(
            f"\n{_RULE}\n-- {number:,}. {block}"
            for number, block in enumerate(_in_order(pieces, blocks), 1)
        )
    return written


def _in_order(pieces: BinaryIO, blocks: list[tuple[Any, int, int]]) -> Iterator[str]:
    for _, begin, end in sorted(blocks):
        pieces.seek(begin)
        yield pieces.read(end - begin).decode()


def _header(
    report: Report, filters: Filters, selection: Selection, written: Written
) -> Iterator[str]:
    run, digests = report.run, report.run.digests
    yield from _text(
        "Fixes for what Lakewarden found, the worst first. Review them, then run them."
    )
    yield from _text("Lakewarden itself never runs them.")
    yield "--"
    about = {
        "Tables": f"{run.source}: {run.scope}",
        "Decided": f"{wording.utc(run.clock)} by {run.tool} {run.tool_version}, "
        f"{run.engine.name} {run.engine.version}",
        "Policies": digests.policies,
        "Settings": digests.settings,
        "Waivers": digests.waivers,
        "Inventory": digests.inventory,
        "Run": ", ".join(run.narrowed),
        "Filters": str(filters) or "none",
    }
    for label, value in about.items():
        if value:
            yield from _labelled(label, value)
    yield "--"
    yield from _counts(written)
    for kind, number in sorted(selection.exempt.items()):
        how = KINDS.get(kind, kind)
        yield from _labelled("Left out", f"{counted(number, 'failure')} exempt {how}")
    if selection.undecided:
        undecided = counted(selection.undecided, "decision")
        yield from _labelled(
            "UNKNOWN", f"{undecided} couldn't be made. What they would need isn't in here."
        )
    if not report.completeness.complete:
        yield from _text(evaluated(report.completeness))
    yield "--"
    if not written.violations:
        yield from _text(written.nothing)
        return
    yield from _text(
        "A statement outside of a comment is the first choice. Others stand below it, after Or: "
        "remove one or the other. FILL IN names what stands in angle brackets: the statement "
        "doesn't parse until you have replaced that. Undo takes a statement back."
    )


def _counts(written: Written) -> Iterator[str]:
    tables = counted(written.tables, "table")
    yield from _labelled("To fix", f"{counted(written.violations, 'violation')} of {tables}")
    yield from _labelled(
        "SQL",
        f"{counted(written.statements, 'statement')}, {written.blank:,} with something to fill "
        f"in; {counted(written.alternatives, 'alternative')} in comments",
    )
    others = (
        (written.by_definition, "fixed where the table is defined, not by SQL on the table"),
        (written.without, "whose policy names no statement, only what to do"),
    )
    for number, words in others:
        if number:
            yield from _labelled("Without", f"{counted(number, 'violation')} {words}")
    if written.withheld:
        withheld = counted(written.withheld, "statement")
        yield from _labelled("WITHHELD", f"{withheld} in comments: not what they seem to be")
    if written.contradictions:
        yield from _labelled(
            "CAREFUL",
            f"{counted(written.contradictions, 'table')} with fixes that contradict each other",
        )


class _Repair(Struct, kw_only=True):
    """What fixes one or more violations of a table: the same statements for all of them."""

    fixes: list[Fix]
    """The alternatives, the best first."""
    failures: list[tuple[FailedDecision, str]]
    """What is broken, each with its message."""
    statements: list[Statement]
    """Those of the best alternative; empty where there is no SQL."""


class _Block:
    """The lines about one table; they begin with what follows its number."""

    def __init__(
        self, table: TableReport, failed: Sequence[FailedDecision], written: Written
    ) -> None:
        self._table = table
        self._count = written
        self._repairs = _repairs(failed)
        self._done: set[str] = set()
        """Statements that stand above already."""
        written.tables += 1

    def lines(self) -> Iterator[str]:
        size = self._table.size.get("bytes")
        about = "not known" if size is None else wording.exact_size(size)
        yield comment(self._table.full_name)
        yield from _labelled("Size", about)
        yield from _labelled("Owner", wording.owner(self._table.owner).removeprefix("owner "))
        if self._table.definition:
            yield from _labelled("Declared", wording.declared(self._table.definition))
        yield _RULE
        contradicted = self._contradicted()
        if contradicted:
            self._count.contradictions += 1
            names = ", ".join(sorted(contradicted))
            yield from _labelled(
                "CAREFUL", f"fixes below contradict each other: they set {names}. Keep one of them."
            )
        for repair in self._repairs:
            yield from self._repair(repair, contradicted)

    @property
    def _is_undone(self) -> bool:
        """Whether what makes the table undoes SQL on it; SQL files go on where they ended."""
        return self._table.definition is not None and self._table.definition.tool != _GOES_ON

    def _where(self) -> str:
        definition = self._table.definition
        return wording.change_definition(definition) if definition else ""

    def _contradicted(self) -> set[str]:
        """Return what two repairs set by statements that differ."""
        setting: dict[str, set[tuple[str, ...]]] = {}
        for repair in self._repairs:
            for target in frozenset().union(*(each.targets for each in repair.statements)):
                by = tuple(each.sql for each in repair.statements if target in each.targets)
                setting.setdefault(target, set()).add(by)
        return {target for target, by in setting.items() if len(by) > 1}

    def _repair(self, repair: _Repair, contradicted: set[str]) -> Iterator[str]:
        self._count.violations += len(repair.failures)
        yield ""
        named: set[tuple[str, str]] = set()
        for failed, message in repair.failures:
            policy = failed.policy
            if (policy.policy_id, message) in named:
                continue
            named.add((policy.policy_id, message))
            kind = f"{failed.severity}, {enforcement(policy, failed.decision)}"
            yield f"-- {comment(f'{policy.policy_id} ({kind}): {policy.title}')}"
            yield from _labelled("Why", message)
        if not repair.fixes:
            self._count.without += len(repair.failures)
            yield from _labelled("To do", repair.failures[0][0].policy.remediation)
            if self._table.definition:
                yield from _labelled("Where", self._where())
            return
        best, *others = repair.fixes
        yield from _about("Fix", best)
        if not repair.statements:
            self._count.by_definition += len(repair.failures)
            if self._table.definition:
                yield from _labelled("To do", self._where())
        elif self._is_undone:
            self._count.by_definition += len(repair.failures)
            yield from _labelled(
                "To do",
                f"{self._where()} The next time it's applied, it would undo SQL on the table, such "
                "as:",
            )
            yield from (line for each in repair.statements for line in _quoted(each.sql))
        else:
            yield from self._statements(repair.statements, contradicted)
            yield from _undo(best)
        for other in others:
            self._count.alternatives += 1
            yield from _alternative(other)

    def _statements(self, statements: Sequence[Statement], contradicted: set[str]) -> Iterator[str]:
        for each in statements:
            if targets := contradicted & each.targets:
                names = ", ".join(sorted(targets))
                yield from _labelled("CAREFUL", f"another fix of this table also sets {names}.")
            for caution in each.cautions:
                yield from _labelled("CAREFUL", caution)
            for blank in dict.fromkeys(each.blanks):
                yield from _labelled("FILL IN", blank)
            if each.fault:
                self._count.withheld += 1
                yield from _labelled("WITHHELD", f"this isn't written as SQL: {each.fault}.")
                yield from _quoted(each.sql, whole=True)
            elif each.sql in self._done:
                yield from _labelled("Above", "this statement stands above already:")
                yield from _quoted(each.sql)
            else:
                self._done.add(each.sql)
                self._count.statements += 1
                self._count.blank += bool(each.blanks)
                yield f"{each.sql};"


def _repairs(failed: Sequence[FailedDecision]) -> list[_Repair]:
    """Put violations together whose best fixes are the same statements."""
    found: list[_Repair] = []
    by_statements: dict[tuple[str, ...], _Repair] = {}
    for each in failed:
        for violation in each.decision.violations:
            best = violation.fixes[0].sql if violation.fixes else ()
            repair = by_statements.get(best) if best else None
            if repair is not None:
                repair.failures.append((each, violation.message))
                known = {fix.sql or fix.title for fix in repair.fixes}
                repair.fixes += [
                    fix for fix in violation.fixes if (fix.sql or fix.title) not in known
                ]
                continue
            repair = _Repair(
                fixes=list(violation.fixes),
                failures=[(each, violation.message)],
                statements=[statement(sql) for sql in best],
            )
            found.append(repair)
            if best:
                by_statements[best] = repair
    return found


def _about(label: str, fix: Fix) -> Iterator[str]:
    yield from _labelled(label, fix.title)
    for each in fix.requires:
        yield from _labelled("Needs", each)
    if fix.note:
        yield from _labelled("Effect", fix.note)


def _alternative(fix: Fix) -> Iterator[str]:
    yield from _about("Or", fix)
    for sql in fix.sql:
        yield from _quoted(sql)
    yield from _undo(fix)


def _undo(fix: Fix) -> Iterator[str]:
    for sql in fix.undo:
        first, *rest = _quoted(sql)
        yield f"--   {'Undo:':{_LABEL}} {first.removeprefix('--').lstrip()}"
        yield from rest


def _quoted(sql: str, *, whole: bool = False) -> Iterator[str]:
    """Yield a statement as comments; `whole` keeps one whose lines aren't its own together."""
    lines = [sql] if whole else sql.strip().split("\n")
    for number, line in enumerate(lines, 1):
        end = ";" if number == len(lines) else ""
        yield f"--   {'':{_LABEL}} {comment(f'{line}{end}')}"


def _text(text: str) -> Iterator[str]:
    yield from _wrapped(text, first="-- ", others="-- ")


def _labelled(label: str, text: str) -> Iterator[str]:
    margin = "--   "
    for number, line in enumerate(filter(str.strip, text.splitlines() or [""])):
        name = f"{label}:" if number == 0 else ""
        yield from _wrapped(
            line, first=f"{margin}{name:{_LABEL}} ", others=f"{margin}{'':{_LABEL}} "
        )


def _wrapped(text: str, *, first: str, others: str) -> Iterator[str]:
    """Break text between words; what is longer than a line stays whole."""
    shown = wording.visible(text)
    if len(first) + len(shown) <= _WIDTH:
        yield comment(f"{first}{shown}")
        return
    lines = textwrap.wrap(
        shown,
        _WIDTH,
        initial_indent=first,
        subsequent_indent=others,
        break_long_words=False,
        break_on_hyphens=False,
    )
    for line in lines or [first]:
        yield comment(line)
