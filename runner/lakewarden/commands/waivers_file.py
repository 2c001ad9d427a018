"""What the commands of `lakewarden waivers` open: the file of waivers, and who it is about."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from lakewarden.commands.inputs import with_local_policies
from lakewarden.commands.terminal import notes
from lakewarden.engines.bundle.annotations import annotated
from lakewarden.engines.bundle.stage import read_policies
from lakewarden.engines.choice import EngineKindOptions, open_engine
from lakewarden.engines.interface import Module
from lakewarden.evaluation.policy_index import index_policies, index_waiver_policies
from lakewarden.options.policies import EffectivePolicyOptions
from lakewarden.policy_set import choose_config, load_rules
from lakewarden.resources import shipped_config
from lakewarden.settings.settings import load_schemas, load_settings
from lakewarden.settings.waivers import FILE
from lakewarden.waivers.lint import Finding, judge
from lakewarden.waivers.waiver_file import TooLong, WaiverFile, open_waiver_file


class FoundWaiverFile(NamedTuple):
    """The file of waivers that a run would read, and what a waiver in it may say."""

    path: Path
    policy_ids: tuple[str, ...]
    too_long: TooLong
    modules: Sequence[Module]
    """The policies that were read to know that."""


def find_waiver_file(options: EffectivePolicyOptions) -> FoundWaiverFile:
    """Return the file of waivers that a run with these options would read, and what it may say.

    Where a run would take the settings that ship with Lakewarden, it is the file that a team would
    write beside its own: `config/waivers.yaml`. No engine is started.
    """
    modules = [annotated(module) for module in read_policies(options.roots)]
    schemas = load_schemas(options.roots)
    config = choose_config(options.config, None, sorted(schemas), local=options.local_config)
    if config == shipped_config():
        config = options.local_config
    policies, judging = index_policies(modules), index_waiver_policies(modules)
    settings = load_settings(config, schemas)
    effective = settings.effective((*policies, *judging))
    severities = {each.policy_id: each.severity for each in effective}
    return FoundWaiverFile(
        path=config / FILE,
        policy_ids=tuple(each.policy_id for each in policies),
        too_long=lambda each: settings.waiver_limit(each, severities[each.policy]).too_long,
        modules=modules,
    )


def judged(
    options: EffectivePolicyOptions,
    modules: Sequence[Module],
    engine_kind: EngineKindOptions,
    clock: str,
) -> tuple[Finding, ...]:
    """Return what policies about waivers find; an engine is only opened if there is work for it.

    Raises `EngineError` where there is none, and `ConfigurationError` as a run does.
    """
    rules = load_rules(
        modules,
        policy_dirs=options.roots,
        config_dir=options.config,
        local_config=options.local_config,
        clock=clock,
    )
    if not rules.about_waivers or not rules.waivers:
        return ()
    engine, notices = open_engine(engine_kind, options.roots, notes().print)
    for notice in notices:
        notes().print(notice)
    with engine:
        return tuple(judge(rules, engine, clock))


def opened(options: EffectivePolicyOptions) -> WaiverFile:
    """Open that file, read and checked. Raises `ConfigurationError` as a run does."""
    found = find_waiver_file(with_local_policies(options))
    return open_waiver_file(found.path, found.policy_ids, found.too_long)
