"""`lakewarden policies test` and `policies new`: writing policies, with the tools' help."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.text import Text

from lakewarden.commands.terminal import TerminalProgress, reporting_errors, stderr
from lakewarden.engines.install.install import install_opa
from lakewarden.kit.checks import Ending, Step, check_all
from lakewarden.kit.finding import Finding
from lakewarden.kit.scaffold import scaffold
from lakewarden.kit.scratch import open_workspace
from lakewarden.model.errors import EXIT_FAILED, ConfigurationError
from lakewarden.renderers.safe_console import SafeConsole, console, result
from lakewarden.resources import shipped_policies

_DEFAULT: Final = Path("policies")
_STYLES: Final = {Ending.OK: "green", Ending.FAILED: "bold red", Ending.SKIPPED: "yellow"}


def check(
    directories: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[DIR]...",
            help="Folders that hold lakewarden/tables/<domain>/<policy>/; else ./policies.",
            show_default=False,
        ),
    ] = None,
    *,
    policies: Annotated[
        list[Path] | None,
        typer.Option(
            "--policy-source",
            metavar="DIR",
            help="Load the policies of a folder beside them, without judging these. May be "
            "repeated.",
        ),
    ] = None,
) -> None:
    """Test policies: format, types, tests, coverage, conventions, and Regal where you have it.

    The shipped policies are loaded beside yours. Exits with 1 if anything was found, with 4 if
    there is no OPA to test with.
    """
    with reporting_errors():
        roots = directories or _here()
        opa = install_opa(TerminalProgress().note)
        out = console()
        failed = list[Step]()
        with open_workspace(opa.path, roots, policies or ()) as workspace:
            for taken in check_all(workspace):
                _print_step(out, taken)
                if taken.ending == Ending.FAILED:
                    failed.append(taken)
        for taken in failed:
            _print_findings(out, taken)
    if failed:
        raise typer.Exit(EXIT_FAILED)


def new(
    policy_id: Annotated[
        str, typer.Argument(metavar="ID", help="<domain>.<policy>, such as naming.short_columns")
    ],
    *,
    into: Annotated[
        Path,
        typer.Option(metavar="DIR", help="Folder that holds, or will hold, lakewarden/tables/."),
    ] = _DEFAULT,
) -> None:
    """Write the files of a new policy, with tests that fail until it is written."""
    with reporting_errors():
        for path in scaffold(policy_id, into):
            result(path)
        shipped = into.resolve() == shipped_policies().resolve()
        added = "" if shipped else f" --policy-source {shlex.quote(str(into))}"
        say = stderr().print
        say("Next:")
        say("1. Write the tests, then the policy, until nothing says TODO any more.")
        say(f"2. lakewarden policies test {shlex.quote(str(into))}")
        say(f"3. lakewarden evaluate --source demo{added} --policy {policy_id}")


def _here() -> list[Path]:
    if _DEFAULT.is_dir():
        return [_DEFAULT]
    raise ConfigurationError(
        "there is no folder ./policies here",
        where="policies test",
        remedy="Name the folder that holds lakewarden/tables/<domain>/<policy>/.",
    )


def _print_step(out: SafeConsole, taken: Step) -> None:
    out.print(
        Text.assemble(
            f"{taken.name:<12} ",
            (f"{taken.ending:<8}", _STYLES[taken.ending]),
            f"{taken.seconds:>7.2f} s  {taken.note}",
        )
    )


def _print_findings(out: SafeConsole, taken: Step) -> None:
    out.print(Text.assemble("\n", (f"{taken.name}: {len(taken.findings)} found", "bold")))
    for finding in taken.findings:
        out.print(_told(finding))


def _told(finding: Finding) -> Text:
    by = f" [{finding.check}]" if finding.check else ""
    place = f"{finding.file}:{finding.line}: "
    return Text.assemble((place, "cyan"), f"{finding.what}{by}\n", f"  remedy: {finding.remedy}")
