"""The words and figures that a person reads in a report, the same in every format."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from lakewarden.model.decision import Outcome, Severity, Violation
from lakewarden.model.errors import (
    EXIT_BROKEN,
    EXIT_FAILED,
    EXIT_INCOMPLETE,
    EXIT_INTERRUPTED,
    EXIT_OK,
    EXIT_TERMINATED,
    EXIT_USAGE,
)
from lakewarden.model.insight import Amount
from lakewarden.model.report import FactLabel, Gate, Group, Report, TableReport
from lakewarden.renderers.words.enforcement import upcoming_lines
from lakewarden.report.amounts import bytes_of
from lakewarden.report.table_status import Status, reaches
from lakewarden_collector.counted import counted
from lakewarden_collector.document import Definition
from lakewarden_collector.planned import OTHER_PROPERTIES

OUTCOMES: Final = {
    Outcome.PASS: "pass",
    Outcome.FAIL: "fail",
    Outcome.EXEMPT: "exempt",
    Outcome.NOT_APPLICABLE: "not applicable",
    Outcome.UNKNOWN: "unknown",
    Outcome.ERROR: "error",
}

STATUSES: Final = {
    Status.COMPLIANT: "compliant",
    Status.NON_COMPLIANT: "non-compliant",
    Status.UNDECIDED: "undecided",
    Status.NOT_APPLICABLE: "not applicable",
}

_EVIDENCE_STATUSES: Final = {
    "not_requested": "the collection didn't include {what}",
    "denied": "access to {what} was denied",
    "failed": "reading {what} failed",
    "unsupported": "this source doesn't provide {what}",
    "known_after_apply": "{what} can't be known until the plan is applied",
    "inconclusive": "the collected {what} can't be used to decide",
}

_UNRECOGNISED: Final = {
    "table_type": "the table type isn't recognised",
    "data_source_format": "the format isn't recognised",
}
"""What `inconclusive` means for evidence that is one of a list of values."""

_EVIDENCE: Final = {
    "access": "read statistics",
    "data_source_format": "the format",
    "detail": "table details",
    "properties": "table properties",
    "table_type": "the table type",
    "owner": "the owner",
    "comment": "the comment",
    "size": "the size",
    "predictive_optimization": "the state of predictive optimization",
}
"""Evidence whose name in the document isn't a word."""

EVIDENCE_REMEDIES: Final = {
    "not_requested": "Evaluate from a source that can collect it.",
    "denied": "Grant the collecting identity access to it, then evaluate again.",
    "failed": "Fix the cause, then evaluate again.",
    "unsupported": "Evaluate from a source that provides it.",
    "known_after_apply": "Evaluate the table again after the plan is applied.",
    "inconclusive": "Collect it again, or have the value corrected.",
}

NO_REASON: Final = "no reason given"

ERROR_REMEDY: Final = "The policy has a bug. Ask its author to fix the rule."

_UNITS: Final = ("KiB", "MiB", "GiB", "TiB", "PiB", "EiB")
_UNIT: Final = 1024


def column(outcome: Outcome) -> str:
    """Return the heading of an outcome's column: `Fail`, `n/a`."""
    return "n/a" if outcome is Outcome.NOT_APPLICABLE else OUTCOMES[outcome].capitalize()


def evidence(kind: str) -> str:
    """Return the words for a kind of evidence: `the owner`, `the property clusteringColumns`."""
    part, _, rest = kind.partition(".")
    if not rest:
        return _EVIDENCE.get(kind, kind.replace("_", " "))
    if kind == OTHER_PROPERTIES:
        return "the other properties"
    return f"the property {rest}" if part == "properties" else f"the {part} entry {rest}"


def lack(kind: str, status: str) -> str:
    """Say how evidence is missing: `this source doesn't provide columns`."""
    if status == "inconclusive" and kind in _UNRECOGNISED:
        return _UNRECOGNISED[kind]
    what = evidence(kind)
    if status == "inconclusive":
        what = what.removeprefix("the ")
    words = _EVIDENCE_STATUSES.get(status)
    return words.format(what=what) if words else f"{what}: {status}"


TOOLS: Final = {"terraform": "Terraform", "dbt": "dbt", "sql": "SQL"}
"""The tools of definitions, as they write themselves."""


DEFINITION_FIRST: Final = "Change these definitions, not the tables, then plan again:"
"""What stands before the places of planned tables and a policy's own advice."""


def owner(name: str | None) -> str:
    """Say who owns a table; None where nobody knows, empty where nobody does."""
    if name is None:
        return "owner not known"
    return f"owner {visible(name)}" if name else "no owner"


def declared(definition: Definition) -> str:
    """Say where a planned table is declared and what applying does: `model.a in a.sql (create)`."""
    place = definition.place or TOOLS.get(definition.tool or "", "a plan")
    return f"{place} ({definition.action})" if definition.action else place


def change_definition(definition: Definition) -> str:
    """Say where a planned table is fixed; SQL on the table would be undone by the next apply."""
    if not definition.place:
        return "Change the table's definition."
    return f"Change the definition: {definition.place}."


