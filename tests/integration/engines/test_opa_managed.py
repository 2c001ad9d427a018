"""The server that is started for a run: decides, explains itself, comes back once, and ends."""

from __future__ import annotations

import json
import os
import stat
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from lakewarden.engines.bundle.purity import IMPURE
from lakewarden.engines.bundle.stage import stage
from lakewarden.engines.embedded import EmbeddedEngine
from lakewarden.engines.install.binary import opa_version, run_opa
from lakewarden.engines.install.lock import read_lock
from lakewarden.engines.opa.connection import Connection
from lakewarden.engines.opa.managed import managed
from lakewarden.engines.opa.process import OpaServer
from lakewarden.model.errors import ConfigurationError, EngineError, EvaluationError
from tests.unit.engines import tiny_policies
from tests.unit.engines.bundle import test_annotations

pytestmark = pytest.mark.opa


_OTHERS: set[psutil.Process] = set()
"""Servers that fixtures of other tests, in the same worker, keep running."""


def _running() -> list[psutil.Process]:
    return [
        process
        for process in psutil.Process().children(recursive=True)
        if process.is_running()
        and process.status() != psutil.STATUS_ZOMBIE
        and process.name() == "opa"
    ]


@pytest.fixture(autouse=True)
def _others() -> None:
    _OTHERS.clear()
    _OTHERS.update(_running())


def our_opas() -> list[psutil.Process]:
    return [process for process in _running() if process not in _OTHERS]


def kill_opa() -> None:
    for process in our_opas():
        process.kill()
        process.wait()


def test_it_decides_and_leaves_nothing_behind(opa: Path, tmp_path: Path, scratch: Path) -> None:
    with managed(opa, [tiny_policies.write(tmp_path / "p")]) as engine:
        answer = json.loads(engine.decide(tiny_policies.request("1", "2.5")))
        version = run_opa(opa, ["version"]).stdout.split()[1]
        assert (engine.info.name, engine.info.version) == ("opa", version)
        assert engine.concurrency >= 2
        assert len(our_opas()) == 1
    assert answer == [{"name": "t0", "proof": 1}, {"name": "t1", "proof": 2.5}]
    assert our_opas() == []
    assert list(scratch.iterdir()) == []


def test_the_answer_is_passed_on_byte_for_byte(opa: Path, tmp_path: Path) -> None:
    """Decoding and encoding a batch's answer would double the runner's work."""
    router = "package lakewarden.main\n\ndecisions := input.echo\n"
    with managed(opa, [tiny_policies.write(tmp_path, router=router)]) as engine:
        echo = '[{"a":"ü😀","b":1,"c":[null,1.50]},{}]'.encode()
        assert engine.decide(b'{"echo":' + echo + b"}") == echo


def test_modules_come_from_the_server_and_agree_with_the_embedded_engine(
    opa: Path, tmp_path: Path
) -> None:
    root = tiny_policies.write(tmp_path)
    with managed(opa, [root]) as engine, EmbeddedEngine([root]) as embedded:
        assert engine.modules() == embedded.modules()
    assert [module.path for module in engine.modules()] == [
        tiny_policies.ROUTER_PATH,
        tiny_policies.NUMBER_PATH,
    ]


def test_the_embedded_engine_reads_annotations_as_opa_does(opa: Path, tmp_path: Path) -> None:
    """Titles, severities and remedies must not depend on the engine."""
    extra = test_annotations.FULL.replace("lakewarden.x", "lakewarden.tables.tiny.extra")
    root = tiny_policies.write(tmp_path, extra=extra)
    with managed(opa, [root]) as engine, EmbeddedEngine([root]) as embedded:
        assert engine.modules() == embedded.modules()
        assert engine.modules()[1].annotations["custom"]["yes_is_text"] == "yes"


def test_an_evaluation_error_is_told_with_file_and_line_wherever_the_policies_lie(
    opa: Path, tmp_path: Path
) -> None:
    root = tiny_policies.write(tmp_path)
    with managed(opa, [root]) as engine:
        with pytest.raises(EvaluationError, match="to_number") as caught:
            engine.decide(tiny_policies.request("1", "x"))
        assert caught.value.where == f"{tiny_policies.NUMBER_PATH}:10"
        with pytest.raises(EvaluationError):
            engine.decide(b'{"tables": [')
        assert json.loads(engine.decide(tiny_policies.request("7")))[0]["proof"] == 7


