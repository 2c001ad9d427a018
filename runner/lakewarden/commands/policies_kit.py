"""`lakewarden policies test` and `policies new`: writing policies, with the tools' help."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer
from msgspec import structs
from rich.text import Text

from lakewarden.commands.inputs import opened_policies, shown
from lakewarden.commands.project_file import current
from lakewarden.commands.terminal import TerminalProgress, stderr
from lakewarden.engines.install.install import install_opa
from lakewarden.evaluation.name_patterns import near
from lakewarden.generate.project import POLICIES
from lakewarden.kit.checks import Ending, Step, check_all
from lakewarden.kit.checks.causes import Cause, causes
from lakewarden.kit.finding import Finding
from lakewarden.kit.new_setting import TYPES, read_setting
from lakewarden.kit.scaffold import NewPolicy, scaffold
from lakewarden.kit.scratch import open_workspace, policies_in
from lakewarden.model.decision import Enforcement, Severity
from lakewarden.model.errors import EXIT_FAILED, ConfigurationError
from lakewarden.options.policies import PolicySourceOptions, complete_policies
from lakewarden.renderers.safe_console import SafeConsole, console, result
from lakewarden.resources import shipped_policies
from lakewarden.settings import rego_schemas
from lakewarden_collector.counted import counted
from lakewarden_collector.patterns import Pattern


class DeclaredEnforcement(StrEnum):
    """How strictly a policy applies by itself; `off` is a team's choice, in its settings."""

    MANDATORY = Enforcement.MANDATORY
    ADVISORY = Enforcement.ADVISORY


_STYLES: Final = {Ending.OK: "green", Ending.FAILED: "bold red", Ending.SKIPPED: "yellow"}
_SHOWN: Final = 3
"""Further places of one cause that are shown; --all shows all."""


def check(
    policies: PolicySourceOptions,
    what: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="NAME|DIR",
            autocompletion=complete_policies,
            help="Policies by their ids, such as naming.short_columns or 'naming.*'; or folders "
            "that hold lakewarden/tables/<domain>/<policy>/. Without them: all of ./policies, "
            "or else of the --policy-source folders.",
            show_default=False,
        ),
    ] = None,
    *,
    everything: Annotated[
        bool,
        typer.Option("--all", help="Show each finding, also those that follow from another one."),
    ] = False,
) -> None:
    """Test policies: format, types, tests, coverage, conventions, and Regal where you have it.

    The shipped policies and those of --policy-source are loaded beside them, and not judged unless
    they are named. Exits with 1 if anything was found, with 4 if there is no OPA to test with.

        lakewarden policies test
    """
    policies = opened_policies(policies)
    roots, beside, only = _judged(what or [], policies.own_roots)
    opa = install_opa(TerminalProgress().note)
    out = console()
    taken = list[Step]()
    with open_workspace(opa.path, roots, beside, only) as workspace:
        for step in check_all(workspace):
            _print_step(out, step)
            findings = tuple(_as_known(finding, policies) for finding in step.findings)
            taken.append(structs.replace(step, findings=findings))
    found = causes(taken)
    for step in taken:
        own = [cause for cause in found if cause.step == step.name]
        if everything:
            own = [Cause(step=step.name, finding=finding) for finding in step.findings]
        _print_causes(out, step.name, own)
    if any(step.ending == Ending.FAILED for step in taken):
        raise typer.Exit(EXIT_FAILED)


def new(
    policy_id: Annotated[
        str, typer.Argument(metavar="ID", help="<domain>.<policy>, such as naming.short_columns")
    ],
    *,
    title: Annotated[
        str | None,
        typer.Option(metavar="TEXT", help="What a table is like that keeps it, in one line."),
    ] = None,
    about: Annotated[
        str | None,
        typer.Option(metavar="TEXT", help="What it demands exactly, and of which tables."),
    ] = None,
    severity: Annotated[
        Severity, typer.Option(help="How bad it is where a table breaks it.")
    ] = Severity.MEDIUM,
    enforcement: Annotated[
        DeclaredEnforcement, typer.Option(help="Whether a failure fails the run.")
    ] = DeclaredEnforcement.ADVISORY,
    setting: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME[:TYPE]=DEFAULT",
            help=f"A setting that it reads; TYPE is {', '.join(TYPES)}. NAME alone is one that its "
            "domain has already. May be repeated.",
        ),
    ] = None,
    into: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Folder that holds, or will hold, lakewarden/tables/. Without it: ./policies.",
        ),
    ] = None,
) -> None:
    """Write the files of a new policy: an example that works, with a TODO for each thing to write.

    lakewarden policies new naming.short_columns --setting max_length:integer=30
    """
    words = {"title": title, "about": about}
    policy = NewPolicy(
        policy_id=policy_id,
        severity=severity,
        enforcement=Enforcement(enforcement),
        settings=tuple(read_setting(text) for text in setting or ()),
        **{name: text for name, text in words.items() if text is not None},
    )
    local = current().folder / POLICIES
    root = into or local
    for path in scaffold(policy, root):
        result(path)
    # The shipped policies are there anyway, and ./policies is found.
    found = root.resolve() in (shipped_policies().resolve(), local.resolve())
    added = "" if found else f" --policy-source {shlex.quote(str(root))}"
    say = stderr().print
    say("Next:")
    say("1. Write what says TODO, in the policy and in its test.")
    say(f"2. lakewarden policies test {policy_id}{added}")
    say(f"3. lakewarden evaluate --source demo{added} --policy {policy_id}")
    if policy.settings and (root / rego_schemas.FOLDER).is_dir():
        say("Editors learn of its settings by: lakewarden policies schemas")


