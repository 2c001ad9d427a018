"""Words of others reach the terminal as words: they move no cursor and hide no line."""

from __future__ import annotations

from contextlib import nullcontext
from types import SimpleNamespace

import pytest
import typer

from lakewarden.commands import collect
from lakewarden.commands.terminal import TerminalProgress, reporting_errors, show
from lakewarden.engines.choice import EngineKindOptions
from lakewarden.options.policies import PolicyOptions
from lakewarden.options.tables import SourceOptions
from lakewarden.options.workspace import WorkspaceOptions
from lakewarden.origin import parse_origin
from lakewarden_collector.errors import Problem
from lakewarden_collector.sources.interface import ProgressState

HOSTILE = "\x1b[2J\x1b]0;owned\x07\r\u202eknil\u2028 \x9b31m"
SHOWN = r"\x1b[2J\x1b]0;owned\x07\r\u202eknil\u2028 \x9b31m"


def test_notes_and_stages_show_control_characters_as_escapes(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A workspace's own error messages are among the notes."""
    progress = TerminalProgress()
    progress.note(f"refused: {HOSTILE}")
    progress.show(ProgressState(text=f"Listing {HOSTILE}", done=1))
    with progress.stage(f"Collecting {HOSTILE}"):
        pass
    assert capsys.readouterr().err.splitlines() == [
        f"refused: {SHOWN}",
        f"Listing {SHOWN} … 1",
        f"Collecting {SHOWN} …",
    ]


def test_errors_show_control_characters_as_escapes_and_keep_their_lines(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """What OPA says of a policy has several lines. A name that has several must not begin one."""
    forged = f"{HOSTILE}\nGate: passed"
    show(
        Problem(f"one {forged}", where=forged, remedy=f"three {forged}", details=[f"two {forged}"])
    )
    shown = f"{SHOWN}\\nGate: passed"
    assert capsys.readouterr().err.splitlines() == [
        f"error: {shown}: one {shown}",
        f"  two {shown}",
        f"  remedy: three {shown}",
    ]


def test_a_plan_shows_control_characters_as_escapes(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It names what could not be listed, with the workspace's reasons."""
    plan = [f"not listed: {HOSTILE}"]
    opened = SimpleNamespace(scope="", plan=lambda: plan, advise=lambda _: None)
    monkeypatch.setattr(collect, "open_origin", lambda *_: nullcontext(opened))
    with pytest.raises(typer.Exit):
        collect.collect(
            SourceOptions(source=parse_origin("databricks")),
            plan=True,
            policies=PolicyOptions(),
            workspace=WorkspaceOptions(),
            engine=EngineKindOptions(),
        )
    assert capsys.readouterr().out == f"not listed: {SHOWN}\n"


def test_plain_words_stay_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit), reporting_errors():
        raise Problem("Größe [bold]€[/bold] 表", where="`a`.`b`")
    assert capsys.readouterr().err == "error: `a`.`b`: Größe [bold]€[/bold] 表\n"


def test_a_name_that_is_no_text_is_refused_and_no_traceback(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A shell hands over any bytes; reports and inventories are UTF-8."""
    with pytest.raises(typer.Exit) as ended, reporting_errors():
        "lake\udcff".encode()
    assert ended.value.exit_code == 2
    assert r"a name isn't valid UTF-8: lake\udcff" in capsys.readouterr().err


@pytest.mark.parametrize("error", [OSError(28, "No space left", "x"), OSError("odd")])
def test_what_the_system_refuses_is_a_message(
    capsys: pytest.CaptureFixture[str], error: OSError
) -> None:
    with pytest.raises(typer.Exit) as ended, reporting_errors():
        raise error
    assert ended.value.exit_code == 4
    assert str(error.strerror or error) in capsys.readouterr().err
