"""An owner's text: what to do, in order of weight, and nothing that isn't text."""

from __future__ import annotations

import io
import re

from msgspec import structs

from lakewarden.model.decision import Decision, Fix, Outcome, Violation
from lakewarden.model.report import Report
from lakewarden.renderers.owners.text import LISTED, write_text
from tests.support import reports


def text_of(report: Report, owner: str = "data-platform") -> str:
    out = io.StringIO()
    write_text(report, owner, "data-platform.html", out)
    return out.getvalue()


def failing(number: int, sql: str = "") -> reports.Sample:
    whole = reports.sample(number, failures=0)
    fixes = (Fix(title="Fix it", sql=(sql,)),) if sql else ()
    violation = Violation(message="m", actual="nothing", fixes=fixes)
    decision = Decision(outcome=Outcome.FAIL, violations=(violation,))
    policy_id = whole.policies[0].policy_id
    whole.rows = [
        structs.replace(
            row, decisions={policy_id: decision}, size={"bytes": place + 1}, definition=None
        )
        for place, row in enumerate(whole.rows)
    ]
    whole.summary = reports.summarise(whole.rows, whole.policies)
    return whole


def test_the_heaviest_comes_first_with_its_sql() -> None:
    text = text_of(failing(3, "ALTER TABLE a CLUSTER BY AUTO"))
    assert text.startswith("# `data-platform`: 3 of 3 tables break a mandatory policy.\n")
    numbered = re.findall(r"^(\d)\. (?:`|<code>)\S*_0000(\d)", text, re.MULTILINE)
    assert numbered == [("1", "2"), ("2", "1"), ("3", "0")]
    assert text.count("   ```sql\n   ALTER TABLE a CLUSTER BY AUTO;\n   ```\n") == 3
    assert "): found nothing\n" in text
    assert text.endswith("Every table with its proof is in `data-platform.html`.\n")


def test_a_fence_cannot_be_closed_from_within() -> None:
    text = text_of(failing(1, "a\n```\n# owned\n````\n\x1b[31m\u202e::error::x"))
    fences = [line for line in text.splitlines() if line.strip().startswith("`````")]
    assert fences == ["   `````sql", "   `````"]
    assert not re.search("[\x00-\x09\x0b-\x1f\u202a-\u202e]", text)


def test_a_hostile_owner_stays_in_the_heading() -> None:
    first = text_of(failing(1), "x`\n# owned <img src=x> @everyone").splitlines()[0]
    assert first.startswith("# <code>")
    assert "<img" not in first
    assert "owned" in first


def test_many_failures_are_counted_and_few_listed() -> None:
    text = text_of(failing(LISTED + 3))
    assert f"This text has {LISTED} of {LISTED + 3} failures." in text
    assert f"\n{LISTED}. " in text
    assert f"\n{LISTED + 1}. " not in text


def test_what_is_not_known_is_told_with_what_to_do() -> None:
    text = text_of(reports.lacking({"on a": 2}))
    assert "2 tables couldn't be decided" in text
    assert "## What isn't known" in text
    assert "access to the size was denied: on a. Grant the" in text
    assert "## What to do" not in text
