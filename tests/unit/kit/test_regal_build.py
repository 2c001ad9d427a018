"""Lint goes on without Regal, and says why in one line.

About `.regal/tool/build`, which makes the Regal that `checks/linting.py` runs.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Final

import pytest

from tests.support import rego

_BUILD: Final = rego.CHECKOUT / ".regal" / "tool" / "build"


def _build(cache: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"XDG_CACHE_HOME": str(cache)} | variables
    return subprocess.run([_BUILD], env=environment, capture_output=True, text=True, check=False)


def test_without_go_it_says_so(tmp_path: Path) -> None:
    tools = tmp_path / "bin"
    tools.mkdir()
    for name in ("bash", "sed", "dirname"):
        (tools / name).symlink_to(shutil.which(name) or name)
    done = _build(tmp_path / "cache", PATH=str(tools))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "there is no Go to build it with\n"


@pytest.mark.skipif(shutil.which("go") is None, reason="there is no Go")
def test_without_its_modules_it_says_so(tmp_path: Path) -> None:
    done = _build(
        tmp_path / "cache",
        GOPROXY="http://127.0.0.1:9",
        GOMODCACHE=str(tmp_path / "modules"),
        GOFLAGS="-modcacherw",
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("go could not build it: ")
    assert done.stderr.count("\n") == 1
    assert not list((tmp_path / "cache").rglob("regal*/**/regal"))


def test_what_was_built_is_taken(tmp_path: Path) -> None:
    built = tmp_path / "lakewarden" / "regal" / "0.38.1" / "regal"
    built.parent.mkdir(parents=True)
    built.write_text("#!/bin/bash\n")
    built.chmod(0o755)
    assert _build(tmp_path, PATH="/usr/bin:/bin").stdout == f"{built}\n"
