"""`lakewarden watch` as a process: it sees each save, outlives mistakes, leaves nothing behind."""

from __future__ import annotations

import re
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final

import psutil
import pytest

from tests.support import scratch_policies
from tests.support.commandline import COMMAND, document, environment, lakewarden, write_lines

pytestmark = pytest.mark.opa

_TABLES: Final = 1000
_TIMEOUT_SECONDS: Final = 60.0
_ID: Final = "naming.short_columns"


class _Watch:
    """The process, and what it has said so far."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [*COMMAND, "watch", *arguments],
            cwd=folder,
            env=environment(folder),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._output: list[str] = []
        self._read = 0
        self._more = threading.Condition()
        streams = (self.process.stdout, self.process.stderr)
        self._threads = [
            threading.Thread(target=self._listen, args=[stream], daemon=True) for stream in streams
        ]
        for thread in self._threads:
            thread.start()

    def _listen(self, stream: IO[str]) -> None:
        for line in stream:
            with self._more:
                self._output.append(line.rstrip("\n"))
                self._more.notify()

    def hear(self, pattern: str) -> str:
        """Return the next line, of those not heard yet, that holds the pattern."""
        deadline = time.monotonic() + _TIMEOUT_SECONDS
        with self._more:
            while True:
                while self._read < len(self._output):
                    self._read += 1
                    if re.search(pattern, self._output[self._read - 1]):
                        return self._output[self._read - 1]
                alive = self.process.poll() is None
                if not alive or not self._more.wait(max(0.0, deadline - time.monotonic())):
                    output = "\n".join(self._output)
                    raise AssertionError(f"never said {pattern!r}; alive: {alive}; said:\n{output}")

    def interrupt(self) -> int:
        """Press Ctrl-C and return the exit code."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(_TIMEOUT_SECONDS)


