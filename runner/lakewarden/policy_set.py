"""Everything that decides: policies, settings and waivers, read and checked for one run."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import Struct

from lakewarden.engines.interface import Module
from lakewarden.evaluation.policy_index import (
    fact_labels,
    index_policies,
    index_waiver_policies,
    select,
)
from lakewarden.evaluation.question import Question
from lakewarden.evaluation.variants import Variants
from lakewarden.evaluation.waiver_judge import WaiverJudge
from lakewarden.model.clock import has_begun
from lakewarden.model.errors import ConfigurationError
from lakewarden.model.policy import Policy
from lakewarden.model.report import Digests, FactLabel
from lakewarden.resources import shipped_config
from lakewarden.settings.changes import NOTHING, Changes, changed, check_policies
from lakewarden.settings.overrides import stated_enforcement, timed_enforcement
from lakewarden.settings.scaling import check_what_ifs
from lakewarden.settings.settings import Settings, load_schemas, load_settings
from lakewarden.settings.waiver_limits import WaiverLimit
from lakewarden.settings.waivers import FILE as WAIVERS_FILE
from lakewarden.settings.waivers import Waiver, locate_waivers, read_waivers
from lakewarden.settings.yaml_file import read_yaml

LOCAL_CONFIG: Final = Path("config")
"""Where settings are found without being named."""


class PolicySet(Struct, frozen=True, kw_only=True):
    """What the decisions of one run are a function of, but for the documents and the clock."""

    policies: tuple[Policy, ...]
    """The selected ones that are evaluated, with the enforcement in force."""
    off: tuple[Policy, ...] = ()
    """The selected ones that are switched off for every table."""
    declared: tuple[Policy, ...] = ()
    """All that were selected, as their annotations have them, whatever the settings say."""
    about_waivers: tuple[Policy, ...] = ()
    """The selected ones about waivers that are evaluated, with the enforcement in force."""
    about_waivers_off: tuple[Policy, ...] = ()
    """Those that are switched off."""
    settings: Settings
    variants: Variants
    waivers: tuple[Waiver, ...]
    waiver_places: tuple[str, ...] = ()
    """File and line of each waiver."""
    waiver_limits: tuple[WaiverLimit, ...] = ()
    """What the settings allow each waiver."""
    policies_digest: str
    config: Path
    """The folder that settings and waivers were read from."""
    schemas: Mapping[str, Mapping[str, Any]]
    """Every domain's settings schema."""
    fact_labels: dict[str, FactLabel] = {}
    """`<domain>.<fact>` to how reports show it."""

    @property
    def upcoming(self) -> tuple[tuple[str, str, str], ...]:
        """What becomes mandatory after the clock: policy id, tables (empty for all), and day."""
        policies, clock = {each.policy_id: each for each in self.selected}, self.settings.clock
        stated = [("", each.policy_id, each.effective_on) for each in self.selected] + [
            (str(override), policy_id, timed_enforcement(enforcement, day, clock)[1])
            for override in self.settings.overrides
            for policy_id, day in override.effective_on.items()
            if policy_id in policies
            for usual in [stated_enforcement(policies[policy_id])]
            for enforcement in [override.enforcement.get(policy_id, usual)]
        ]
        return tuple(
            (policy_id, tables, day)
            for tables, policy_id, day in stated
            if day is not None and not has_begun(day, clock)
        )

    def question(self, clock: str) -> Question:
        """Return what the engine is asked, all but the documents."""
        return Question(
            policies=tuple(policy.policy_id for policy in self.policies),
            settings=self.settings.values,
            waivers=self.applied_waivers,
            now=clock,
            variants=self.variants,
        )

    def waiver_judge(self, clock: str) -> WaiverJudge:
        """Return the policies about waivers, ready to judge those about policies of the run."""
        return WaiverJudge(
            policies=self.about_waivers,
            settings=self.settings.values,
            severities={each.policy_id: each.severity for each in self.policies},
            clock=clock,
        )

    @property
    def applied_waivers(self) -> tuple[Waiver, ...]:
        """Those that may last as long as they do; the others exempt nothing."""
        limits = self.waiver_limits or (WaiverLimit(),) * len(self.waivers)
        pairs = zip(self.waivers, limits, strict=True)
        return tuple(waiver for waiver, limit in pairs if not limit.too_long)

    @property
    def selected(self) -> tuple[Policy, ...]:
        """All that were selected, evaluated or not, by their ids."""
        return tuple(sorted((*self.policies, *self.off), key=lambda each: each.policy_id))

    @property
    def judging(self) -> tuple[Policy, ...]:
        """All about waivers that were selected, evaluated or not, by their ids."""
        both = (*self.about_waivers, *self.about_waivers_off)
        return tuple(sorted(both, key=lambda each: each.policy_id))

    def notices(self) -> Iterator[str]:
        """Yield what a reader should know about what the settings make of the policies."""
        if off := (*self.off, *self.about_waivers_off):
            names = ", ".join(policy.policy_id for policy in off)
            yield f"Not evaluated, because the settings turn them off: {names}."
        yield from self.settings.idle_days(self.selected)

    def digests(self, inventory: str) -> Digests:
        """Return the digests of all that decides, beside that of an inventory."""
        return Digests(
            policies=self.policies_digest,
            settings=self.settings_digest,
            waivers=self.waivers_digest,
            inventory=inventory,
        )

    @property
    def settings_digest(self) -> str:
        """Digest of the settings: defaults, enforcement, severity and overrides included.

        It doesn't depend on the clock: a day in `effective_on` counts whether it has come or not.
        """
        about = {
            each.policy_id: (stated_enforcement(each), each.severity)
            for each in (*self.policies, *self.about_waivers)
        }
        overrides = [
            (
                *(each.domain, each.tables, each.settings, each.enforcement, each.severity),
                *([each.effective_on] if each.effective_on else []),
            )
            for each in self.settings.overrides
        ]
        parts = [self.settings.values, about, overrides]
        if days := {name: day for name, day in self.settings.effective_on.items() if name in about}:
            parts.append(days)
        parts += [limits] if (limits := self.settings.max_waiver_days) else []
        return digest([msgspec.json.encode(parts, order="sorted")])

    @property
    def waivers_digest(self) -> str:
        """Digest of the waivers, in their order."""
        return digest([msgspec.json.encode(self.waivers)])


