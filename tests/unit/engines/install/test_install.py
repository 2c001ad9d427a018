"""Which OPA is taken, and that a wrong one is never taken silently."""

from pathlib import Path

import msgspec
import pytest

from lakewarden.engines.install.binary import cache_path, cache_root, find_opa
from lakewarden.engines.install.lock import Lock, read_lock
from lakewarden.model.errors import ConfigurationError


def fake_opa(path: Path, version: str) -> Path:
    """Write a script that answers `opa version` and nothing else."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f'#!/bin/sh\n[ "$1" = version ] && echo "Version: {version}"\n')
    path.chmod(0o755)
    return path


@pytest.fixture
def lock() -> Lock:
    return msgspec.structs.replace(read_lock(), version="1.9.0", minimum="1.8.0")


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    return {"PATH": str(tmp_path / "bin"), "LAKEWARDEN_CACHE_DIR": str(tmp_path / "cache")}


def test_nothing_is_found_where_nothing_is(environ: dict[str, str], lock: Lock) -> None:
    assert find_opa(environ, lock) is None


def test_the_order_is_named_then_path_then_cache(
    environ: dict[str, str], lock: Lock, tmp_path: Path
) -> None:
    fake_opa(cache_path(environ, lock), "1.9.0")
    assert (found := find_opa(environ, lock)) is not None
    assert (found.origin, found.version) == ("cache", "1.9.0")

    on_path = fake_opa(tmp_path / "bin" / "opa", "1.10.2")
    assert (found := find_opa(environ, lock)) is not None
    assert (found.origin, found.version, found.path) == ("PATH", "1.10.2", on_path)

    named = fake_opa(tmp_path / "mine" / "opa-1.8", "1.8.0-dev")
    assert (found := find_opa({**environ, "LAKEWARDEN_OPA": str(named)}, lock)) is not None
    assert (found.origin, found.version, found.path) == ("LAKEWARDEN_OPA", "1.8.0-dev", named)


def test_an_old_opa_on_path_is_passed_over(
    environ: dict[str, str], lock: Lock, tmp_path: Path
) -> None:
    fake_opa(tmp_path / "bin" / "opa", "1.7.9")
    assert find_opa(environ, lock) is None


def test_a_cached_file_of_another_version_is_not_taken(environ: dict[str, str], lock: Lock) -> None:
    fake_opa(cache_path(environ, lock), "1.9.1")
    assert find_opa(environ, lock) is None


def test_paths_are_absolute(
    environ: dict[str, str], lock: Lock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """OPA is run from other directories than the one that a relative path starts from."""
    on_path = fake_opa(tmp_path / "bin" / "opa", "1.9.0")
    monkeypatch.chdir(tmp_path)
    for relative in ({"PATH": "bin"}, {"LAKEWARDEN_OPA": "bin/opa"}):
        assert (found := find_opa({**environ, **relative}, lock)) is not None
        assert found.path == on_path
    assert cache_root({"LAKEWARDEN_CACHE_DIR": "c"}) == tmp_path / "c"


@pytest.mark.parametrize(
    ("script", "words"),
    [
        (None, "does not exist"),
        ("#!/bin/sh\necho hello\n", "isn't an OPA"),
        ("not a program", "isn't an OPA"),
        ("#!/bin/sh\necho 'Version: 1.0.0'\n", "1.8.0 is the oldest"),
        ("#!/bin/sh\necho 'Version: 1.9.0'; exit 3\n", "isn't an OPA"),
    ],
)
def test_a_wrong_lakewarden_opa_is_named_and_nothing_else_is_taken(
    script: str | None, words: str, environ: dict[str, str], lock: Lock, tmp_path: Path
) -> None:
    """Anyone who names an OPA does not want to be given another one."""
    fake_opa(tmp_path / "bin" / "opa", "1.9.0")
    named = tmp_path / "named"
    if script is not None:
        named.write_text(script)
        named.chmod(0o755)
    with pytest.raises(ConfigurationError, match=words) as caught:
        find_opa({**environ, "LAKEWARDEN_OPA": str(named)}, lock)
    assert caught.value.where == str(named)


def test_the_cache_is_where_the_platform_keeps_caches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    assert cache_root({"HOME": "/h"}) == Path("/h/.cache/lakewarden")
    assert cache_root({"HOME": "/h", "XDG_CACHE_HOME": "/x"}) == Path("/x/lakewarden")
    assert cache_root({"HOME": "/h", "LAKEWARDEN_CACHE_DIR": "/c"}) == Path("/c")
    monkeypatch.setattr("sys.platform", "darwin")
    assert cache_root({"HOME": "/h"}) == Path("/h/Library/Caches/lakewarden")


def test_the_lock_has_an_asset_for_each_platform_and_pins_only_these() -> None:
    lock = read_lock()
    assert lock.assets["linux-amd64"] == "opa_linux_amd64_static"
    assert lock.assets["darwin-arm64"] == "opa_darwin_arm64_static"
    assert lock.sha256.keys() <= lock.assets.keys()
    assert lock.go.sum.startswith("h1:")
