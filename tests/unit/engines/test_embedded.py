"""The embedded engine: same contract, no binary; what it cannot compile it refuses."""

from __future__ import annotations

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from lakewarden.engines import embedded
from lakewarden.engines.embedded import EmbeddedEngine
from lakewarden.model.errors import (
    AnswerTooLongError,
    ConfigurationError,
    EngineDiedError,
    EngineError,
    EvaluationError,
)
from tests.unit.engines import tiny_policies


def test_it_decides(tmp_path: Path) -> None:
    with EmbeddedEngine([tiny_policies.write(tmp_path)]) as engine:
        answer = json.loads(engine.decide(tiny_policies.request("1", "2.5")))
        assert engine.info.name == "embedded"
        assert engine.info.version
    assert answer == [{"name": "t0", "proof": 1}, {"name": "t1", "proof": 2.5}]


def test_it_tells_its_modules_with_annotations(tmp_path: Path) -> None:
    with EmbeddedEngine([tiny_policies.write(tmp_path)]) as engine:
        modules = engine.modules()
    assert [module.path for module in modules] == [
        tiny_policies.ROUTER_PATH,
        tiny_policies.NUMBER_PATH,
    ]
    assert modules[1].package == "lakewarden.tables.tiny.number"
    assert modules[1].text == tiny_policies.NUMBER
    assert modules[1].annotations["custom"] == {"severity": "high", "tags": ["a", "b"]}


def test_many_threads_may_ask(tmp_path: Path) -> None:
    """Regorus' engine may not change threads: asked from another one it would panic."""
    with EmbeddedEngine([tiny_policies.write(tmp_path)]) as engine, ThreadPoolExecutor(4) as pool:
        requests = [tiny_policies.request(str(i)) for i in range(40)]
        answers = list(pool.map(engine.decide, requests))
    assert [json.loads(answer)[0]["proof"] for answer in answers] == list(range(40))


def test_an_evaluation_error_is_told_with_file_and_line_and_ends_nothing(tmp_path: Path) -> None:
    root = tiny_policies.write(tmp_path)
    with EmbeddedEngine([root]) as engine:
        with pytest.raises(EvaluationError, match="could not parse") as caught:
            engine.decide(tiny_policies.request("1", "x"))
        assert caught.value.where == f"{tiny_policies.NUMBER_PATH}:10"
        with pytest.raises(EvaluationError):
            engine.decide(b'{"tables": [')
        with pytest.raises(EvaluationError):
            engine.decide(b"\xff")
        assert json.loads(engine.decide(tiny_policies.request("7")))[0]["proof"] == 7


@pytest.mark.parametrize(
    ("number", "line"),
    [
        (tiny_policies.NUMBER + "x := [1,\n", 12),
        (tiny_policies.NUMBER.replace("input.text", "y"), 10),
        (tiny_policies.NUMBER + "x[[1, 2]] contains 3\n", 11),
        (tiny_policies.NUMBER + "deny contains 1 if nofn(1)\n", 11),
    ],
)
def test_a_policy_that_does_not_compile_is_refused_with_file_and_line(
    number: str, line: int, tmp_path: Path
) -> None:
    root = tiny_policies.write(tmp_path, number=number)
    with pytest.raises(ConfigurationError, match="Regorus can't compile this policy") as caught:
        EmbeddedEngine([root]).__enter__()
    assert caught.value.where == f"{root / tiny_policies.NUMBER_PATH}:{line}"


