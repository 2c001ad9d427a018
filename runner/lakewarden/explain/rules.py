"""The policies, settings and waivers that apply to one table, by the rules of a run."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from lakewarden.evaluation.effective_rules import DefaultPlaces, EffectiveRules, TableRules
from lakewarden.model.policy import Policy
from lakewarden.options.policies import PolicySourceOptions
from lakewarden.policy_set import PolicySet
from lakewarden.settings.settings import SCHEMA_FILE


def effective_rules(
    full_name: str,
    clock: str,
    rules: PolicySet,
    options: PolicySourceOptions,
    sources: Mapping[str, str],
    *,
    whole: bool,
) -> EffectiveRules:
    """Return what applies to a table, with the place of each value.

    `sources` are the files of the modules by their paths; `whole` has all settings of all domains,
    else there are those that the policies read.
    """
    places = DefaultPlaces(
        policies={
            each.policy_id: options.named(sources.get(each.path, each.path))
            for each in rules.declared
        },
        schemas={
            domain: options.named(str(path))
            for root in options.roots
            for domain in rules.schemas
            if (path := Path(root, "lakewarden", "tables", domain, SCHEMA_FILE)).is_file()
        },
    )
    about = TableRules(rules.declared, rules.settings, rules.variants, rules.schemas, places)
    return about.of(
        full_name,
        clock,
        names=_settings_read(rules, places.schemas, None if whole else rules.declared),
        waivers=tuple(zip(rules.waivers, rules.waiver_places, rules.waiver_limits, strict=True)),
    )


def _settings_read(
    rules: PolicySet, domains: Collection[str], policies: Sequence[Policy] | None
) -> dict[str, set[str]]:
    """Return by domain the settings that policies read; None for all settings of these domains.

    The domains are those of policies about tables.
    """
    known = {domain: {*rules.schemas[domain]["properties"]} for domain in domains}
    if policies is None:
        return {domain: names for domain, names in known.items() if names}
    read: dict[str, set[str]] = {}
    for policy in policies:
        domain = policy.policy_id.partition(".")[0]
        names = known[domain] if policy.settings is None else known[domain] & {*policy.settings}
        read[domain] = read.get(domain, set()) | names
    return {domain: names for domain, names in read.items() if names}
