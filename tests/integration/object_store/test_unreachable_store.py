"""Tables in an object store that does not answer: said soon, once, and with the right remedy."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from lakewarden_collector.document import TableDocument
from lakewarden_collector.errors import SourceError
from lakewarden_collector.inventory import Failure
from lakewarden_collector.sources.delta import DeltaSource, stores
from tests.integration.object_store.s3_double import BUCKET, let_in, serve
from tests.support.loopback import served
from tests.unit.collector.delta.logs import make_table


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    let_in(monkeypatch)
    monkeypatch.setattr(stores, "RETRY_SECONDS", 1)


def tables_of(lines: dict[str, str], tmp_path: Path) -> list[TableDocument | Failure]:
    """Read the tables of a list file with these names and places."""
    path = tmp_path / "tables.txt"
    path.write_text("".join(f"{name} = {uri}\n" for name, uri in lines.items()))
    return list(DeltaSource(str(path)).tables())


@contextmanager
def silent() -> Iterator[str]:
    """Take connections and never answer."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


@contextmanager
def answering(status: int, body: str) -> Iterator[str]:
    """Answer every request alike."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body.encode())

        def do_HEAD(self) -> None:
            self.do_GET()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with served(Handler) as url:
        yield url


@contextmanager
def nobody() -> Iterator[str]:
    """Refuse connections."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{bound.getsockname()[1]}"


def test_an_endpoint_that_refuses_connections_is_the_networks_affair(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The table is fine: nobody need look at it with the engine that writes it."""
    with nobody() as endpoint:
        monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
        (failure,) = tables_of({"c.s.t": "s3://lake/t"}, tmp_path)
    assert isinstance(failure, Failure)
    assert failure.where == "s3://lake/t"
    assert failure.reason.startswith(
        f"its object store can't be reached: GET {endpoint}/lake/t/_delta_log/_last_checkpoint: "
    )
    assert "Connection refused" in failure.reason
    for word in ("network", "endpoint", "credentials", "AWS_"):
        assert word in failure.remedy


def test_a_silent_endpoint_is_noticed_in_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A timeout of the user's own counts, and is not multiplied by ten retries."""
    monkeypatch.setenv("AWS_TIMEOUT", "1s")
    started = time.monotonic()
    with silent() as endpoint:
        monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
        (failure,) = tables_of({"c.s.t": "s3://lake/t"}, tmp_path)
    assert time.monotonic() - started < 6
    assert isinstance(failure, Failure)
    assert "can't be reached" in failure.reason
    assert "timed out" in failure.reason


@pytest.mark.parametrize(
    ("answer", "reason", "remedy"),
    [
        ((403, "<Code>AccessDenied</Code>"), "denies", "permission to read"),
        ((401, "<Code>InvalidToken</Code>"), "denies", "permission to read"),
        ((404, "<Code>NoSuchBucket</Code>"), "NoSuchBucket", "endpoint"),
        ((500, "<Code>InternalError</Code>"), "InternalError", "endpoint"),
        ((301, ""), "incorrectly configured region", "region"),
    ],
)
def test_what_the_store_answers_is_told(
    answer: tuple[int, str],
    reason: str,
    remedy: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with answering(*answer) as endpoint:
        monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
        (failure,) = tables_of({"c.s.t": "s3://lake/t"}, tmp_path)
    assert isinstance(failure, Failure)
    assert failure.reason.startswith("its object store ")
    assert reason in failure.reason
    assert remedy in failure.remedy
    assert "\n" not in failure.reason
    assert "\x1b" not in failure.reason
    assert "retries" not in failure.reason


def test_a_lost_store_is_waited_for_a_few_times_not_once_a_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A thousand tables would be waited for an hour; other stores' tables are read all the same."""
    make_table(tmp_path / "here" / "t")
    lines = {f"c.s.t{number:03d}": f"s3://lake/t{number}" for number in range(200)}
    lines["c.s.zz"] = str(tmp_path / "here" / "t")
    started = time.monotonic()
    with nobody() as endpoint:
        monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
        *lost, last = tables_of(lines, tmp_path)
    assert time.monotonic() - started < 10
    assert isinstance(last, TableDocument)
    reasons = [each.reason for each in lost if isinstance(each, Failure)]
    assert len(reasons) == 200
    assert all("can't be reached" in reason for reason in reasons)
    tried = [reason for reason in reasons if "Connection refused" in reason]
    assert 3 <= len(tried) <= 3 + 8
    assert "was not tried" in reasons[-1]


def test_one_bad_table_does_not_make_a_store_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Refusals and damage are a table's own trouble."""
    root = tmp_path / "store"
    root.mkdir()
    make_table(root / "zz")
    lines = {f"c.s.t{number:03d}": f"s3://{BUCKET}/t{number}" for number in range(20)}
    with serve(root) as endpoint:
        monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
        *lost, last = tables_of(lines | {"c.s.zz": f"s3://{BUCKET}/zz"}, tmp_path)
    assert isinstance(last, TableDocument)
    assert all("isn't a Delta table" in each.reason for each in lost if isinstance(each, Failure))


def test_a_root_that_does_not_answer_is_told_in_time_and_without_the_clients_chatter(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_TIMEOUT", "1s")
    started = time.monotonic()
    with silent() as endpoint:
        monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
        with pytest.raises(SourceError, match="can't be listed") as raised:
            DeltaSource("s3://lake/root").tables()
    assert time.monotonic() - started < 6
    assert "retries" not in raised.value.what
    assert "delimiter" not in raised.value.what
    assert "network" in raised.value.remedy


@pytest.mark.parametrize("place", ["s3://lake/root", "list"])
def test_an_interrupt_does_not_wait_for_a_store(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The store is asked where a signal does not reach: in threads that nobody waits for."""
    if place == "list":
        place = str(tmp_path / "tables.txt")
        Path(place).write_text("c.s.t = s3://lake/t\n")
    with socket.create_server(("127.0.0.1", 0)) as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.getsockname()[1]}")
        command = [sys.executable, "-m", "lakewarden", "collect", "--source", f"delta:{place}"]
        with subprocess.Popen([*command, "-o", str(tmp_path / "o.ndjson")]) as process:
            server.accept()  # it has asked, and will not be answered
            started = time.monotonic()
            process.send_signal(signal.SIGINT)
            assert process.wait(30) == 130
    assert time.monotonic() - started < 10