def _save(path: Path, text: str) -> None:
    """Save as most editors do: write beside it and rename."""
    scratch = path.with_name(f".{path.name}.new")
    scratch.write_text(text, "utf-8")
    scratch.rename(path)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with a thousand tables, settings, and a domain of its own."""
    scratch_policies.write(tmp_path, router=False)
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "naming_config.yaml").write_text("max_length: 20\n", "utf-8")
    names = [f"t{number:04}" for number in range(_TABLES)]
    write_lines(
        tmp_path / "inventory.ndjson",
        *(document(name, columns=[{"name": "c" * (1 + i % 10)}]) for i, name in enumerate(names)),
    )
    return tmp_path


@pytest.fixture
def watch(folder: Path) -> Iterator[_Watch]:
    watch = _Watch(folder, "--inventory", "inventory.ndjson", "--policy-source", "own")
    try:
        watch.hear("1,000 tables, .* polic(y|ies): .* 0 error")
        watch.hear("watching inventory.ndjson")
        yield watch
    finally:
        if watch.process.poll() is None:
            watch.process.kill()
            watch.process.wait()


def test_a_day_of_edits(folder: Path, watch: _Watch) -> None:
    """Settings, a broken policy, its correction, a waiver, the inventory, Ctrl-C."""
    settings = folder / "config" / "naming_config.yaml"
    policy = folder / "own" / scratch_policies.POLICY
    good = policy.read_text("utf-8")
    servers = _servers(watch)

    _save(settings, "max_length: 9\n")
    watch.hear(r"config/naming_config.yaml: 100 newly failing in \d+\.\d\d s; now [1-9]")
    failing = watch.hear(f"main.sales.t0009  {_ID}  pass → fail  main.sales.t0009 has the column")
    assert failing.endswith("characters. Rename it.")
    watch.hear("… and 90 more newly failing")
    assert _servers(watch) == servers  # a setting is no reason to start another

    line = len(good.splitlines()) + 1
    _save(policy, f"{good}_new := := 1\n")
    watch.hear("short_columns.rego: can't be used")
    watch.hear(rf"error: own/{scratch_policies.POLICY}:{line}: ")
    _save(settings, "max_length: 9 9 [\n")
    watch.hear("can't be used")
    _save(policy, good)
    watch.hear("error: config/naming_config.yaml:1: ")
    assert watch.process.poll() is None
    _save(settings, "max_length: 8\n")
    watch.hear(r"100 newly failing")
    watch.hear(f"main.sales.t0008  {_ID}  pass → fail")

    _save(policy, good.replace("count(name) > limit", "count(name) > limit + 1"))
    watch.hear(r"short_columns.rego: 100 fixed")
    watch.hear(f"main.sales.t0008  {_ID}  fail → pass")

    waiver = f"policy: {_ID}, table: main.sales.t0019, reason: Agreed., owner: o, approved_by: a"
    waivers = folder / "config" / "waivers.yaml"
    waivers.write_text(f"waivers:\n- {{{waiver}, expires: 2099-01-01}}\n", "utf-8")
    watch.hear("config/waivers.yaml: 1 fixed")
    watch.hear(f"main.sales.t0019  {_ID}  fail → exempt  Agreed.")

    inventory = folder / "inventory.ndjson"
    lines = inventory.read_text("utf-8").splitlines(keepends=True)
    _save(inventory, "".join([*lines[:-1], lines[0].replace('"c"', '"cccccccccc"')]))
    watch.hear("INCOMPLETE: 1 table not decided, the first is main.sales.t0000")
    _save(inventory, "".join(lines[1:]))
    watch.hear("inventory.ndjson: ")

    others = _servers(watch)
    assert others != servers
    assert watch.interrupt() == 130
    assert [server for server in [*servers, *others] if server.is_running()] == []


def _servers(watch: _Watch) -> list[psutil.Process]:
    """Return the processes that the watch has started: OPA, and what guards it."""
    started = psutil.Process(watch.process.pid).children(recursive=True)
    assert any("opa" in process.name() for process in started)
    return started


def test_what_cannot_begin_ends_with_the_reason(folder: Path) -> None:
    """Without a first state there is nothing that an edit could flip."""
    arguments = ("watch", "--inventory", "inventory.ndjson", "--policy-source", "own")
    (folder / "config" / "naming_config.yaml").write_text("max_lenght: 9\n", "utf-8")
    ended = lakewarden(*arguments, cwd=folder)
    assert ended.returncode == 2
    assert "error: config/naming_config.yaml:1: " in ended.stderr
    assert lakewarden("watch", cwd=folder).returncode == 2
    assert lakewarden(*arguments, "--config", "nowhere", cwd=folder).returncode == 2


def test_the_embedded_engine_watches_too(folder: Path) -> None:
    watch = _Watch(
        folder,
        *("--inventory", "inventory.ndjson", "--policy-source", "own", "--engine", "embedded"),
        *("--policy", "naming.*", "--table", "*.t000?", "--limit", "1"),
    )
    try:
        watch.hear("^10 tables, 1 policy: 10 pass, 0 fail")
        watch.hear("watching inventory.ndjson")
        _save(folder / "config" / "naming_config.yaml", "max_length: 8\n")
        watch.hear("2 newly failing")
        watch.hear(f"main.sales.t0008  {_ID}  pass → fail")
        watch.hear("… and 1 more newly failing")
        assert watch.interrupt() == 130
    finally:
        watch.process.kill()
        watch.process.wait()


def test_an_inventory_without_a_table_to_decide_is_called_incomplete(folder: Path) -> None:
    """No failures among no tables would look like success."""
    twice = document("twice", columns=[{"name": "c"}])
    write_lines(folder / "inventory.ndjson", twice, twice)
    watch = _Watch(
        folder,
        *("--inventory", "inventory.ndjson", "--policy-source", "own", "--engine", "embedded"),
    )
    try:
        watch.hear("INCOMPLETE: 1 table not decided, the first is main.sales.twice: .* more than")
    finally:
        watch.process.kill()
        watch.process.wait()