def first_fix(
    violation: Violation,
    prose: Callable[[str], str] = str,
    code: Callable[[str], str] = "`{}`".format,
) -> str:
    """Say in one line how a violation is fixed best; empty where its policy gives no fixes.

    `prose` and `code` write the title and a statement as a format wants them.
    """
    if not violation.fixes:
        return ""
    fix = violation.fixes[0]
    statements = "; ".join(map(code, fix.sql))
    return f"Fix: {prose(fix.title)}{': ' if statements else ''}{statements}"


def size(number: float) -> str:
    """Write a number of bytes for a person, in units of 1024: `1.5 GiB`.

    It is rounded down, as the policies' messages are: one byte less than a GiB isn't a GiB.
    """
    if number < _UNIT:
        return f"{number:,.0f} B"
    for unit in _UNITS:
        number /= _UNIT
        if number < _UNIT or unit == _UNITS[-1]:
            break
    return f"{math.floor(number * 10) / 10:,.1f} {unit}"  # `unit` is the last one tried


def exact_size(number: float) -> str:
    """Write a number of bytes for a person, and exactly: `1.5 GiB (1,610,612,736 bytes)`."""
    return f"{size(number)} ({number:,} bytes)"


def table_size(table: TableReport) -> str:
    """Write a table's bytes: `1.5 GiB`, or `size unknown`."""
    known = bytes_of(table)
    return "size unknown" if known is None else size(known)


def known_size(group: Group | Amount) -> str:
    """Write what is known of the bytes of a group's tables: `1.5 GiB, 2 of unknown size`."""
    if group.unsized and group.unsized == group.tables:
        return "size unknown"
    return size(group.bytes) + (f", {group.unsized:,} of unknown size" if group.unsized else "")


def share(part: float, whole: float) -> str:
    """Write a part in per cent; 0 and 100 only where they are exact."""
    if not whole:
        return "0%"
    if 0 < part < whole:
        percent = 100 * part / whole
        if percent < 1:
            return "<1%"
        return f"{min(round(percent), 99)}%"
    return f"{100 * part / whole:.0f}%"


def and_so_on(parts: Sequence[str]) -> str:
    """Join parts as a sentence does: `a`, `a and b`, `a, b and c`."""
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def sentences(texts: Iterable[str]) -> str:
    """Write several reasons one after the other; a full stop stands between them, never two."""
    stated = [text.strip() for text in texts if text.strip()]
    ended = [text if text.endswith((".", "!", "?", "…")) else f"{text}." for text in stated[:-1]]
    return " ".join([*ended, *stated[-1:]])


def utc(text: str) -> str:
    """Write an RFC 3339 time in UTC, to the second; text that isn't a time stays as it is."""
    time = time_of(text)
    return f"{time:%Y-%m-%d %H:%M:%S} UTC" if time else text


def time_of(text: str) -> datetime | None:
    """Read an RFC 3339 time as one in UTC; None where it isn't one, or has no zone."""
    try:
        time = datetime.fromisoformat(text)
        return time.astimezone(UTC) if time.tzinfo else None
    except (ValueError, OverflowError):  # of the year 10,000, elsewhere
        return None


def shortened(text: str, longest: int) -> str:
    """Return text of at most so many characters; an ellipsis tells of the rest."""
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def value(thing: Any) -> str:  # noqa: ANN401 -- whatever a policy or a fact says
    """Write a fact or an expectation: text as it is, anything else as JSON."""
    return thing if isinstance(thing, str) else msgspec.json.encode(thing, order="sorted").decode()


class FactWords:
    """How a report's facts are shown, each by its name, `<domain>.<fact>`."""

    def __init__(self, labels: Mapping[str, FactLabel]) -> None:
        self._labels = labels

    def title(self, name: str) -> str:
        """Return the fact's label; without one, its name as words."""
        label = self._labels.get(name)
        return label.label if label else title(name)

    def value(self, name: str, text: str) -> str:
        """Return the words for a value that is given as a summary's key."""
        label = self._labels.get(name)
        return (label.values if label else {}).get(text) or fact_value(text)

    def of_table(self, name: str, thing: Any) -> str:  # noqa: ANN401 -- whatever a policy exports
        """Return one table's fact as it is shown."""
        if isinstance(thing, bool):
            return self.value(name, str(thing).lower())
        return self.value(name, thing) if isinstance(thing, str) else fact(thing, name)


def fact(thing: Any, name: str) -> str:  # noqa: ANN401 -- whatever a policy exports
    """Write one table's fact; a number whose name ends in `bytes` is a size."""
    if isinstance(thing, bool):
        return fact_value(str(thing).lower())
    if isinstance(thing, int | float):
        return exact_size(thing) if name.endswith("bytes") else f"{thing:,}"
    if isinstance(thing, list) and all(isinstance(each, str) for each in thing):
        return ", ".join(thing) or "(none)"
    return value(thing)


def fact_value(text: str) -> str:
    """Write a fact's value, given as a summary's key, as a word."""
    return {"true": "yes", "false": "no", "": "(empty)"}.get(text, text)


