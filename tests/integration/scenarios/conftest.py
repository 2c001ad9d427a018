"""Real tables, made and judged once for all scenarios that are run, and dropped at the end.

Each test file names in `TABLES` the specifications that it needs; only those are made.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Final

import pytest

from lakewarden.engines.choice import EngineKind, EngineOptions, start_engine
from lakewarden.progress import Silent
from lakewarden.resources import shipped_policies
from tests.factory.errors import FactoryError
from tests.factory.interrupts import ending_in_order
from tests.factory.lineage import record_reads
from tests.factory.opening import provide
from tests.factory.specs import Spec
from tests.factory.sweep import sweep
from tests.factory.tables import Tables
from tests.integration.databricks.workspace_commands import Inventory
from tests.integration.scenarios.collecting import Commands, NotJudgedError
from tests.integration.scenarios.judged import JudgedEstate, give_up
from tests.integration.scenarios.site import Site, WrongPlaceError, double, workspace
from tests.scenarios.options import place
from tests.unit.scenarios.judging import Judge

_WHERE: Final = "where the tables are"
_MADE: Final = pytest.StashKey[Tables]()


@pytest.fixture(scope="session")
def site(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """Return the workspace that `--source databricks` means, else a local double with Spark."""
    named = place(request.config)
    if named.workspace:
        try:
            found = workspace(named)
        except WrongPlaceError as error:
            pytest.fail(str(error), pytrace=False)
        yield found
        return
    with double(request.getfixturevalue("spark"), tmp_path_factory.mktemp("home")) as opened:
        yield opened


@pytest.fixture(scope="session")
def tables(site: Site, request: pytest.FixtureRequest) -> Iterator[Tables]:
    """Make the tables that the tests of this session ask for; they are dropped whatever happens."""
    specs = _asked_for(request.session)
    with ExitStack() as stack:
        stack.enter_context(ending_in_order())
        try:
            provide(site.client, site.schema)
            _sweep(site)
            made = stack.enter_context(Tables(site.client, site.schema))
            request.config.stash[_MADE] = made
        except FactoryError as error:
            give_up(error)
        made.make(specs)
        yield made


@pytest.fixture(scope="session")
def judged(
    site: Site, tables: Tables, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[JudgedEstate]:
    """Collect the tables and have them decided by the command line; an OPA answers what-ifs."""
    if tables.problems and not tables.made:
        give_up(tables.problems[0])
    unread = None
    try:
        record_reads(site.client, site.schema, tables.made)
    except FactoryError as error:
        unread = error
    folder = tmp_path_factory.mktemp("judged")
    commands = Commands(site, tables.pattern, folder)
    try:
        path = commands.collect()
        report = commands.evaluate(path)
    except NotJudgedError as error:
        pytest.fail(str(error), pytrace=False)
    options = EngineOptions(engine_kind=EngineKind.OPA)
    engine, _ = start_engine(options, (shipped_policies(),), Silent())
    with ExitStack() as stack:
        stack.push(engine)
        judge = Judge(engine, folder / "settings")
        yield JudgedEstate(
            tables,
            commands,
            inventory=Inventory(path),
            report=report,
            judge=judge,
            unread=unread,
        )


@pytest.fixture
def estate(judged: JudgedEstate, site: Site, request: pytest.FixtureRequest) -> JudgedEstate:
    """Return the tables and what is decided about them."""
    request.node.user_properties.append((_WHERE, site.words))
    return judged


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say where the tables were that the scenarios were judged by."""
    reports = [each for group in terminalreporter.stats.values() for each in group]
    output = {
        words
        for report in reports
        for key, words in getattr(report, "user_properties", ())
        if key == _WHERE
    }
    for words in sorted(output):
        terminalreporter.write_line(f"Integration layer: {words}")


def pytest_unconfigure(config: pytest.Config) -> None:
    """Drop the tables if that has not been done.

    An interrupt while another fixture ends keeps pytest from ending those that are left.
    """
    made = config.stash.get(_MADE, None)
    if made is not None:
        made.close()


def _asked_for(session: pytest.Session) -> list[Spec]:
    """Return what those tests name that use `tables`; the `TABLES` of others are something else."""
    using = (item for item in session.items if "tables" in getattr(item, "fixturenames", ()))
    modules = [getattr(item, "module", None) for item in using]
    named = (spec for module in modules for spec in getattr(module, "TABLES", ()))
    return list(dict.fromkeys(named))


def _sweep(site: Site) -> None:
    """Drop what an earlier run left behind; what cannot be dropped is told, and no hindrance."""
    try:
        swept = sweep(site.client, site.schema)
    except FactoryError as error:
        warnings.warn(f"Left-over tables were not looked for: {error}", stacklevel=2)
        return
    if swept.names:
        names = ", ".join(swept.names)
        warnings.warn(f"Dropped what an earlier run left in {site.schema}: {names}", stacklevel=2)
    for failure in swept.failures:
        warnings.warn(f"A left-over table was not dropped: {failure}", stacklevel=2)
