"""Which engine is taken; a fallback is never silent."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from lakewarden.engines.choice import EngineKind, EngineOptions, open_engine
from lakewarden.engines.embedded import EmbeddedEngine
from lakewarden.engines.opa.engine import OpaEngine
from lakewarden.model.errors import ConfigurationError, EngineError
from tests.unit.engines.install.test_install import fake_opa


def silent(_: str) -> None:
    """Swallow progress."""


@pytest.fixture
def no_opa(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LAKEWARDEN_OPA", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("LAKEWARDEN_CACHE_DIR", str(tmp_path / "cache"))


@pytest.mark.usefixtures("no_opa")
def test_without_opa_the_embedded_engine_decides_and_the_report_says_so() -> None:
    engine, notices = open_engine(EngineOptions(), (), silent, offline=True)
    assert isinstance(engine, EmbeddedEngine)
    assert len(notices) == 1
    assert "no OPA" in notices[0]


@pytest.mark.usefixtures("no_opa")
def test_who_asks_for_opa_does_not_get_another_engine() -> None:
    with pytest.raises(EngineError, match="no OPA on this machine"):
        open_engine(EngineOptions(engine_kind=EngineKind.OPA), (), silent, offline=True)


@pytest.mark.usefixtures("no_opa")
def test_without_opa_and_without_the_extra_there_is_no_engine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(EngineError, match="no OPA on this machine"):
        open_engine(EngineOptions(), (), silent, offline=True)


@pytest.mark.parametrize("kind", [None, EngineKind.OPA])
def test_opa_decides_where_it_can_be_had(
    kind: EngineKind | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAKEWARDEN_OPA", str(fake_opa(tmp_path / "opa", "1.22.2")))
    engine, notices = open_engine(EngineOptions(engine_kind=kind), (), silent)
    assert isinstance(engine, OpaEngine)
    assert notices == ()


@pytest.mark.parametrize("kind", [None, *EngineKind])
def test_a_wrong_lakewarden_opa_is_no_reason_to_fall_back(
    kind: EngineKind | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAKEWARDEN_OPA", "/nowhere/opa")
    options = EngineOptions(engine_kind=kind)
    if kind is EngineKind.EMBEDDED:
        assert isinstance(open_engine(options, (), silent)[0], EmbeddedEngine)
    else:
        with pytest.raises(ConfigurationError, match="does not exist"):
            open_engine(options, (), silent)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (EngineOptions(engine_kind=EngineKind.EMBEDDED, url="http://127.0.0.1:1"), "has no URL"),
        (EngineOptions(trust_server_policies=True), "needs a running server"),
        (EngineOptions(url="https://h", tls_key=Path("k")), "no certificate"),
        (EngineOptions(url="https://h", tls_ca=Path("/no/ca")), "does not exist"),
    ],
)
def test_options_that_contradict_each_other_are_refused(options: EngineOptions, words: str) -> None:
    with pytest.raises(ConfigurationError, match=words):
        open_engine(options, (), silent)


@pytest.mark.parametrize(
    "url", ["127.0.0.1:8181", "ftp://h", "http://", "http://h:99999", "http://[::1"]
)
def test_what_is_no_url_is_refused_by_name(url: str) -> None:
    engine, _ = open_engine(EngineOptions(url=url), (), silent)
    with pytest.raises(ConfigurationError, match="isn't a URL of an OPA server"):
        engine.__enter__()
