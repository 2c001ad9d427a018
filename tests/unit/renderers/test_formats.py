"""Formats are found by name, and the JSON format is the report itself.

About `interface.py`.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from msgspec import structs

from lakewarden.model.decision import Decision, Missing, Outcome
from lakewarden.model.report import TableReport
from lakewarden.renderers import Format, renderer
from lakewarden.renderers.words.wording import DEFINITION_FIRST
from lakewarden.report import layout
from lakewarden.report.file import open_unchecked_report
from lakewarden_collector.document import Definition
from tests.support import reports
from tests.support.agreeing_reports import STRATEGY


@pytest.mark.parametrize("name", Format)
def test_every_format_is_found_by_its_own_name(name: Format) -> None:
    assert renderer(name).format == name


@settings(max_examples=6, deadline=None)
@given(reports.reports())
def test_every_format_renders_every_report_the_same_twice(sample: reports.Sample) -> None:
    """A report of odd content must neither break a format nor come out by chance."""
    for name in Format:
        first, second = io.StringIO(), io.StringIO()
        renderer(name).render(sample, first)
        renderer(name).render(sample, second)
        assert first.getvalue()
        assert first.getvalue() == second.getvalue()


def test_json_copies_the_report_byte_for_byte(tmp_path: Path) -> None:
    path = reports.sample(12, names=reports.HOSTILE_NAMES).write(tmp_path / "report.json")
    out = io.StringIO()
    renderer(Format.JSON).render(open_unchecked_report(path), out)
    assert out.getvalue().encode() == path.read_bytes()
    assert out.getvalue().encode() == b"".join(layout.pieces(open_unchecked_report(path)))


def test_a_page_is_written_to_whatever_can_write() -> None:
    """The runner hands over bare streams that can do no more than `write`."""

    class Bare:
        def __init__(self) -> None:
            self.text = ""

        def write(self, text: str) -> None:
            self.text += text

    for name in Format:
        out = Bare()
        renderer(name).render(reports.sample(2), out)  # type: ignore[arg-type]  # less than a TextIO on purpose
        assert out.text


@pytest.mark.parametrize("name", [Format.CSV, Format.JSON, Format.NDJSON, "template:{}/all.j2"])
def test_what_has_every_table_is_written_while_they_are_read(name: str, tmp_path: Path) -> None:
    """A report of two million decisions doesn't fit into memory."""
    text = "{% for table in tables %}{{ table.full_name }} {{ table.owner }}\n{% endfor %}"
    (tmp_path / "all.j2").write_text(text)
    sample = reports.sample(400)
    read = 0
    when_written: list[int] = []

    class _Slow(reports.Sample):
        def tables(self) -> Iterator[TableReport]:
            nonlocal read
            for read, row in enumerate(self.rows, 1):  # noqa: B007 -- counted for the output
                yield row

    class _Watched(io.StringIO):
        def write(self, text: str, /) -> int:
            when_written.append(read)
            return super().write(text)

    slow = _Slow(**{each: getattr(sample, each) for each in sample.__dataclass_fields__})
    renderer(name.format(tmp_path)).render(slow, _Watched())
    steps = [after - before for before, after in pairwise(when_written)]
    assert when_written[-1] == 400
    assert max(steps) < 100, "no more than a few tables are held at a time"


def test_a_format_is_imported_only_when_it_is_used() -> None:
    """Reading a report on the console should not cost the start of a template engine."""
    import subprocess  # noqa: PLC0415 -- this test alone starts a process

    code = (
        "import sys; from lakewarden.renderers import renderer; renderer('json');"
        "sys.exit('jinja2' in sys.modules or 'rich' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("format_", [Format.CONSOLE, Format.MARKDOWN, Format.HTML])
def test_a_failing_planned_table_says_where_to_change_it(format_: Format) -> None:
    """SQL on a table that Terraform or dbt makes is undone by the next apply."""
    sample = reports.sample(40)
    failing = next(each for each in sample.rows if each.decisions[STRATEGY].outcome == "fail")
    place = Definition(tool="dbt", address="model.shop.late", file="models/late.sql", line=7)
    sample.rows = [structs.replace(failing, definition=place)]
    out = io.StringIO()
    renderer(format_).render(sample, out)
    text = out.getvalue().replace("`", "")
    assert "Change the definition: model.shop.late in models/late.sql:7." in text
    if format_ is Format.HTML:  # the others name the tables that fail in one place alone
        assert DEFINITION_FIRST in text


@pytest.mark.parametrize("format_", [Format.CONSOLE, Format.MARKDOWN, Format.HTML])
@pytest.mark.parametrize("outcome", [Outcome.ERROR, Outcome.UNKNOWN])
def test_an_undecided_planned_table_says_where_it_is_declared(
    format_: Format, outcome: Outcome
) -> None:
    """Who plans a hundred tables would search for the two that nobody could decide."""
    missing = (Missing(kind="size", status="known_after_apply", reason="It is new."),)
    undecided = Decision(outcome=outcome, missing=missing if outcome == "unknown" else ())
    sample = reports.sample(0, failures=0)
    row = reports.sample(1).rows[0]
    place = Definition(tool="dbt", address="model.shop.late", file="models/late.sql", line=7)
    decisions = dict.fromkeys(row.decisions, undecided)
    sample.rows = [structs.replace(row, definition=place, decisions=decisions)]
    sample.summary = reports.summarise(sample.rows, sample.policies)
    out = io.StringIO()
    renderer(format_).render(sample, out)
    assert "model.shop.late in models/late.sql:7" in out.getvalue().replace("`", "")


@pytest.mark.parametrize("format_", [Format.CONSOLE, Format.MARKDOWN, Format.HTML])
@pytest.mark.parametrize(
    ("owner", "words"), [("", "no owner"), (None, "owner not known"), ("ann", "ann")]
)
def test_an_unknown_owner_is_not_taken_for_nobody(
    format_: Format, owner: str | None, words: str
) -> None:
    sample = reports.sample(40)
    failing = next(each for each in sample.rows if each.decisions[STRATEGY].outcome == "fail")
    sample.rows = [structs.replace(failing, owner=owner)]
    sample.summary = reports.summarise(sample.rows, sample.policies)
    out = io.StringIO()
    renderer(format_).render(sample, out)
    text = out.getvalue()
    assert words in text
    others = {"no owner", "owner not known"} - {words}
    assert not any(other in text for other in others)


@pytest.mark.parametrize("format_", [Format.CONSOLE, Format.MARKDOWN, Format.HTML])
def test_promises_are_counted_and_the_unkept_ones_named(format_: Format) -> None:
    """A broken promise says where its definition is, so that the next plan can keep it."""
    sample = reports.sample(1)
    sample.promises = reports.promises()
    out = io.StringIO()
    renderer(format_).render(sample, out)
    text = out.getvalue().replace("`", "")
    assert "3 promised, 1 settled, 1 broken, 1 open" in text
    assert text.index("main.sales.late") < text.index("main.sales.later"), "the broken one first"
    assert "promised 2026-11-20 05:10:00 UTC by commit 0123abc" in text
    assert "databricks_sql_table.late in modules/sales/main.tf:2" in text