def title(name: str) -> str:
    """Write `<domain>.<fact>` or another identifier as words: `Clustering: strategy`."""
    words = name.replace(".", ": ").replace("_", " ")
    return words[:1].upper() + words[1:]


HIDDEN: Final = re.compile(
    # Control characters but the line end and the tab; soft hyphen, joiners, fillers, blank letters;
    # marks of direction; line and paragraph separators; halves of characters, and tags.
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160"
    "\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u2800\u3164\ud800-\udfff\ufdd0-\ufdef"
    "\ufeff\uffa0\ufff9-\ufffb\ufffe\uffff\U000110bd\U000110cd\U00013430-\U0001343f"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
"""Characters that show nothing, or change how others are shown."""

LOG_COMMAND: Final = re.compile(r"#(#(?:vso|teamcity)?\[)", re.IGNORECASE)
"""What Azure Pipelines, GitHub Actions and TeamCity take for a command anywhere in a line."""

LINE_COMMAND: Final = re.compile(r"^([ \t]*):(?=:)", re.MULTILINE)
"""What GitHub Actions takes for a command at the beginning of a line."""


def violation_name(full_name: str, policy_id: str, key: str | None) -> str:
    """Name a violation: its table, its policy, and what it is about where the policy says so."""
    return f"{full_name}  {policy_id}" + (f" ({key})" if key is not None else "")


def visible(text: str, *, keep: str = "") -> str:
    r"""Write control, hidden and direction-changing characters as escapes (`\x1b`), but `keep`.

    Names come from elsewhere: they must not move a terminal's cursor, turn a line around or give a
    command to the system that reads a log; the first character of such a command is escaped too.
    """
    if "::" in text:
        text = LINE_COMMAND.sub(r"\1\\x3a", text)
    if "##" in text:
        text = LOG_COMMAND.sub(r"\\x23\1", text)
    if text.isascii() and text.isprintable():
        return text
    text = HIDDEN.sub(lambda found: _escaped(found[0]), text)
    for line in "\n\t":
        if line not in keep and line in text:
            text = text.replace(line, _escaped(line))
    return text


def _escaped(letter: str) -> str:
    return letter.encode("unicode_escape", "surrogatepass").decode()


EXITS: Final = {
    EXIT_OK: "passed",
    EXIT_FAILED: "failed",
    EXIT_USAGE: "not run: invalid usage or configuration",
    EXIT_INCOMPLETE: "incomplete",
    EXIT_BROKEN: "stopped: the collector or the engine failed",
    EXIT_INTERRUPTED: "interrupted",
    EXIT_TERMINATED: "terminated",
}


def tone(report: Report) -> str:
    """Return `bad`, `unsure` or `good`."""
    status = report.summary.tables_by_status
    if status.get(Status.NON_COMPLIANT) or _fails_by_option(report):
        return "bad"
    if (
        status.get(Status.UNDECIDED)
        or not report.completeness.complete
        or not report.summary.total.tables
    ):
        return "unsure"
    return "good"


def _fails_by_option(report: Report) -> bool:
    """Whether tables have failures that gate by `--fail-on`, where none breaks a mandatory policy.

    The report may be one owner's part, and the gate that of the whole run.
    """
    failing = (
        severity
        for severity, outcomes in report.summary.by_severity.items()
        if outcomes.get(Outcome.FAIL)
    )
    return report.gate.exit_code == EXIT_FAILED and any(
        reaches(Severity(severity), report.gate.fail_on) for severity in failing
    )


def headline(report: Report) -> str:
    """Return the sentence that a report begins with."""
    status = report.summary.tables_by_status
    tables = report.summary.total.tables
    failing = status.get(Status.NON_COMPLIANT, 0)
    undecided = status.get(Status.UNDECIDED, 0)
    if not tables:
        return "Nothing was evaluated."
    if failing:
        verb = "breaks" if failing == 1 else "break"
        return f"{failing:,} of {counted(tables, 'table')} {verb} a mandatory policy."
    if _fails_by_option(report):
        return (
            "No table breaks a mandatory policy, but advisory failures gate "
            f"(--fail-on {report.gate.fail_on})."
        )
    if undecided:
        return (
            "No table breaks a mandatory policy, but "
            f"{undecided:,} of {counted(tables, 'table')} couldn't be decided."
        )
    if not report.completeness.complete:
        return "No evaluated table breaks a mandatory policy, but the run is incomplete."
    return f"No table breaks a mandatory policy: {counted(tables, 'table')} evaluated."


def gate_lines(gate: Gate) -> list[str]:
    """Say what the gate decided and why, whether `--no-gate` turned it off, and what is to come."""
    code = gate.exit_code
    if gate.gate_disabled:
        first = f"Gate: off (--no-gate); this run would otherwise exit with {code}"
    else:
        first = f"Gate: {EXITS.get(code, 'ended')} (exit {code})"
    reasons = visible("; ".join(gate.reasons))
    lines = [f"{first}: {reasons}." if reasons else f"{first}."]
    if gate.allowed:
        lines.append(f"Not gated, because --allow permits it: {', '.join(gate.allowed)}.")
    return [*lines, *upcoming_lines(gate)]
