"""Text of strangers in any field of a report reaches each output as text, and begins no line.

About `safe_console.py`.
"""

from __future__ import annotations

import io
import json
import logging
import re
import sys
from typing import Final

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lakewarden.renderers import Format, renderer
from lakewarden.renderers.console.renderer import ConsoleRenderer
from lakewarden.renderers.safe_console import (
    GuardedStream,
    log_handler,
    report_stream,
    result,
    result_bytes,
)
from lakewarden.renderers.words.wording import HIDDEN, LOG_COMMAND
from tests.support import hostile
from tests.support.hostile import TEXTS, WORST

_COLOUR: Final = re.compile(r"\x1b\[[0-9;]*m")


class _Output(io.TextIOWrapper):
    def __init__(self, *, terminal: bool = False) -> None:
        super().__init__(io.BytesIO(), encoding="utf-8", newline="\n")
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal

    def text(self) -> str:
        self.flush()
        assert isinstance(self.buffer, io.BytesIO)
        return self.buffer.getvalue().decode()


def assert_harmless(output: str, *, page: bool = False) -> None:
    found = HIDDEN.search(output)
    assert found is None, repr(output[max(0, found.start() - 80) : found.end() + 20])
    assert not LOG_COMMAND.search(output)
    for line in output.split("\n"):
        assert not line.strip().startswith("::")
        assert page or not line.startswith("Gate: passed")  # a page's lines are not what is seen


@given(TEXTS)
@settings(max_examples=12, deadline=None)
@example(WORST)
@example("::error::x")
@example("\nGate: passed")
def test_no_field_of_a_report_does_anything_to_a_console(text: str) -> None:
    for terminal in (False, True):
        out = _Output(terminal=terminal)
        ConsoleRenderer().render(hostile.report(text), GuardedStream(out))  # type: ignore[arg-type]  # a text stream
        assert_harmless(_COLOUR.sub("", out.text()) if terminal else out.text())


@given(TEXTS)
@settings(max_examples=8, deadline=None)
@example(WORST)
@pytest.mark.parametrize("kind", [Format.MARKDOWN, Format.HTML])
def test_no_field_of_a_report_does_anything_to_a_document(kind: Format, text: str) -> None:
    out = io.StringIO()
    renderer(kind).render(hostile.report(text), out)
    assert_harmless(out.getvalue().replace("\t", ""), page=kind is Format.HTML)
    if kind is Format.HTML:
        assert "</td><script>" not in out.getvalue()


@given(TEXTS)
@settings(max_examples=40, deadline=None)
@example(WORST)
def test_json_on_standard_output_is_the_same_data_and_harmless(text: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        out = _Output()
        patch.setattr(sys, "stdout", GuardedStream(out))
        plain = io.StringIO()
        renderer(Format.JSON).render(hostile.report(text), plain)
        renderer(Format.JSON).render(hostile.report(text), report_stream("json"))
        lines = json.dumps({"owner": text}, ensure_ascii=False)
        result_bytes().write(f"\n{lines}\n".encode())
        report, _, rest = out.text().rpartition("\n" + out.text().splitlines()[-1])
    assert json.loads(report) == json.loads(plain.getvalue())
    assert json.loads(out.text().splitlines()[-1]) == {"owner": text}
    assert rest in ("", "\n")
    assert_harmless(out.text())


@given(st.lists(TEXTS, max_size=4))
@settings(max_examples=200, deadline=None)
@example([WORST, WORST])
@example([" ", ":", ":error::"])
@example(["a\n", "  ", "::error::"])
def test_what_prints_past_us_is_guarded(texts: list[str]) -> None:
    """Tracebacks, warnings, usage errors and logs come in any pieces."""
    out = _Output()
    guarded = GuardedStream(out)
    for text in texts:
        print(text, end="", file=guarded)
    found = HIDDEN.search(out.text())
    assert found is None
    assert not any(line.strip().startswith("::") for line in out.text().split("\n"))
    assert not LOG_COMMAND.search("\n".join(texts)) or "\\x23" in out.text()


def test_a_log_message_is_one_line_and_so_is_a_result(
    capsys: pytest.CaptureFixture[str],
) -> None:
    log_handler().emit(logging.LogRecord("http", logging.INFO, "f", 1, "%s", (WORST,), None))
    result("id", WORST)
    shown = capsys.readouterr()
    for output in (shown.out, shown.err):
        assert output.count("\n") == 1
        assert_harmless(output)
    assert shown.out.count("\t") == 1


def test_a_terminal_gets_the_colours_of_others_and_nothing_else() -> None:
    """Typer colours its usage errors itself, and says the arguments again."""
    out = _Output(terminal=True)
    print("\x1b[31mred\x1b[0m \x1b]8;;http://e\x07x \x1b[2J", file=GuardedStream(out))
    assert out.text() == "\x1b[31mred\x1b[0m \\x1b]8;;http://e\\x07x \\x1b[2J\n"
