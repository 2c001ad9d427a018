"""The command line wins over the project file, and each value knows where it comes from."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import typer
from typer.exceptions import TyperException
from typer.testing import CliRunner, Result

from lakewarden.commands.command import Group, add
from lakewarden.commands.project_file import current
from lakewarden.commands.terminal import refuse_usage
from lakewarden.engines.choice import EngineKind, EngineOptions
from lakewarden.model.errors import ConfigurationError
from lakewarden.options.policies import PolicyOptions
from lakewarden.options.reports import GateOptions
from lakewarden.options.tables import TableOptions
from lakewarden.options.workspace import WorkspaceOptions


class _Ran:
    """A command that takes options and keeps what it was given."""

    tables: TableOptions
    gate: GateOptions
    workspace: WorkspaceOptions
    engine: EngineOptions
    origins: dict[str, str]

    def evaluate(
        self,
        tables: TableOptions,
        gate: GateOptions,
        workspace: WorkspaceOptions,
        engine: EngineOptions,
    ) -> None:
        """Keep the options."""
        self.tables, self.gate, self.workspace, self.engine = tables, gate, workspace, engine
        self.origins = dict(current().origins)
        self.workspace.applied_to(tables.origin())

    def elsewhere(self, policies: PolicyOptions) -> None:
        """Take other options."""


@pytest.fixture
def ran(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> _Ran:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("OPA_URL", raising=False)
    return _Ran()


@pytest.fixture
def run(ran: _Ran) -> Callable[..., Result]:
    app = typer.Typer(cls=Group)
    add(app, ran.evaluate)
    add(app, ran.elsewhere)
    return lambda *arguments, **extra: CliRunner().invoke(app, [*arguments], **extra)


def _project(*lines: str) -> None:
    Path("lakewarden.toml").write_text("\n".join(lines), "utf-8")


def test_what_is_not_typed_comes_from_the_project_file(
    run: Callable[..., Result], ran: _Ran
) -> None:
    _project('source = "databricks"', 'profile = "prod"', "max-statements = 5", "no-gate = true")
    ended = run("evaluate", "--max-statements", "7")
    assert ended.exit_code == 0, ended.output
    assert ended.stderr == "Using lakewarden.toml\n"
    assert str(ran.tables.source) == "databricks"
    assert (ran.workspace.profiles, ran.workspace.max_statements) == (("prod",), 7)
    assert ran.gate.no_gate
    assert [ran.origins[name] for name in ("source", "max_statements", "evidence")] == [
        "lakewarden.toml:1",
        "command line",
        "default",
    ]


def test_without_one_nothing_is_said(run: Callable[..., Result]) -> None:
    assert run("evaluate", "-s", "demo").stderr == ""


def test_a_command_takes_only_what_concerns_it(run: Callable[..., Result]) -> None:
    _project('source = "demo"')
    assert run("elsewhere").output == ""
    _project('sorce = "demo"')
    assert run("elsewhere").exit_code == 2
    assert run("elsewhere", "--help").exit_code == 0


@pytest.mark.parametrize(
    "typed", [("--inventory", "x.ndjson"), ("--source", "demo"), ("-s", "delta:lake")]
)
def test_other_tables_leave_the_workspace_out(
    typed: tuple[str, ...], run: Callable[..., Result], ran: _Ran
) -> None:
    """The file is about the workspace; who names other tables means these."""
    _project('source = "databricks"', 'include = "prod.*"', 'profile = "p"', 'evidence = "all"')
    assert run("evaluate", *typed).exit_code == 0
    assert ran.workspace == WorkspaceOptions()
    assert ran.origins["include"] == "default"


@pytest.mark.parametrize(
    "typed", [("--inventory", "x.ndjson"), ("--source", "demo"), ("-s", "databricks")]
)
def test_other_tables_leave_the_estate_and_the_schema_of_a_plan_out(
    typed: tuple[str, ...], run: Callable[..., Result], ran: _Ran
) -> None:
    _project('source = "sql:x.sql"', 'with = "e.ndjson"', 'default-schema = "main.sales"')
    ended = run("evaluate", *typed)
    assert ended.exit_code == 0, ended.output
    assert (ran.tables.beside, ran.tables.default_schema) == (None, None)


def test_a_plan_beside_the_workspace_of_the_file_keeps_its_profile(
    run: Callable[..., Result], ran: _Ran
) -> None:
    """The plan names the tables, so what the file includes goes."""
    _project('source = "databricks"', 'include = "prod.*"', 'profile = "p"', 'evidence = "all"')
    ended = run("evaluate", "-s", "terraform:p.json", "--with", "databricks")
    assert ended.exit_code == 0, ended.output
    assert (ran.workspace.profiles, ran.workspace.include) == (("p",), ())


def test_an_inventory_beside_a_plan_leaves_the_workspace_of_the_file_out(
    run: Callable[..., Result], ran: _Ran
) -> None:
    _project('source = "terraform:p.json"', 'with = "databricks"', 'profile = "p"')
    ended = run("evaluate", "--with", "e.ndjson")
    assert ended.exit_code == 0, ended.output
    assert ran.workspace == WorkspaceOptions()


def test_what_contradicts_itself_in_the_file_is_named_there(run: Callable[..., Result]) -> None:
    _project('source = "demo"', "", 'include = "prod.*"')
    ended = run("evaluate")
    assert ended.exit_code == 2
    assert "error: lakewarden.toml:3: include: means nothing to demo" in ended.output


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('engine = "opaa"', "'opaa' is not one of 'opa', 'embedded'."),
        ('source = "delt:x"', "there is no source 'delt'"),
        ('max-age = "soon"', "'soon' isn't a valid duration"),
    ],
)
def test_a_wrong_value_is_named_where_it_stands(
    line: str, words: str, run: Callable[..., Result]
) -> None:
    _project(line)
    ended = run("evaluate", "--inventory", "x")
    assert ended.exit_code == 2
    assert f"error: lakewarden.toml:1: {words}" in ended.output.replace(": source:", ":").replace(
        ": max-age:", ":"
    )


def test_a_wrong_value_that_was_typed_is_not_blamed_on_the_file(run: Callable[..., Result]) -> None:
    _project('source = "demo"')
    assert "error: --source: there is no source 'x'" in run("evaluate", "--source", "x").output
    assert "error: --source: there is no source 'x'" in run("evaluate", "-sx").output


@pytest.mark.parametrize(
    ("arguments", "meant"),
    [
        (("evaluate", "--source", "dmeo"), "demo"),
        (("evaluate", "--source", "Databricks"), "databricks"),
        (("evaluate", "--allow", "fial"), "fail"),
    ],
)
def test_a_mistyped_value_suggests_the_nearest(
    arguments: tuple[str, ...], meant: str, run: Callable[..., Result]
) -> None:
    ended = run(*arguments)
    assert ended.exit_code == 2
    assert f"remedy: Did you mean {meant}?" in ended.output


def test_a_mistyped_option_suggests_the_nearest(
    run: Callable[..., Result], capsys: pytest.CaptureFixture[str]
) -> None:
    error = run("elsewhere", "--polcy-source", "x", standalone_mode=False).exception
    assert isinstance(error, TyperException)
    assert refuse_usage(error) == 2
    assert capsys.readouterr().err == (
        "error: No such option: --polcy-source\n"
        "  remedy: Did you mean --policy-source or --policy? See `root elsewhere --help`.\n"
    )


def test_a_typed_engine_leaves_the_files_server_out(
    run: Callable[..., Result], ran: _Ran, monkeypatch: pytest.MonkeyPatch
) -> None:
    _project('source = "demo"', 'opa-url = "http://h"', "trust-server-policies = true")
    assert run("evaluate", "--engine", "embedded").exit_code == 0
    assert ran.engine == EngineOptions(engine_kind=EngineKind.EMBEDDED)
    assert run("evaluate", "--engine", "opa").exit_code == 0
    assert ran.engine.url == "http://h"
    monkeypatch.setenv("OPA_URL", "http://mine")
    _project('source = "demo"', 'engine = "embedded"', 'opa-url = "http://h"')
    assert run("evaluate").exit_code == 0
    assert (ran.engine.url, ran.engine.engine_kind) == ("http://mine", None)
    assert ran.origins["url"] == "variable OPA_URL"


def test_a_gate_that_the_file_opens_can_be_closed(run: Callable[..., Result], ran: _Ran) -> None:
    _project('source = "demo"', "no-gate = true")
    assert run("evaluate", "--gate").exit_code == 0
    assert not ran.gate.no_gate


def test_quiet_leaves_errors_alone(run: Callable[..., Result]) -> None:
    _project('source = "demo"', 'include = "x"')
    assert run("evaluate", "-q").stderr.startswith("error: ")
    _project('source = "demo"')
    assert run("evaluate", "--quiet").stderr == ""


def test_an_error_of_a_command_is_a_message(run: Callable[..., Result]) -> None:
    ended = run("evaluate")
    assert ended.exit_code == 2
    assert "error: --source or --inventory: say where the tables come from, once" in ended.output
    with pytest.raises(ConfigurationError):
        TableOptions().origin()
