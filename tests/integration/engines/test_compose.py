"""docker-compose.yml: valid for a real compose, and what it starts works, without Docker."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml

from lakewarden.engines.install.lock import read_lock
from lakewarden.engines.opa.remote import remote
from tests.integration.engines.conftest import CHECKOUT
from tests.integration.engines.running_opa import free_port

FILE = CHECKOUT / "docker-compose.yml"
TOKEN = "a-token-of-this-test"  # noqa: S105


@pytest.fixture(scope="module")
def service() -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(FILE.read_text())["services"]["opa"]
    return content


def _compose() -> list[str]:
    plugin = ["docker", "compose"]
    if shutil.which("docker"):
        asked = subprocess.run([*plugin, "version"], capture_output=True, check=False)
        if asked.returncode == 0:
            return plugin
    if shutil.which("docker-compose"):
        return ["docker-compose"]
    pytest.skip("neither `docker compose` nor docker-compose is installed")


def _config(**environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*_compose(), "--file", str(FILE), "config", "-q"],
        env={"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), **environ},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_real_compose_accepts_the_file() -> None:
    done = _config(OPA_TOKEN=TOKEN)
    assert done.returncode == 0, done.stderr


def test_compose_refuses_to_start_without_a_token() -> None:
    """An OPA on a port without a token would answer everybody on the machine."""
    if (CHECKOUT / ".env").exists():
        pytest.skip("there is a .env file, which may hold a token")
    for environ in ({}, {"OPA_TOKEN": ""}):
        done = _config(**environ)
        assert done.returncode != 0
        assert "set OPA_TOKEN" in done.stderr


def test_the_image_is_the_pinned_version(service: dict[str, Any]) -> None:
    assert service["image"] == f"openpolicyagent/opa:{read_lock().version}-static"


def test_the_container_can_do_little(service: dict[str, Any]) -> None:
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["user"].split(":")[0] not in {"", "0", "root"}
    assert all(port.startswith("127.0.0.1:") for port in service["ports"])
    assert all(volume.endswith(":ro") for volume in service["volumes"])
    assert "privileged" not in service


def _outside(text: str, mounts: dict[str, str], port: int) -> str:
    """Return an argument of the container's as it is on this machine."""
    if text in mounts:
        return mounts[text]
    return text.replace("0.0.0.0:8181", f"127.0.0.1:{port}").replace(
        "127.0.0.1:8181", f"127.0.0.1:{port}"
    )


class Started:
    """The service's command, run here: `url`, and its health check as a command."""

    def __init__(self, url: str, health: list[str]) -> None:
        self.url = url
        self.health = health

    def healthy(self, token: str = TOKEN) -> bool:
        return (
            subprocess.run(
                self.health, env={"OPA_TOKEN": token}, capture_output=True, check=False, timeout=10
            ).returncode
            == 0
        )


@pytest.fixture
def started(opa: Path, service: dict[str, Any]) -> Iterator[Started]:
    port = free_port()
    mounts = {}
    for volume in service["volumes"]:
        source, inside, _ = volume.split(":")
        mounts[inside] = str((CHECKOUT / source).resolve())
    command = [_outside(argument, mounts, port) for argument in service["command"]]
    kind, binary, *rest = service["healthcheck"]["test"]
    assert (kind, binary) == ("CMD", "/opa"), "the image has no shell, and OPA is its only program"
    health = [str(opa), *(_outside(argument, mounts, port) for argument in rest)]
    process = subprocess.Popen([str(opa), *command], env={"OPA_TOKEN": TOKEN}, cwd="/")
    try:
        it = Started(f"http://127.0.0.1:{port}", health)
        deadline = time.monotonic() + 10
        while not it.healthy() and time.monotonic() < deadline:
            assert process.poll() is None, "OPA ended at once"
        yield it
    finally:
        process.kill()
        process.wait()


@pytest.mark.opa
def test_what_it_starts_is_healthy_guarded_and_decides(started: Started) -> None:
    assert started.healthy()
    assert not started.healthy(token="wrong")  # noqa: S106
    for headers in ({}, {"Authorization": "Bearer "}, {"Authorization": "Bearer wrong"}):
        for path in ("/health", "/v1/policies", "/v1/data", "/metrics", "/"):
            answer = requests.get(f"{started.url}{path}", headers=headers, timeout=5)
            assert answer.status_code == 401, path

    policies = CHECKOUT / "policies"
    with remote(started.url, token=TOKEN, policy_dirs=[policies]) as engine:
        request = (
            b'{"policies":[],"settings":{},"waivers":[],"now":"2026-01-01T00:00:00Z","tables":[]}'
        )
        assert engine.decide(request) == b"[]"


@pytest.mark.opa
def test_the_health_check_fails_where_nobody_listens(started: Started) -> None:
    """A check that cannot fail would call a dead server healthy."""
    url = f"127.0.0.1:{free_port()}"
    started.health = [
        argument.replace(started.url.removeprefix("http://"), url) for argument in started.health
    ]
    assert not started.healthy()