def test_without_a_router_nothing_is_decided(opa: Path, tmp_path: Path) -> None:
    router = "package lakewarden.main\n\nother := 1\n"
    with (
        managed(opa, [tiny_policies.write(tmp_path, router=router)]) as engine,
        pytest.raises(EngineError, match="the router is missing"),
    ):
        engine.decide(b"{}")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("x := [1,\n", "rego_parse_error"),
        ("x := y\n", "var y is unsafe"),
        ("x := nofn(1)\n", "undefined function nofn"),
    ],
)
def test_a_policy_that_does_not_compile_is_named_with_file_and_line(
    line: str, words: str, opa: Path, tmp_path: Path, scratch: Path
) -> None:
    root = tiny_policies.write(
        tmp_path / "p", extra=f"package lakewarden.tables.tiny.extra\n\n{line}"
    )
    with pytest.raises(ConfigurationError, match=words) as caught:
        managed(opa, [root]).__enter__()
    assert caught.value.where.startswith(f"{root}/lakewarden/tables/tiny/extra/extra.rego:")
    assert list(scratch.iterdir()) == []


def test_every_compile_error_is_listed(opa: Path, tmp_path: Path) -> None:
    extra = "package lakewarden.tables.tiny.extra\n\nx := nofn(1)\n\ny := noother(1)\n"
    with pytest.raises(ConfigurationError) as caught:
        managed(opa, [tiny_policies.write(tmp_path, extra=extra)]).__enter__()
    assert "extra.rego:3: this policy does not compile" in str(caught.value)
    assert "extra.rego:5: rego_type_error: undefined function noother" in str(caught.value)


@pytest.mark.parametrize("call", ['http.send({"url": "a"})', 'http["send"]({})'])
def test_an_impure_policy_is_refused_before_it_is_loaded(
    call: str, opa: Path, tmp_path: Path
) -> None:
    extra = f"package lakewarden.tables.tiny.extra\n\nx := {call}\n"
    with pytest.raises(
        ConfigurationError, match=r"extra\.rego:3: a policy may not call http\.send"
    ):
        managed(opa, [tiny_policies.write(tmp_path, extra=extra)]).__enter__()


def test_the_list_of_impure_built_ins_is_opas_own(opa: Path) -> None:
    """The list is what the embedded engine and running servers are checked by."""
    capabilities = json.loads(run_opa(opa, ["capabilities", "--current"]).stdout)
    flagged = {b["name"] for b in capabilities["builtins"] if b.get("nondeterministic")}
    if opa_version(opa) == read_lock().version:
        assert flagged == IMPURE
    else:
        assert flagged <= IMPURE


def test_the_token_is_asked_for_and_stays_off_the_command_line(opa: Path, tmp_path: Path) -> None:
    root = tiny_policies.write(tmp_path)
    with OpaServer(opa, lambda bundle: _stage(root, bundle)) as server:
        for token in (None, "", "wrong"):
            with pytest.raises(ConfigurationError, match="refuses the token"):
                Connection(server.url, token=token).policies()
        assert Connection(server.url, token=server.token).policies()
        (process,) = our_opas()
        assert server.token not in " ".join(process.cmdline())
        assert process.environ().keys() == {"PATH", "OPA_TOKEN", "GOGC", *_shell_variables()}


