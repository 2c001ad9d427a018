"""What could be different about a table or its settings, to be decided: one change at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from jsonschema import Draft202012Validator
from msgspec import Struct

_BILLIONTH: Final = Decimal("0.000000001")
_MOST: Final = 2**53
"""No number beyond it: JSON readers agree on whole numbers until here."""

_STRIDE: Final = 4
"""Each probe is so many times as far from the present value as the one before."""


class Patch(Struct, frozen=True, kw_only=True, tag="table", tag_field="change"):
    """A change of the table document, as its domain offers it."""

    title: str
    patch: dict[str, Any]
    """A JSON merge patch (RFC 7396)."""


class Setting(Struct, frozen=True, kw_only=True, tag="setting", tag_field="change"):
    """Another value of a setting, for this table."""

    setting: str
    """`<domain>.<name>`."""
    value: Any
    now: Any

    @property
    def domain(self) -> str:
        """The domain whose setting it is."""
        return self.setting.partition(".")[0]

    @property
    def name(self) -> str:
        """The setting's name in its domain."""
        return self.setting.partition(".")[2]


Change = Patch | Setting


class Scale(Struct, frozen=True, kw_only=True):
    """The values of a numeric setting as whole numbers: itself, or in billionths."""

    setting: str
    schema: Mapping[str, Any]
    now: Any

    @property
    def _unit(self) -> Decimal:
        return Decimal(1) if self.schema["type"] == "integer" else _BILLIONTH

    @property
    def origin(self) -> int:
        """The present value's number."""
        return round(Decimal(str(self.now)) / self._unit)

    @property
    def bounds(self) -> tuple[int, int]:
        """The smallest and the largest number that is tried."""
        least, most = (
            self.schema.get(key, sign * _MOST * self._unit)
            for key, sign in (("minimum", -1), ("maximum", 1))
        )
        ends = [round(Decimal(str(each)) / self._unit) for each in (least, most)]
        return max(ends[0], -_MOST), min(ends[1], _MOST)

    def at(self, number: int) -> Setting | None:
        """Return the setting with a number's value; None where the schema doesn't allow it."""
        exact = number * self._unit
        value = int(exact) if exact == exact.to_integral_value() else float(exact)
        if not Draft202012Validator(self.schema).is_valid(value) or value == self.now:
            return None
        return Setting(setting=self.setting, value=value, now=self.now)

    def probes(self, sign: int) -> Iterator[int]:
        """Yield numbers ever farther from the present one, upwards or downwards, to the bound."""
        end = self.bounds[sign > 0]
        step = 1
        while (self.origin + sign * step - end) * sign < 0:
            yield self.origin + sign * step
            step *= _STRIDE
        if (end - self.origin) * sign > 0:
            yield end


def scales(domain: str, schema: Mapping[str, Any], settings: Mapping[str, Any]) -> Iterator[Scale]:
    """Yield the numeric settings of a domain."""
    for name, each in schema.get("properties", {}).items():
        if each.get("type") in ("integer", "number") and "enum" not in each:
            yield Scale(setting=f"{domain}.{name}", schema=each, now=settings[name])


def choices(
    domain: str, schema: Mapping[str, Any], settings: Mapping[str, Any]
) -> Iterator[Setting]:
    """Yield the other values of each setting that has only some."""
    for name, each in schema.get("properties", {}).items():
        values: Sequence[Any] = each.get("enum", ())
        if each.get("type") == "boolean":
            values = (True, False)
        for value in values:
            if value != settings[name]:
                yield Setting(setting=f"{domain}.{name}", value=value, now=settings[name])
