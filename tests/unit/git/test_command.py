"""How git is run: without a repository that a variable names, and never waiting for an answer."""

from __future__ import annotations

from pathlib import Path

import pytest

from lakewarden.git.command import fetch_git, reason, run_git
from lakewarden.model.errors import ConfigurationError, FetchError


def test_without_git_the_user_learns_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ConfigurationError, match="isn't on PATH") as caught:
        run_git(tmp_path, "version")
    assert "Install git" in caught.value.remedy


def test_git_sees_the_users_variables_but_those_that_name_a_repository(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = tmp_path / "git"
    shown.write_text("#!/bin/sh\nenv\n")
    shown.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setenv("GIT_DIR", "elsewhere")
    monkeypatch.setenv("GIT_ASKPASS", "helper")
    for output, own in (
        (run_git(tmp_path, "x"), "GIT_LITERAL_PATHSPECS=1"),
        (fetch_git(tmp_path, "x", protocols="https:ssh"), "GIT_ALLOW_PROTOCOL=https:ssh"),
    ):
        lines = output.stdout.decode().splitlines()
        assert {"GIT_TERMINAL_PROMPT=0", "GIT_ASKPASS=helper", "LC_ALL=C", own} <= set(lines)
        assert not any(line.startswith("GIT_DIR=") for line in lines)


def test_a_fetch_that_hangs_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    slow = tmp_path / "git"
    slow.write_text("#!/bin/sh\nsleep 60\n")
    slow.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setattr("lakewarden.git.command.FETCH_SECONDS", 0.1)
    with pytest.raises(FetchError, match="did not end within"):
        fetch_git(tmp_path, "fetch", protocols="https")


@pytest.mark.parametrize(
    ("output", "shown"),
    [
        (b"warning: x\nfatal: bad thing: why\nmore\n", "bad thing: why"),
        (b"remote: no\n", "remote: no"),
        (b"", "git gave no reason"),
    ],
)
def test_the_reason_is_what_git_calls_fatal(output: bytes, shown: str) -> None:
    assert reason(output) == shown