def test_a_rule_that_regorus_would_leave_out_is_refused(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Regorus only writes a line to standard error and goes on without the rule."""
    number = tiny_policies.NUMBER + "deny contains 1 if {\n\tsome y\n\ty > 1\n\tz := input.x\n}\n"
    with pytest.raises(ConfigurationError, match="Regorus can't compile a rule"):
        EmbeddedEngine([tiny_policies.write(tmp_path, number=number)]).__enter__()
    assert capfd.readouterr().err == ""


def test_impure_policies_are_refused(tmp_path: Path) -> None:
    root = tiny_policies.write(
        tmp_path, extra="package lakewarden.tables.tiny.extra\n\nx := http.send({})\n"
    )
    with pytest.raises(
        ConfigurationError, match=r"extra\.rego:3: a policy may not call http\.send"
    ):
        EmbeddedEngine([root]).__enter__()


@pytest.mark.parametrize(
    "router", ["package lakewarden.main\n", "package lakewarden.main\n\ndecisions := 1 if false\n"]
)
def test_without_a_router_nothing_is_decided(router: str, tmp_path: Path) -> None:
    """An undefined answer must not look like one without violations."""
    with (
        EmbeddedEngine([tiny_policies.write(tmp_path, router=router)]) as engine,
        pytest.raises(EngineError, match="the router is missing"),
    ):
        engine.decide(b"{}")


def test_without_the_extra_the_remedy_names_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "regorus", None)
    with pytest.raises(EngineError) as caught:
        EmbeddedEngine([tiny_policies.write(tmp_path)]).__enter__()
    assert "lakewarden[embedded]" in caught.value.remedy


def test_an_engine_that_was_not_entered_says_so(tmp_path: Path) -> None:
    engine = EmbeddedEngine([tiny_policies.write(tmp_path)])
    with pytest.raises(EngineError, match="not entered"):
        engine.decide(b"{}")


def test_an_error_of_one_policy_is_no_error_of_another(tmp_path: Path) -> None:
    """Regorus evaluates every policy that `data.lakewarden.tables[…]` might mean."""
    router = """package lakewarden.main

decisions := [proof |
	some policy_id in input.policies
	[domain, name] := split(policy_id, ".")
	some proof in data.lakewarden.tables[domain][name].pass
]
"""
    number = "package lakewarden.tables.tiny.number\n\npass contains to_number(input.text)\n"
    extra = "package lakewarden.tables.tiny.extra\n\npass contains 7\n"
    root = tiny_policies.write(tmp_path, router=router, number=number, extra=extra)
    with EmbeddedEngine([root]) as engine:
        assert json.loads(engine.decide(b'{"policies":["tiny.extra"],"text":"x"}')) == [7]
        with pytest.raises(EvaluationError, match="could not parse"):
            engine.decide(b'{"policies":["tiny.number"],"text":"x"}')
        assert json.loads(engine.decide(b'{"policies":["tiny.number"],"text":"2"}')) == [2]


def test_a_process_that_ends_over_a_request_is_started_again(tmp_path: Path) -> None:
    with EmbeddedEngine([tiny_policies.write(tmp_path)]) as engine:
        assert engine.decide(tiny_policies.request("1"))
        kill_worker()
        with pytest.raises(EngineDiedError, match="ended while it evaluated this"):
            engine.decide(tiny_policies.request("1"))
        assert json.loads(engine.decide(tiny_policies.request("7")))[0]["proof"] == 7


def test_a_process_that_ends_again_and_again_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded, "MOST_RESTARTS", 1)
    with EmbeddedEngine([tiny_policies.write(tmp_path)]) as engine:
        kill_worker()
        with pytest.raises(EngineDiedError):
            engine.decide(tiny_policies.request("1"))
        kill_worker()
        with pytest.raises(EngineError, match="kept crashing"):
            engine.decide(tiny_policies.request("1"))


def test_a_request_has_a_deadline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    slow = (
        "package lakewarden.main\n\n"
        "decisions := [count([1 | input.go; some i in hundreds; some j in hundreds])]\n\n"
        "hundreds := numbers.range(1, 5000)\n"
    )
    with EmbeddedEngine([tiny_policies.write(tmp_path, router=slow)]) as engine:
        monkeypatch.setattr(embedded, "REQUEST_SECONDS", 0.5)
        with pytest.raises(EngineError, match="did not answer within"):
            engine.decide(b'{"go": true}')


def test_an_answer_that_is_too_long_is_not_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded, "MOST_ANSWER_BYTES", 1000)
    router = "package lakewarden.main\n\ndecisions := numbers.range(1, input.many)\n"
    with EmbeddedEngine([tiny_policies.write(tmp_path, router=router)]) as engine:
        with pytest.raises(AnswerTooLongError):
            engine.decide(b'{"many": 1000}')
        assert json.loads(engine.decide(b'{"many": 2}')) == [1, 2]


def kill_worker() -> None:
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.NoSuchProcess):  # another test's, which has just ended
            if any(word.endswith("regorus_worker.py") for word in process.cmdline()):
                process.kill()
                psutil.wait_procs([process], timeout=5)


def test_it_starts_in_a_program_that_has_nothing_else_open(tmp_path: Path) -> None:
    """Its pipes were descriptors 3 and 4 then, which the shell around the process uses itself."""
    root = tiny_policies.write(tmp_path)
    script = tmp_path / "program.py"
    script.write_text(
        "from pathlib import Path\n"
        "from lakewarden.engines.embedded import EmbeddedEngine\n"
        f"with EmbeddedEngine([Path({str(root)!r})]) as engine:\n"
        "    print(len(engine.modules()))\n"
    )
    ended = subprocess.run(
        [sys.executable, script], capture_output=True, text=True, check=False, timeout=60
    )
    assert ended.stdout.strip().isdigit(), ended.stderr
