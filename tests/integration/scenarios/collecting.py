"""Collects and evaluates the tables of a run by the command line, as a user would."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import yaml

from tests.integration.databricks.workspace_commands import read
from tests.integration.scenarios.site import Site
from tests.support import prepared
from tests.support.commandline import REPOSITORY

_COMPLETE: Final = (0, 1)
"""The exit codes of a run that could read everything: none failed, some failed."""
_INCOMPLETE: Final = 3

Json = dict[str, Any]


class NotJudgedError(Exception):
    """The command line came to no result; the text is its own."""


class Commands:
    """The command line, sent to a site for the tables of one run alone."""

    def __init__(self, site: Site, pattern: str, folder: Path) -> None:
        self._site = site
        self._pattern = pattern
        self._folder = folder
        self.settings: Json = {"test_schemas": [site.schema.name]}
        """The defaults, but that the tables lie in a schema for tests, whatever its name."""
        config = folder / "config"
        config.mkdir()
        text = yaml.safe_dump(self.settings, allow_unicode=True)
        (config / "clustering_config.yaml").write_text(text, encoding="utf-8")
        self._config = ("--config", str(config))

    def collect(self) -> Path:
        """Collect every kind of evidence; raises `NotJudgedError`."""
        path = self._folder / "inventory.ndjson"
        self._run("collect", *self._source(), *self._config, "--evidence", "all", "-o", str(path))
        return path

    def evaluate(self, inventory: Path) -> Json:
        """Evaluate an inventory and return the report; raises `NotJudgedError`."""
        path = self._folder / "report.json"
        self._run("evaluate", "--inventory", str(inventory), *self._config, *_report(path))
        return read(path)

    def evaluate_listing(self) -> Json:
        """Evaluate what the listing alone says, as without a warehouse; raises `NotJudgedError`."""
        path = self._folder / "listing.json"
        arguments = (*self._source(), *self._config, "--evidence", "none", *_report(path))
        self._run("evaluate", *arguments)
        return read(path)

    def _source(self) -> tuple[str, ...]:
        return ("--source", "databricks", "--include", self._pattern)

    def _run(self, *arguments: str) -> None:
        ended = prepared.run(arguments, cwd=REPOSITORY, env=self._site.environment)
        if ended.returncode not in (*_COMPLETE, _INCOMPLETE):
            output = ended.stderr.strip() or ended.stdout.strip() or "it said nothing"
            raise NotJudgedError(
                f"lakewarden {arguments[0]} ended with exit {ended.returncode}:\n{output}"
            )


def _report(path: Path) -> tuple[str, ...]:
    return ("--report", f"json={path}")
