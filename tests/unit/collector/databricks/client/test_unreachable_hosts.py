"""A host that is not there is noticed in seconds; one that is merely busy is waited for.

About `auth.py`.
"""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
import requests
from databricks.sdk.clock import Clock
from databricks.sdk.retries import retried
from urllib3.connectionpool import HTTPConnectionPool
from urllib3.exceptions import (
    ConnectTimeoutError,
    MaxRetryError,
    ProtocolError,
    ProxyError,
    ReadTimeoutError,
    SSLError,
)

from lakewarden_collector.errors import SourceError
from lakewarden_collector.sources.databricks.client.auth import (
    FIRST_CONTACT_SECONDS,
    FirstContact,
    is_unconnected,
)
from lakewarden_collector.sources.databricks.client.workspace import connect
from lakewarden_collector.sources.databricks.concurrency.pace import Pace
from tests.unit.collector.databricks.client.replies import Connect

_POOL = HTTPConnectionPool("w.example")


def _raised(reason: Exception | None) -> MaxRetryError:
    return MaxRetryError(_POOL, "/", reason)


UNCONNECTED = [
    requests.ConnectionError(_raised(ConnectTimeoutError("refused"))),
    requests.ConnectTimeout(_raised(ConnectTimeoutError("timed out"))),
    requests.exceptions.SSLError(_raised(SSLError("certificate verify failed"))),
    requests.exceptions.ProxyError(_raised(ProxyError("no proxy", OSError("refused")))),
]
CONNECTED = [
    requests.ConnectionError(ProtocolError("Connection aborted.", ConnectionResetError())),
    requests.ReadTimeout(ReadTimeoutError(_POOL, "/", "Read timed out.")),
    requests.ConnectionError(),
    TimeoutError(),
    None,
]


class _Clock(Clock):
    """One that sleeps in no time."""

    def __init__(self) -> None:
        self.now = 1000.0

    def time(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def _waited(error: Exception | None, clock: _Clock, contact: FirstContact) -> float:
    """Let the SDK retry what always fails; return for how long it did."""
    began = clock.now

    def send() -> None:
        raise error if error is not None else requests.ConnectionError

    with pytest.raises(TimeoutError):
        retried(is_retryable=str, clock=contact)(send)()
    return clock.now - began


@pytest.mark.parametrize("error", UNCONNECTED, ids=repr)
def test_a_host_that_cannot_be_reached_is_given_up_soon(error: Exception) -> None:
    """Twenty minutes of the SDK's own patience, or one, are spent on a misspelt name else."""
    clock = _Clock()
    contact = FirstContact(clock)
    assert 1 <= _waited(error, clock, contact) <= FIRST_CONTACT_SECONDS
    assert _waited(error, clock, contact) == 0, "the second request need not find it out again"


@pytest.mark.parametrize("error", UNCONNECTED, ids=repr)
def test_once_it_has_answered_a_lost_network_is_waited_for(error: Exception) -> None:
    clock = _Clock()
    contact = FirstContact(clock)
    contact.made()
    assert _waited(error, clock, contact) >= 1200


@pytest.mark.parametrize("error", CONNECTED, ids=repr)
def test_a_fault_of_a_host_that_is_there_is_waited_for(error: Exception | None) -> None:
    assert not is_unconnected(error)
    clock = _Clock()
    assert _waited(error, clock, FirstContact(clock)) >= 1200


def test_a_closed_port_is_told_with_what_to_check(
    config_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The discovery document has a patience of its own, in real seconds.
    monkeypatch.setattr("databricks.sdk.core.Config._resolve_host_metadata", lambda _: None)
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        host = f"http://127.0.0.1:{closed.getsockname()[1]}"
        config_file.write_text(f"[prod]\nhost = {host}\ntoken = t\n")
        pace = Pace.default(speed=0.001)
        with pytest.raises(
            SourceError, match="can't be reached: retried without success"
        ) as caught:
            connect("prod", pace=pace)
    assert pace.clock.retries <= 3
    assert caught.value.where == f"profile prod, {host}"
    assert "HTTPS_PROXY" in caught.value.remedy
    assert "REQUESTS_CA_BUNDLE" in caught.value.remedy


def test_answers_are_waited_for_as_long_as_the_profile_says(
    connected: Connect, config_file: Path
) -> None:
    """The first requests wait less, and only they."""
    assert connected().client.config.http_timeout_seconds == 60
    text = config_file.read_text().replace(
        "warehouse_id", "http_timeout_seconds = 99\nwarehouse_id"
    )
    config_file.write_text(text)
    assert connected().client.config.http_timeout_seconds == 99
