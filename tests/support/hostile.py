"""One hostile report for all formats: text of strangers in each field that isn't an identity."""

from __future__ import annotations

import dataclasses
from typing import Any, Final

from hypothesis import strategies as st
from msgspec import Struct, structs

from lakewarden.model.decision import Decision, Exemption, Fix, Missing, Outcome, Violation
from lakewarden.model.report import TableReport
from lakewarden_collector.document import Definition
from lakewarden_collector.inventory import Failure, LeftOut
from tests.support import histories, insights, reports

TERMINAL: Final = (
    *("\n", "\r", "\t", "\x1b[31m", "\x1b]8;;http://e\x07x\x1b]8;;\x07", "\x9b2J", "\x7f", "\0"),
    *("\u202e", "\u2066", "\u200b", "\u2028", "\u2029", "\u0085", "\ufeff", "\u3164", "\U000e0041"),
    *("\x0b", "\x0c", "\x1f", "\ufffe", "\ufdd0", "[bold]x[/bold]", "[link=http://e]x[/link]"),
)
LOGS: Final = (
    *(
        "::error::x",
        " ::set-output name=a::b",
        "##vso[task.x]",
        "##VSO[x.y]",
        "##[group]",
        "##teamcity[x]",
    ),
    *("##teamcity[x]", "Gate: passed", "section_start:1:x\r\x1b[0K", "]", ";", "%0A", "%3A"),
)
MARKUP: Final = (
    *("<script>alert(1)</script>", "</td><script>", "</style>", "</script>", "<!--", "-->", "--!>"),
    *("]]>", "<![CDATA[", "&amp;", "&#0;", "&", '"', "'", "`", "<?xml?>", "{{ 7*7 }}", "{% raw %}"),
    *("{# x #}", "${x}", "| --- |", "# h", "@team", "#12", "\n\n- x", "[x](http://e)", "\\"),
)
CELLS: Final = (
    *(
        "=cmd|' /C calc'!A0",
        "+1+1",
        "-2+3",
        "@SUM(1)",
        "\t=1",
        "\r=1",
        " =1",
        "'=1",
        '"=1',
        ",",
        ";",
    ),
    *("\n=1", '","=1"', "\uff1d1", "\uff0b1", "\uff0d1", "\uff201"),
)
PARTS: Final = (*TERMINAL, *LOGS, *MARKUP, *CELLS, "a", "א", "𐐷", "e\u0301")
TEXTS: Final = st.lists(st.sampled_from(PARTS), min_size=1, max_size=6).map("".join)
"""A few parts in any order: what is harmless alone may not be beside another."""

WORST: Final = "".join(PARTS)
LONG: Final = "m" * 10_000 + WORST

IDENTITIES: Final = frozenset({"policy_id", "policy"})
FREE_KEYS: Final = frozenset({"spent", "by_owner", "by_catalog", "by_schema"})
MARK: Final = "⟦free⟧"
"""What stands in a sample's own proof, to be replaced like everything else."""


def report(text: str) -> reports.Sample:
    """Return a report that has something of everything, with the text wherever text is free."""
    fields = {
        each.name: everywhere(getattr(_SAMPLE, each.name), text, each.name)
        for each in dataclasses.fields(_SAMPLE)
    }
    made = reports.Sample(**fields)
    made.run.spent[text] = 3
    return made


def everywhere(thing: Any, text: str, name: str = "") -> Any:  # noqa: ANN401 -- any part of a report
    """Return the thing with the text in place of all text that isn't an identity."""
    if type(thing) is str:
        return thing if name in IDENTITIES else text
    if isinstance(thing, tuple | list):
        return type(thing)(everywhere(each, text, name) for each in thing)
    if isinstance(thing, dict):
        free = text if name in FREE_KEYS else ""
        return {
            f"{free}{key}" if free else key: everywhere(value, text, name)
            for key, value in thing.items()
        }
    if isinstance(thing, Struct):
        fields = {each: everywhere(getattr(thing, each), text, each) for each in _fields(thing)}
        return structs.replace(thing, **fields)
    return thing


def _fields(thing: Struct) -> tuple[str, ...]:
    return ("address", "file") if isinstance(thing, Definition) else thing.__struct_fields__


def _sample() -> reports.Sample:
    sample = insights.with_insight(reports.sample(6))
    reports.count(sample, [*sample.rows, *_rows()])
    sample = histories.with_history(sample)
    sample.promises = reports.promises()
    sample.completeness = structs.replace(
        sample.completeness,
        failures=(
            *sample.completeness.failures,
            Failure(what=MARK, where=MARK, reason=MARK, remedy=MARK, covers="schema"),
        ),
        reasons=(MARK,),
        left_out=(LeftOut(what=MARK, reason=MARK),),
    )
    return sample


def _rows() -> list[TableReport]:
    """Return two tables, of an estate and of a plan, that have each kind of proof."""
    fixes = (
        Fix(title=MARK, sql=(MARK, MARK), requires=(MARK,), note=MARK, undo=(MARK,)),
        Fix(title=MARK),
    )
    violations = (
        Violation(message=MARK, expected=MARK, actual={"is": [MARK]}, key=MARK, fixes=fixes),
        Violation(message=MARK),
    )
    missing = (Missing(kind=f"properties.{MARK}", status="denied", reason=MARK),)
    waiver = Exemption(
        kind="waiver",
        reason=MARK,
        owner=MARK,
        approved_by=MARK,
        ticket=MARK,
        starts=MARK,
        expires=MARK,
    )
    made = (
        Decision(outcome=Outcome.FAIL, violations=violations, override=MARK),
        Decision(outcome=Outcome.UNKNOWN, missing=missing),
        Decision(outcome=Outcome.ERROR, reasons=(MARK, MARK)),
        Decision(
            outcome=Outcome.EXEMPT,
            violations=violations,
            exemptions=(waiver, Exemption(kind="flag", reason=MARK)),
            would_be=Outcome.FAIL,
        ),
        Decision(outcome=Outcome.NOT_APPLICABLE, reasons=(MARK,)),
    )
    ids = [policy.policy_id for policy in reports.policies()]
    plain = structs.replace(
        reports.sample(1).rows[0],
        full_name="main.sales.of_estate",
        name="of_estate",
        owner=MARK,
        definition=None,
        decisions=dict(zip(ids, made, strict=True)),
    )
    planned = structs.replace(
        plain,
        full_name="main.sales.of_plan",
        name="of_plan",
        definition=reports.definition(7, MARK),
        decisions=dict(zip(ids, (*made[1:], made[0]), strict=True)),
    )
    return [plain, planned]


_SAMPLE: Final = _sample()