def test_it_listens_on_a_socket_that_is_ours_alone(
    opa: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tiny_policies.write(tmp_path)
    monkeypatch.setattr("tempfile.tempdir", "/tmp")  # noqa: S108 -- where a socket's path is short
    with OpaServer(opa, lambda bundle: _stage(root, bundle)) as server:
        path = Path(server.socket.path)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
        (process,) = our_opas()
        assert process.net_connections("inet") == []
        assert str(path.parent) not in " ".join(process.cmdline())


def test_a_restart_has_a_token_and_a_socket_of_its_own(opa: Path, tmp_path: Path) -> None:
    root = tiny_policies.write(tmp_path)
    with OpaServer(opa, lambda bundle: _stage(root, bundle)) as server:
        known = {server.token, server.socket.path}
        kill_opa()
        server.start()
        assert known.isdisjoint({server.token, server.socket.path})


def test_a_proxy_in_the_environment_is_ignored_for_loopback(
    opa: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    with managed(opa, [tiny_policies.write(tmp_path)]) as engine:
        assert json.loads(engine.decide(tiny_policies.request("1")))[0]["proof"] == 1


def test_a_temporary_folder_that_is_too_deep_for_a_socket_is_left_for_another(
    opa: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deep = tmp_path / ("d" * 100)
    deep.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(deep))
    root = tiny_policies.write(tmp_path / "p")
    with OpaServer(opa, lambda bundle: _stage(root, bundle)) as server:
        assert Connection(server.url, token=server.token).policies()
        assert deep not in Path(server.socket.path).parents


def test_an_opa_that_cannot_start_leaves_its_log_and_names_it(
    opa: Path, tmp_path: Path, scratch: Path
) -> None:
    broken = tmp_path / "opa"
    broken.write_text(
        f'#!/bin/sh\ncase "$1" in run) echo "no more memory" >&2; exit 3 ;; esac\nexec {opa} "$@"\n'
    )
    broken.chmod(0o755)
    with pytest.raises(EngineError, match="OPA did not start: no more memory") as caught:
        managed(broken, [tiny_policies.write(tmp_path / "p")]).__enter__()
    (log,) = scratch.iterdir()
    assert str(log) in caught.value.remedy
    assert log.read_text() == "no more memory\n"


def test_a_binary_that_is_none_is_an_engine_error(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="can't be run"):
        managed(tmp_path / "nowhere", [tiny_policies.write(tmp_path / "p")]).__enter__()


def test_opa_that_dies_is_started_again_so_many_times(
    opa: Path, tmp_path: Path, scratch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lakewarden.engines.opa.managed.MOST_RESTARTS", 2)
    with managed(opa, [tiny_policies.write(tmp_path / "p")]) as engine:
        for number in (1, 2, 3):
            answer = engine.decide(tiny_policies.request(str(number)))
            assert json.loads(answer)[0]["proof"] == number
            kill_opa()
        with pytest.raises(EngineError, match="was started again 2 times, and died again"):
            engine.decide(tiny_policies.request("4"))
    assert our_opas() == []
    assert [file.suffix for file in scratch.iterdir()] == [".log"]


def test_a_restart_keeps_its_files_though_the_shell_was_killed_too(
    opa: Path, tmp_path: Path, scratch: Path
) -> None:
    """What removes the directory after our own end must not take the restart for that."""
    with managed(opa, [tiny_policies.write(tmp_path / "p")]) as engine:
        (process,) = our_opas()
        shell = process.parent()
        assert shell is not None
        watchers = [child for child in shell.children() if child != process]
        assert watchers
        shell.kill()  # first, as it ends what watches when OPA ends
        process.kill()
        psutil.wait_procs([process], timeout=2)
        assert json.loads(engine.decide(tiny_policies.request("1")))[0]["proof"] == 1
        psutil.wait_procs(watchers, timeout=2)
        (directory,) = scratch.iterdir()
        assert {"authz", "policies"} <= {file.name for file in directory.iterdir()}
        assert (directory / "policies" / tiny_policies.NUMBER_PATH).is_file()


def test_a_restart_closes_the_connections_to_the_server_that_died(
    opa: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each would keep a socket open until the run ends."""
    closed: list[str] = []
    close = Connection.close_connection

    def noted(connection: Connection) -> None:
        closed.append(connection.url)
        close(connection)

    monkeypatch.setattr(Connection, "close_connection", noted)
    with managed(opa, [tiny_policies.write(tmp_path)]) as engine:
        kill_opa()
        engine.decide(tiny_policies.request("1"))
        (lost,) = closed
    assert len(closed) == 2
    assert closed[1] != lost


def test_requests_in_flight_share_the_one_restart(opa: Path, tmp_path: Path) -> None:
    """Every thread sees the connection break; only one may start OPA again."""
    slow = (
        "package lakewarden.main\n\n"
        "decisions := [count([1 | some i in hundreds; some j in hundreds])]\n\n"
        "hundreds := numbers.range(1, 700)\n"
    )
    root = tiny_policies.write(tmp_path, router=slow)
    with managed(opa, [root]) as engine, ThreadPoolExecutor(4) as pool:
        answers = [pool.submit(engine.decide, b"{}") for _ in range(8)]
        (process,) = our_opas()
        idle = process.cpu_times().user
        while process.cpu_times().user < idle + 0.05:
            time.sleep(0.01)
        kill_opa()
        assert [json.loads(answer.result()) for answer in answers] == [[490000]] * 8
        assert len(our_opas()) == 1


def test_an_exception_in_the_block_ends_opa(opa: Path, tmp_path: Path, scratch: Path) -> None:
    with pytest.raises(RuntimeError), managed(opa, [tiny_policies.write(tmp_path / "p")]):
        raise RuntimeError
    assert our_opas() == []
    assert list(scratch.iterdir()) == []


def _stage(root: Path, bundle: Path) -> None:
    stage([root], bundle)


def _shell_variables() -> set[str]:
    """Return what /bin/sh itself exports in an empty environment, such as PWD."""
    with os.popen("env -i /bin/sh -c env") as shell:  # noqa: S605 -- a literal
        return {line.partition("=")[0] for line in shell}
