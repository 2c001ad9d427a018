"""The three layers in which each scenario is proven, and how pytest is asked for them."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Layer(StrEnum):
    """A layer's name, as in `LAYER=…`."""

    UNIT = "unit"
    INTEGRATION = "integration"
    PRODUCTION = "production"

    @classmethod
    def of(cls, file: str) -> Layer:
        """Return the layer that a test's file, relative to the checkout, belongs to."""
        return next(layer for layer in cls if file.startswith(layer.folder))

    @property
    def folder(self) -> str:
        """Where its tests are, a folder or a file, relative to the checkout."""
        return _FOLDERS[self]

    @property
    def says(self) -> str:
        """What it proves."""
        return _SAYS[self]


class Mode(StrEnum):
    """How a run tells what it does, as in `MODE=…`."""

    NORMAL = "normal"
    DEBUG = "debug"
    FAILFAST = "failfast"

    @property
    def options(self) -> tuple[str, ...]:
        """Pytest's options for it."""
        return _OPTIONS[self]


_FOLDERS: Final = {
    Layer.UNIT: "tests/unit/scenarios",
    Layer.INTEGRATION: "tests/integration/scenarios",
    Layer.PRODUCTION: "tests/acceptance/test_production.py",
}

_SAYS: Final = {
    Layer.UNIT: "the edges that an owner of tables would name, decided in process",
    Layer.INTEGRATION: "real tables, made and filled through SQL",
    Layer.PRODUCTION: "a whole estate, in the words of the business",
}

_OPTIONS: Final = {
    Mode.NORMAL: ("-v",),
    Mode.DEBUG: ("-vv", "--capture=no", "--showlocals", "--tb=long", "--log-cli-level=DEBUG"),
    Mode.FAILFAST: ("-v", "--exitfirst"),
}
