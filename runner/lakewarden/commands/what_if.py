"""`lakewarden what-if`: what other policies, settings or waivers would do to the same tables."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer
from msgspec import structs

from lakewarden.commands.inputs import inputs, refuse_workspace, tried_policies, with_local_policies
from lakewarden.commands.output import (
    ChosenFormat,
    SummaryFormat,
    SummaryOutput,
    file_of,
    summary_format,
    text_output,
)
from lakewarden.commands.project_file import current
from lakewarden.commands.terminal import TerminalProgress, is_quiet, notes
from lakewarden.engines.choice import EngineKindOptions
from lakewarden.model.errors import ConfigurationError
from lakewarden.options import ClockOptions
from lakewarden.options.policies import (
    PolicyOptions,
    PolicyPatternOptions,
    existing_config,
)
from lakewarden.options.reports import GateOptions
from lakewarden.options.tables import TableOptions
from lakewarden.policy_sources.source import PolicySource, parse_policy_source
from lakewarden.renderers.words.wording import visible
from lakewarden.report.gate import judge_diff
from lakewarden.report.output_paths import Output, check_outputs
from lakewarden.settings.changes import (
    Assignment,
    Changes,
    OtherEnforcement,
    parse_assignment,
    parse_enforcement,
)

if TYPE_CHECKING:
    from lakewarden.model.effect import Effect
    from lakewarden.model.report import Gate
    from lakewarden.proposal.comparison import Proposal
    from lakewarden.proposal.present import PresentDecisions
    from lakewarden.proposal.sweep import SweepAsked

EPILOG: Final = (
    "Exit codes: 0 whatever would change; 2 usage or configuration error; 4 the engine failed. "
    "With --fail-on-new: 1 for a mandatory failure that the present rules don't have, 3 where "
    "there is none, but something couldn't be decided that could before."
)
_CHANGE: Final = "The change"
_PRESENT: Final = "What it is compared with"


@dataclass(frozen=True, kw_only=True)
class PresentOptions(PolicyPatternOptions):
    """The present policies and settings, where they aren't the project's own."""

    policy_sources: Annotated[
        tuple[PolicySource, ...],
        typer.Option(
            "--against-policy-source",
            metavar="SOURCE",
            parser=parse_policy_source,
            rich_help_panel=_PRESENT,
            help="Compare with these policies instead of the project's own. May be repeated.",
        ),
    ] = ()
    config: Annotated[
        Path | None,
        typer.Option(
            "--against-config",
            metavar="DIR",
            parser=existing_config,
            rich_help_panel=_PRESENT,
            help="Compare with the settings and waivers of this folder instead of the project's "
            "own.",
        ),
    ] = None
    baseline: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            rich_help_panel=_PRESENT,
            help="Leave the failures in this file out of both gates, as `evaluate` does.",
        ),
    ] = None


@dataclass(frozen=True, kw_only=True)
class ChangeOptions:
    """What would be different."""

    assignments: Annotated[
        tuple[Assignment, ...],
        typer.Option(
            "--set",
            metavar="DOMAIN.SETTING=VALUE",
            parser=parse_assignment,
            rich_help_panel=_CHANGE,
            help="Another value of a setting: a number, with a unit where it is in bytes "
            "(500MiB), or YAML (true, a list in brackets). May be repeated.",
        ),
    ] = ()
    enforcements: Annotated[
        tuple[OtherEnforcement, ...],
        typer.Option(
            "--enforcement",
            metavar="POLICY=mandatory",
            parser=parse_enforcement,
            rich_help_panel=_CHANGE,
            help="Another enforcement of a policy: mandatory, advisory or off, from now on. May be "
            "repeated.",
        ),
    ] = ()
    waivers: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            rich_help_panel=_CHANGE,
            help="Other waivers, in place of the folder's waivers.yaml.",
        ),
    ] = None
    other_config: Annotated[
        Path | None,
        typer.Option(
            "--config",
            metavar="DIR",
            parser=existing_config,
            rich_help_panel=_CHANGE,
            help="Another folder of settings and waivers, in place of the project's own.",
        ),
    ] = None
    other_sources: Annotated[
        tuple[PolicySource, ...],
        typer.Option(
            "--policy-source",
            metavar="SOURCE",
            parser=parse_policy_source,
            rich_help_panel=_CHANGE,
            help="Other policies, in place of ./policies and those of the project file; "
            "Lakewarden's own stay. May be repeated.",
        ),
    ] = ()

    @property
    def changes(self) -> Changes:
        """What is proposed over what files say."""
        return Changes(
            assignments=self.assignments,
            enforcement={each.policy_id: each.enforcement for each in self.enforcements},
            waivers=self.waivers,
        )


def _sweep(text: str) -> SweepAsked:
    from lakewarden.proposal.sweep import parse_sweep  # noqa: PLC0415 -- as below

    return parse_sweep(text)


def what_if(
    tables: TableOptions,
    change: ChangeOptions,
    present: PresentOptions,
    *,
    swept: Annotated[
        str | None,
        typer.Option(
            "--sweep",
            metavar="DOMAIN.SETTING=FROM..TO",
            rich_help_panel=_CHANGE,
            help="Show what fails over the value of a setting, in steps that double it, or in "
            "--steps. A change by other options applies to all steps.",
        ),
    ] = None,
    steps: Annotated[
        int | None,
        typer.Option(
            metavar="NUMBER", min=2, max=50, rich_help_panel=_CHANGE, help="Steps of the sweep."
        ),
    ] = None,
    output: SummaryOutput = "-",
    chosen: ChosenFormat = None,
    fail_on_new: Annotated[
        bool,
        typer.Option(
            "--fail-on-new",
            help="Exit with 1 where the change makes a mandatory failure.",
        ),
    ] = False,
    gate: GateOptions,
    clock: ClockOptions,
    engine: EngineKindOptions,
) -> None:
    """Show what another threshold, policy or waiver would do, before it is merged.

    lakewarden what-if --inventory inventory.ndjson --set naming.longest=24
    lakewarden what-if --inventory inventory.ndjson --enforcement naming.short_columns=mandatory
    lakewarden what-if --inventory inventory.ndjson --against-config main/config -o comment.md

    The tables are decided by the present rules, which are the project's, and by the changed ones:
    which tables newly fail, which no longer do, and what an evaluation would exit with. Only what
    the change can reach is decided twice.
    """
    # Every command would wait for these: imported when asked for.
    from lakewarden.proposal.present import PresentDecisions  # noqa: PLC0415 -- see above
    from lakewarden.proposal.version import TrialOptions  # noqa: PLC0415 -- see above

    asked = None if swept is None else structs.replace(_sweep(swept), steps=steps)
    kind = chosen or summary_format(output, "a what-if")
    _refuse(change, asked, steps, fail_on_new=fail_on_new)
    before, after = _sides(change, present)
    origin = tables.origin()
    refuse_workspace(origin, "a workspace isn't collected for a what-if", "try changes on")
    files = {"the waivers": change.waivers, "the baseline": present.baseline}
    check_outputs(
        [Output(option="--output", what="the output", path=file_of(output) or 1)],
        inputs(origin, policies=before, files=files),
    )
    options = TrialOptions(
        tables=tables,
        policies=before,
        gate=gate,
        baseline=present.baseline,
        engine=engine,
        clock=clock,
    )
    progress = TerminalProgress()
    with PresentDecisions(options, progress) as decided:
        if asked is not None:
            _write_sweep(decided, after, change.changes, asked, (output, kind))
            return
        changed = decided.version_of(after, change.changes)  # what is wrong is named at once
        decided.decide()
        proposal = decided.compared_with(changed, change.changes)
        judged = _write(proposal, len(decided), (output, kind), fail_on_new=fail_on_new)
    if judged is not None and judged.exit_code:
        raise typer.Exit(judged.exit_code)


def _write(
    proposal: Proposal, tables: int, target: tuple[str, SummaryFormat], *, fail_on_new: bool
) -> Gate | None:
    """Decide by the changed rules, write what they do, and return the gate that was asked for."""
    from lakewarden.renderers.diff_json import write_effect_json  # noqa: PLC0415 -- as above

    output, kind = target
    with text_output(output, kind.value) as out:
        with TerminalProgress().stage("Deciding by the changed rules", tables) as advance:
            if kind is SummaryFormat.JSON:
                write_effect_json(proposal.effect, proposal.violations(advance), out)
            else:
                for _ in proposal.violations(advance):
                    pass
        effect = proposal.effect()
        gate = judge_diff(effect.diff, proposed=True) if fail_on_new else None
        if kind is SummaryFormat.MARKDOWN:
            from lakewarden.renderers.markdown.effect import write_effect  # noqa: PLC0415 -- as above

            write_effect(effect, proposal.heaviest, out, gate)
        elif kind is SummaryFormat.CONSOLE and is_quiet():
            out.write(f"{visible(_line(effect, gate))}\n")
        elif kind is SummaryFormat.CONSOLE:
            from lakewarden.renderers.console.effect import show_effect  # noqa: PLC0415 -- starts rich

            show_effect(effect, proposal.heaviest, out, gate)
    if kind is not SummaryFormat.CONSOLE or file_of(output) is not None:
        notes().print(_line(effect, gate))
    return gate


def _line(effect: Effect, gate: Gate | None) -> str:
    """Return the conclusion on one line."""
    from lakewarden.renderers.words import effect as words  # noqa: PLC0415 -- as above

    lines = [words.fail_on_new(gate)] if gate else words.gates(effect)
    return " ".join((words.effect_headline(effect), *lines))


def _write_sweep(
    decided: PresentDecisions,
    after: PolicyOptions,
    changes: Changes,
    asked: SweepAsked,
    target: tuple[str, SummaryFormat],
) -> None:
    """Decide under each value, and write what fails."""
    from lakewarden.proposal.sweep import sweep  # noqa: PLC0415 -- as above
    from lakewarden.renderers.diff_json import write_sweep_json  # noqa: PLC0415 -- as above

    output, kind = target
    found = sweep(decided, after, changes, asked, TerminalProgress())
    run, tables = decided.decided.run, len(decided)
    with text_output(output, kind.value) as out:
        if kind is SummaryFormat.JSON:
            about: dict[str, str | int] = {
                "source": run.source,
                "scope": run.scope,
                "clock": run.clock,
                "tables": tables,
            }
            write_sweep_json(found, about, out)
        elif kind is SummaryFormat.MARKDOWN:
            from lakewarden.renderers.markdown.sweep import write_sweep  # noqa: PLC0415 -- as above

            write_sweep(found, tables, out)
        else:
            from lakewarden.renderers.console.sweep import show_sweep  # noqa: PLC0415 -- starts rich

            show_sweep(found, tables, out)


def _refuse(
    change: ChangeOptions,
    asked: SweepAsked | None,
    steps: int | None,
    *,
    fail_on_new: bool,
) -> None:
    """Raise `ConfigurationError` where nothing would be different, or options contradict."""
    if asked is not None and fail_on_new:
        raise ConfigurationError(
            "a sweep compares many values, and none of them is the change",
            where="--fail-on-new",
            remedy="Leave it out, or name one value with --set.",
        )
    if asked is None and steps is not None:
        raise ConfigurationError(
            "there is no sweep", where="--steps", remedy="Name a setting with --sweep."
        )
    typed = current().origins
    against = {typed.get(name) for name in ("policy_sources", "config")}
    if asked is None and change == ChangeOptions() and "command line" not in against:
        raise ConfigurationError(
            "say what would be different",
            where="what-if",
            remedy="Use --set, --enforcement, --waivers, --config, --policy-source or --sweep; or "
            "compare the project with others by --against-config or --against-policy-source.",
        )


def _sides(change: ChangeOptions, present: PresentOptions) -> tuple[PolicyOptions, PolicyOptions]:
    """Return the present policies and settings, and the changed ones.

    Both are the project's own where nothing else is named. What is named is tried, so that the lock
    file has no say.
    """
    typed = current().origins
    project = current().project
    values = project.values if project else {}
    own_sources = tuple(map(parse_policy_source, values.get("policy_sources", ())))
    named = values.get("config")
    own = with_local_policies(
        PolicyOptions(
            policies=present.policies,
            policy_sources=own_sources,
            config=None if named is None else existing_config(named),
        )
    )
    before = after = own
    if typed.get("policy_sources") == "command line":
        before = tried_policies(before, present.policy_sources)
    if typed.get("config") == "command line":
        before = replace(before, config=present.config)
    if change.other_sources:
        after = tried_policies(after, change.other_sources)
    if change.other_config is not None:
        after = replace(after, config=change.other_config)
    return before, after
