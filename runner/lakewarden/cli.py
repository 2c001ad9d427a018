"""The command line: arguments → run → exit code, nothing else."""

from __future__ import annotations

import sys
import traceback
from typing import Annotated

import typer
from typer.exceptions import TyperException

from lakewarden.commands import (
    baseline,
    collect,
    demo,
    diff,
    doctor,
    evaluate,
    explain,
    fix,
    init,
    opa,
    policies,
    report,
    verify,
    waivers,
    watch,
    what_if,
)
from lakewarden.commands.command import Group, add
from lakewarden.commands.expand import Quiet, Verbose
from lakewarden.commands.terminal import closing_streams, refuse_usage, reporting_errors, speaking
from lakewarden.model.errors import EXIT_BROKEN
from lakewarden.renderers.safe_console import guard_streams, result
from lakewarden.version import __version__
from lakewarden_collector import interruption

app = typer.Typer(
    cls=Group,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Check lakehouse tables against Rego policies: collect table metadata, evaluate it in "
    "OPA, and report.",
)
add(app, evaluate.evaluate, epilog=evaluate.EPILOG)
add(app, collect.collect)
add(app, report.report)
add(app, fix.fix, epilog=fix.EPILOG)
add(app, explain.explain, epilog=explain.EPILOG)
add(app, diff.diff, epilog=diff.EPILOG)
add(app, what_if.what_if, "what-if", epilog=what_if.EPILOG)
add(app, verify.verify, epilog=verify.VERIFY_EPILOG)
add(app, verify.replay, epilog=verify.REPLAY_EPILOG)
add(app, watch.watch)
app.add_typer(baseline.app, name="baseline")
app.add_typer(policies.app, name="policies")
app.add_typer(waivers.app, name="waivers")
app.add_typer(opa.app, name="opa")
add(app, init.init)
add(app, demo.demo)
add(app, doctor.doctor)


def _version(asked: bool) -> None:  # noqa: FBT001 -- typer calls it so
    if asked:
        result(f"lakewarden {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    context: typer.Context,
    *,
    version: Annotated[  # noqa: ARG001 -- its callback has done all
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Print the version."),
    ] = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    context.with_resource(speaking(quiet=quiet, verbose=verbose))


def main() -> None:
    """Run the command line; what it prints goes through `safe_console`, to the end."""
    guard_streams()
    with closing_streams():
        _run()


def _run() -> None:
    """Run the command line; a fault of ours is told as such."""
    try:
        with reporting_errors():  # where a command does not: its help, its version
            # Typer itself would draw a box of 80 columns around an error, also for a file.
            code = app(standalone_mode=False)
    except TyperException as error:
        sys.exit(refuse_usage(error))
    except typer.Exit as ending:
        sys.exit(ending.exit_code)
    except KeyboardInterrupt:
        sys.exit(interruption.exit_code())
    except Exception:  # noqa: BLE001 -- Python would exit 1, which means a failed policy; Typer's Abort is an EOFError
        if interruption.requested():  # what a signal has ended may break in any way
            sys.stderr.write(f"{interruption.word()}\n")
            sys.exit(interruption.exit_code())
        traceback.print_exc()
        sys.stderr.write("This is a bug in Lakewarden. Please report it with the lines above.\n")
        sys.exit(EXIT_BROKEN)
    # Typer makes 130 of every interrupt that comes while it reads the arguments.
    sys.exit(interruption.exit_code() if interruption.requested() else code)