def digest(parts: Sequence[bytes]) -> str:
    """Return the SHA-256 of the parts, as `sha256:<hex>`; where they are cut counts."""
    total = hashlib.sha256()
    for part in parts:
        total.update(len(part).to_bytes(8) + part)
    return f"sha256:{total.hexdigest()}"


def choose_config(
    named: Path | None,
    belonging: Path | None,
    domains: Sequence[str],
    local: Path = LOCAL_CONFIG,
) -> Path:
    """Return the configuration directory: named by the user, else the source's own, else
    `local` if it holds settings of ours, else the defaults that ship with Lakewarden.
    """  # noqa: D205 -- one sentence
    if named is not None:
        return named
    if belonging is not None:
        return belonging
    ours = (WAIVERS_FILE, *(f"{domain}_config.yaml" for domain in domains))
    if any((local / name).is_file() for name in ours):
        return local
    return shipped_config()


def load_rules(
    modules: Sequence[Module],
    *,
    policy_dirs: Sequence[Path],
    patterns: Sequence[str] = (),
    config_dir: Path | None = None,
    belonging: Path | None = None,
    local_config: Path = LOCAL_CONFIG,
    clock: str | None = None,
    changes: Changes = NOTHING,
) -> PolicySet:
    """Read and check the rules; `modules` are those of the engine that will decide.

    `clock` is the run's, RFC 3339, by which a policy is mandatory already or not yet; without one,
    it's the present. `changes` apply over what the files say.
    Raises `ConfigurationError` for anything wrong in policies, settings or waivers.
    """
    everything, about_waivers = index_policies(modules), index_waiver_policies(modules)
    schemas = load_schemas(policy_dirs)
    config = choose_config(config_dir, belonging, sorted(schemas), local_config)
    policy_ids = {policy.policy_id for policy in everything}
    check_policies(changes, policy_ids)
    settings = changed(load_settings(config, schemas, clock=clock), schemas, changes)
    check_what_ifs(everything, schemas)
    effective = settings.effective((*everything, *about_waivers))
    chosen = select(effective, patterns)
    selected = tuple(each for each in chosen if each.policy_id in policy_ids)
    judging = tuple(each for each in chosen if each.policy_id not in policy_ids)
    _require_about_tables(selected, about_waivers, settings)
    off = tuple(each for each in selected if settings.switched_off(each))
    policies = tuple(each for each in selected if each not in off)
    if changes.waivers is None:
        waivers = locate_waivers(config, policy_ids)
    else:
        waivers = read_waivers(read_yaml(changes.waivers), policy_ids)
    severities = {policy.policy_id: policy.severity for policy in effective}
    declared = {each.policy_id for each in selected}
    return PolicySet(
        policies=policies,
        off=off,
        declared=tuple(each for each in everything if each.policy_id in declared),
        about_waivers=tuple(each for each in judging if not settings.switched_off(each)),
        about_waivers_off=tuple(each for each in judging if settings.switched_off(each)),
        settings=settings,
        variants=Variants(settings, policies),
        waivers=tuple(waiver for waiver, _ in waivers),
        waiver_places=tuple(where for _, where in waivers),
        waiver_limits=tuple(
            settings.waiver_limit(waiver, severities[waiver.policy]) for waiver, _ in waivers
        ),
        policies_digest=digest(
            [part.encode() for module in modules for part in (module.path, module.text)]
        ),
        config=config,
        schemas=schemas,
        fact_labels=fact_labels(modules, policies),
    )


def _require_about_tables(
    selected: Sequence[Policy], about_waivers: Sequence[Policy], settings: Settings
) -> None:
    """Raise `ConfigurationError` where only policies about waivers are left, or are overridden."""
    if not selected:
        raise ConfigurationError(
            "only policies about waivers match",
            where="--policy",
            remedy="A run needs policies about tables; `lakewarden waivers lint` judges waivers.",
        )
    domains = {each.policy_id.partition(".")[0] for each in about_waivers}
    for override in settings.overrides:
        if override.domain in domains:
            raise ConfigurationError(
                f"`overrides` are for tables, and the policies of {override.domain} are about "
                "waivers",
                where=override.where,
                remedy="Remove it; settings, enforcement and severity hold for all waivers.",
            )