def _judged(
    what: Sequence[str], sources: Sequence[Path]
) -> tuple[list[Path], list[Path], list[str]]:
    """Return the folders to judge, those to load beside them, and the ids that were named."""
    names = [text for text in what if _is_name(text)]
    roots = [Path(text) for text in what if text not in names]
    local = current().folder / POLICIES
    if not roots and local.is_dir():
        roots = [local]
    if not names and not roots:
        roots = list(sources)
    if not names and not roots:
        raise ConfigurationError(
            f"there is no folder {shown(local)} here",
            where="policies test",
            remedy="Name the folder that holds lakewarden/tables/<domain>/<policy>/.",
        )
    known = policies_in([*sources, *roots])
    chosen = {name: known[name] for text in names for name in _matching(text, known)}
    judged = [each for each in (*roots, *sources) if each in chosen.values()] if names else roots
    ours = {each.resolve() for each in judged}
    return judged, [each for each in (*sources, *roots) if each.resolve() not in ours], list(chosen)


def _is_name(text: str) -> bool:
    """Tell whether something is meant as a policy's name: it's neither a folder nor a path."""
    return not Path(text).exists() and Path(text).name == text


def _matching(text: str, known: dict[str, Path]) -> list[str]:
    pattern = Pattern(text)
    if found := [name for name in known if pattern.matches(name)]:
        return found
    if text in policies_in([shipped_policies()]):
        raise ConfigurationError(
            f"the policy {text} comes with Lakewarden, which has tested it",
            where="policies test",
            remedy="Name a policy of your own; `lakewarden policies show` explains this one.",
        )
    nearest = f"Did you mean {near(text, known)[0]}? " if known else ""
    raise ConfigurationError(
        f"there is no policy {text}, and no such folder",
        where="policies test",
        remedy=f"{nearest}Looked at were ./policies and the folders that you named.",
    )


def _print_step(out: SafeConsole, taken: Step) -> None:
    out.print(
        Text.assemble(
            f"{taken.name:<12} ",
            (f"{taken.ending:<8}", _STYLES[taken.ending]),
            f"{taken.seconds:>7.2f} s  {taken.note}",
        )
    )


def _as_known(finding: Finding, policies: PolicySourceOptions) -> Finding:
    """Return a finding that calls files of a policy source as the user knows them."""
    return structs.replace(
        finding,
        file=policies.named(finding.file),
        what=policies.named(finding.what),
        remedy=policies.named(finding.remedy),
    )


def _print_causes(out: SafeConsole, name: str, found: Sequence[Cause]) -> None:
    if not found:
        return
    out.print(Text.assemble("\n", (f"{name}: {len(found)} found", "bold")))
    for cause in found:
        out.print(_text_of(cause.finding))
        for line in _further(cause):
            out.print(Text(f"  {line}"))


def _further(cause: Cause) -> list[str]:
    """Say what else is likely to end with the finding: its other places, and other findings."""
    same = [each for _, each in cause.followers if each.what == cause.finding.what]
    lines = [f"also: {each.file}:{each.line}" for each in same[:_SHOWN]]
    rest = Counter(step for step, each in cause.followers if each.what != cause.finding.what)
    rest[cause.step] += max(0, len(same) - _SHOWN)
    if total := rest.total():
        by = ", ".join(f"{number} of {step}" for step, number in rest.items() if number)
        number = counted(total, "more finding")
        lines.append(
            f"{number} may follow from it ({by}); --all shows {'it' if total == 1 else 'them'}"
        )
    return lines


def _text_of(finding: Finding) -> Text:
    by = f" [{finding.check}]" if finding.check else ""
    place = f"{finding.file}:{finding.line}: "
    return Text.assemble((place, "cyan"), f"{finding.what}{by}\n", f"  remedy: {finding.remedy}")
