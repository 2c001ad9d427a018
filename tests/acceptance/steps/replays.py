"""Evaluates the saved inventory again where something is different, once for each difference."""

from __future__ import annotations

import json
import shutil
from itertools import chain
from pathlib import Path
from typing import Any, Final

import pytest
from msgspec import UNSET, structs

from lakewarden.settings.yaml_file import read_yaml
from lakewarden_collector.document import Absence, Size, TableDocument
from lakewarden_collector.inventory import InventoryReader, InventoryWriter
from tests.acceptance.steps.caller_options import config_dir, deciding, policy_dirs
from tests.acceptance.steps.effective_settings import EffectiveSettings
from tests.acceptance.steps.estate import Estate
from tests.acceptance.steps.evaluating import NotEvaluated, evaluate
from tests.scenarios.options import Place

_SETTINGS: Final = "clustering_config.yaml"
_NOBODY_KNOWS: Final = Absence(status="not_requested", reason="the scenario took it away")


class Replays:
    """The estate as it would be judged under other circumstances; nothing is collected again."""

    def __init__(self, place: Place, estate: Estate, folder: Path) -> None:
        self._place = place
        self._estate = estate
        self._folder = folder
        self._made: dict[str, Estate] = {}

    def under(self, policy: str, **settings: Any) -> Estate:  # noqa: ANN401 -- any setting
        """Decide one policy again with these settings for every table, overrides regardless."""
        name = "-".join(f"{key}-{value}" for key, value in settings.items())
        if name not in self._made:
            config = self._settings(self._folder / name / "config", settings)
            self._made[name] = self._decide(
                name, policy, config, inventory=self._estate.written.inventory
            )
        return self._made[name]

    def sizes_unknown(self, policy: str) -> Estate:
        """Decide one policy again as if no table's size had been collected, nor was assumed."""
        name = "sizes-unknown"
        if name not in self._made:
            assuming_none = {"planned_tables_count_as": "unknown"}
            config = self._settings(self._folder / name / "config", assuming_none)
            inventory = self._folder / "sizes-unknown.ndjson"
            _without_sizes(self._estate.written.inventory, inventory)
            self._made[name] = self._decide(name, policy, config, inventory=inventory)
        return self._made[name]

    def _decide(self, name: str, policy: str, config: Path, *, inventory: Path) -> Estate:
        try:
            written = evaluate(
                *("--config", config, "--now", self._estate.report.run.clock, "--policy", policy),
                *deciding(self._place.arguments),
                into=self._folder / name,
                inventory=inventory,
            )
        except NotEvaluated as error:
            pytest.fail(str(error), pytrace=False)
        settings = EffectiveSettings(config, policy_dirs(self._place.arguments))
        return Estate(written, settings)

    def _settings(self, folder: Path, settings: dict[str, Any]) -> Path:
        folder.mkdir(parents=True)
        for file in config_dir(self._place).glob("*.yaml"):
            shutil.copy(file, folder)
        path = folder / _SETTINGS
        summary = read_yaml(path).value if path.is_file() else {}
        overrides = [*summary.get("overrides", ()), {"tables": "*", **settings}]
        path.write_text(json.dumps(summary | {"overrides": overrides}), encoding="utf-8")
        return folder


def _without_sizes(inventory: Path, target: Path) -> None:
    with inventory.open("rb") as read, target.open("wb") as written:
        reader = InventoryReader(read, inventory.name)
        items = iter(reader)
        first = next(items, None)
        assert reader.header is not None, "a saved inventory says where it comes from"
        writer = InventoryWriter(written, reader.header)
        for item in chain(() if first is None else (first,), items):
            writer.write(_unsized(item) if isinstance(item, TableDocument) else item)
        writer.end(reader.left_out, reader.spent)


def _unsized(document: TableDocument) -> TableDocument:
    return structs.replace(
        document,
        size=Size(),
        detail=structs.replace(document.detail, size_in_bytes=UNSET, num_files=UNSET),
        evidence={**document.evidence, "size": _NOBODY_KNOWS},
    )
