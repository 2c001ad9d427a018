"""The settings and waivers that each table is judged by, as their files say."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from lakewarden.evaluation.variants import Variants
from lakewarden.settings.settings import load_schemas, load_settings
from lakewarden.settings.waivers import load_waivers

Json = dict[str, Any]


class EffectiveSettings:
    """Read from the settings files themselves, not from what policies or reports say of them."""

    def __init__(self, config: Path, policy_dirs: Sequence[Path]) -> None:
        settings = load_settings(config, load_schemas(policy_dirs))
        self._values = settings.values
        self._variants = Variants(settings, ())
        waivers = load_waivers(config, _policy_ids(policy_dirs))
        self.waivers: list[Json] = msgspec.to_builtins(waivers)

    def of(self, full_name: str) -> dict[str, Json]:
        """Return a table's complete settings by domain, overrides included."""
        variant = self._variants.of(full_name)
        return self._values | variant.settings if variant else self._values


def _policy_ids(policy_dirs: Sequence[Path]) -> set[str]:
    return {
        f"{policy.parents[1].name}.{policy.parent.name}"
        for folder in policy_dirs
        for policy in folder.glob("lakewarden/tables/*/*/*.rego")
    }
