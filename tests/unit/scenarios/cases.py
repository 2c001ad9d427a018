"""What several scenarios are tried with: every size, every strategy, every spelling, every kind."""

from __future__ import annotations

from typing import Any, Final

import pytest

from tests.unit.scenarios.tables import AUTO, AUTO_OPTIMISED, GIB, Json, clustered_by, exactly

_LIQUID: Final = {"keys": clustered_by("city"), "auto": AUTO}
_SIZES: Final[Json] = {"unknown": {}, "empty": exactly(0), "large": exactly(100 * GIB)}
_IDLE: Final = {
    "expired": {"expires": "2026-11-22"},
    "another_table": {"table": "main.sales.order"},
    "another_policy": {"policy": "clustering.key_limit"},
}
_STORED: Final = (
    *(("MANAGED", "DELTA"), ("EXTERNAL", "DELTA"), ("MANAGED", "ICEBERG")),
    *(("STREAMING_TABLE", "DELTA"), ("MATERIALIZED_VIEW", "DELTA_UNIFORM_ICEBERG")),
)
_SPELT_OFF: Final = (
    *("false", "yes", "on", "1", "t", "", "none"),
    *(" true", "true ", " true ", "true\n", '"true"', "true,true", "truë"),
)


def _each(name: str, cases: dict[str, Any]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize(name, list(cases.values()), ids=list(cases))


each_size = _each("size", _SIZES)
"""What is known of the size, where it shall not matter."""

each_liquid = _each("liquid", _LIQUID)
"""The properties of a table with liquid clustering."""

each_strategy = _each("strategy", _LIQUID | {"auto_optimise": AUTO_OPTIMISED})
"""The properties of a table with any strategy that the shipped settings accept."""

each_kind = pytest.mark.parametrize(("table_type", "data_source_format"), _STORED)
"""Every type of table that can be clustered, in a format in which it can."""

each_idle_waiver = _each("other", _IDLE)
"""Fields that make a waiver hold for nothing that is tried."""

each_spelling_of_on = pytest.mark.parametrize("value", ["true", "TRUE", "True", "tRuE"])
each_spelling_of_off = pytest.mark.parametrize("value", _SPELT_OFF, ids=repr)
"""Values of a property that switch it on, and values that do not, however they are meant."""
