"""What the steps share: the estate, evaluated once, and what is told about it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from pytest_bdd.parser import Scenario

from tests.acceptance.steps.caller_options import config_dir, policy_dirs
from tests.acceptance.steps.effective_settings import EffectiveSettings
from tests.acceptance.steps.estate import Estate
from tests.acceptance.steps.evaluating import NotEvaluated, evaluate
from tests.acceptance.steps.judging import FOUND, Finding
from tests.acceptance.steps.replays import Replays
from tests.scenarios.options import place

EVALUATION = "evaluation"
"""The name of the property of a test that says in which folder its reports are."""
RULE, SCENARIO = "rule", "scenario"
"""The names of the properties that say which rule and which scenario it is."""


class Attempt:
    """The one evaluation of a session: an estate, or what is to be said instead."""

    def __init__(self, estate: Estate | None, trouble: str = "") -> None:
        self._estate = estate
        self._trouble = trouble

    def estate(self) -> Estate:
        """Return the estate, or fail: the first time with the tool's words, then in short."""
        if self._estate is not None:
            return self._estate
        summary, self._trouble = self._trouble, "there is no evaluation: see the first failure"
        pytest.fail(summary, pytrace=False)


def pytest_bdd_before_scenario(request: pytest.FixtureRequest, scenario: Scenario) -> None:
    """Note what the scenario and its rule say, for the end of the run."""
    rule = scenario.rule.name if scenario.rule else ""
    request.node.user_properties += [(RULE, rule), (SCENARIO, scenario.name)]


@pytest.fixture(scope="session")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder that everything is written into."""
    return tmp_path_factory.mktemp("production")


@pytest.fixture(scope="session")
def attempt(reports: Path, pytestconfig: pytest.Config) -> Attempt:
    """Evaluate the source, once for all scenarios."""
    where = place(pytestconfig)
    compared = ["--previous", str(where.previous.absolute())] if where.previous else []
    try:
        written = evaluate(
            *("--source", where.source),
            *where.arguments,
            *compared,
            into=reports,
            full=True,
            listen=_telling(pytestconfig),
        )
    except NotEvaluated as error:
        return Attempt(None, str(error))
    return Attempt(
        Estate(written, EffectiveSettings(config_dir(where), policy_dirs(where.arguments)))
    )


def _telling(config: pytest.Config) -> Callable[[str], None]:
    """Return what shows a line while tests run, which would keep it to themselves."""
    capture = config.pluginmanager.getplugin("capturemanager")
    if capture is None or hasattr(config, "workerinput"):  # a worker has no screen
        return lambda _: None

    def tell(line: str) -> None:
        with capture.global_and_fixture_disabled():
            sys.stderr.write(line)

    return tell


@pytest.fixture
def estate(attempt: Attempt, reports: Path, request: pytest.FixtureRequest) -> Estate:
    """Return the estate as it was evaluated."""
    request.node.user_properties.append((EVALUATION, str(reports)))
    return attempt.estate()


@pytest.fixture(scope="session")
def replays(attempt: Attempt, reports: Path, pytestconfig: pytest.Config) -> Replays:
    """Return the estate under other circumstances."""
    return Replays(place(pytestconfig), attempt.estate(), reports / "replays")


@pytest.fixture
def found(request: pytest.FixtureRequest) -> Finding:
    """Return what tells a finding; the end of the run shows it."""
    return lambda what: request.node.user_properties.append((FOUND, str(what)))
