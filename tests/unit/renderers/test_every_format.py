"""Whatever stands in a report, each format stays what it is and loses nothing of it.

About `__init__.py` and `safe_console.py`. What is special to a format, its own tests say.
"""

from __future__ import annotations

import io
import sys
from typing import Final

import pytest
from msgspec import structs

from lakewarden.model.report import PinnedSource
from lakewarden.renderers import JSON_FORMATS, Format, renderer
from lakewarden.renderers.safe_console import GuardedStream, report_stream
from lakewarden.renderers.words.wording import HIDDEN, LINE_COMMAND, LOG_COMMAND, visible
from tests.support import hostile
from tests.support.findings import written
from tests.support.readers import READERS
from tests.support.reports import sample

_COMMANDS: Final = {
    Format.AZURE: ("##[group]Lakewarden", "##[endgroup]", "##vso[task."),
    Format.GITHUB: ("::error ", "::warning ", "::notice "),
}
"""What a line begins with that is a command of ours."""


_SLOW: Final = (Format.CONSOLE, Format.HTML)
"""Takes seconds where each text is long: they show each several times."""


def _shown(text: str, kind: Format) -> set[str]:
    """Return the forms that a format may give a text: JSON as it is, others what can be seen."""
    if kind in JSON_FORMATS:
        return {text, visible(text, keep="\n\t")}
    return {visible(text, keep=kept) for kept in ("", "\n", "\n\t")}


def test_every_format_has_a_reader_of_its_own() -> None:
    assert set(READERS) == set(Format)


@pytest.mark.parametrize("kind", Format)
@pytest.mark.parametrize("text", [hostile.WORST, "".join(reversed(hostile.PARTS))])
def test_another_reader_finds_the_whole_text(kind: Format, text: str) -> None:
    found = READERS[kind](written(hostile.report(text), kind))
    forms = _shown(text, kind)
    assert any(form in each for each in found for form in forms)
    assert len(found) < 5_000, "no part of a text became a part of the format"


@pytest.mark.parametrize(
    "kind",
    [pytest.param(each, marks=pytest.mark.nightly if each in _SLOW else ()) for each in Format],
)
def test_a_text_of_ten_thousand_characters_breaks_none(kind: Format) -> None:
    text = written(hostile.report(hostile.LONG), kind)
    assert any("m" * 100 in each for each in READERS[kind](text))


@pytest.mark.parametrize("kind", Format)
def test_on_standard_output_every_format_is_pure_and_no_text_of_a_table_acts(
    kind: Format, monkeypatch: pytest.MonkeyPatch
) -> None:
    below = io.BytesIO()
    encoding = "utf-8" if kind is Format.CONSOLE else "ascii"  # which it alone goes by
    stream = io.TextIOWrapper(below, encoding=encoding, newline="\n")
    monkeypatch.setattr(sys, "stdout", GuardedStream(stream))
    sample = hostile.report(hostile.WORST)
    renderer(kind).render(sample, report_stream(kind))
    sys.stdout.flush()
    text = below.getvalue().decode()
    to_file = written(sample, kind)
    assert READERS[kind](text) == READERS[kind](to_file), "the same, and nothing else"
    for line in text.replace("\r\n" if kind is Format.CSV else "", "").split("\n"):
        if not line.startswith(_COMMANDS.get(kind, ("\0",))):
            assert not LOG_COMMAND.search(line)
            assert not LINE_COMMAND.search(line)
        assert not HIDDEN.search(line)


@pytest.mark.parametrize(
    "kind",
    [
        *(Format.JSON, Format.NDJSON, Format.HTML, Format.MARKDOWN),
        *(Format.JUNIT, Format.SARIF, Format.CODE_SCANNING),
    ],
)
def test_where_digests_stand_policies_from_elsewhere_are_pinned(kind: Format) -> None:
    report = sample()
    pin = PinnedSource(source="git+https://host/p@v1", commit="c0ffee", digest="sha256:5eed")
    report.run = structs.replace(report.run, policy_sources=(pin,))
    text = written(report, kind)
    assert all(part in text for part in pin.parts)
