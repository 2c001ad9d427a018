"""What the caller's options of `lakewarden evaluate` mean for evaluating an inventory again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import chdir
from pathlib import Path
from typing import Final

from lakewarden.policy_set import choose_config
from lakewarden.resources import shipped_policies
from lakewarden.settings.settings import domains
from lakewarden_collector.sources.demo import demo_config_dir
from tests.scenarios.options import Place
from tests.support.commandline import REPOSITORY

_DECIDING: Final = frozenset(
    f"--{name}"
    for name in (
        *("engine", "opa-url", "opa-token-file", "opa-ca-cert", "opa-cert", "opa-key"),
        *("trust-server-policies", "policy-source", "table"),
    )
)
"""Options that say how is decided, whatever the tables come from."""


def deciding(arguments: Sequence[str]) -> list[str]:
    """Return those options, with their values, that count for an inventory, too."""
    return [text for name, group in _groups(arguments) if name in _DECIDING for text in group]


def policy_dirs(arguments: Sequence[str]) -> tuple[Path, ...]:
    """Return the folders of the policies that decide."""
    added = [REPOSITORY / value for value in _values(arguments, "--policy-source")]
    return (shipped_policies(), *added)


def config_dir(place: Place) -> Path:
    """Return the folder of the settings that the command line goes by."""
    named = _values(place.arguments, "--config")
    demo = place.source.partition(":")[0] == "demo"
    with chdir(REPOSITORY):  # where the command line runs
        return choose_config(
            Path(named[-1]) if named else None,
            demo_config_dir() if demo else None,
            sorted(domains(policy_dirs(place.arguments))),
        ).absolute()


def _values(arguments: Sequence[str], name: str) -> list[str]:
    found = []
    for option, group in _groups(arguments):
        if option == name:
            _, equals, value = group[0].partition("=")
            found += [value] if equals else group[1:2]
    return found


def _groups(arguments: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
    """Yield each option's name with its words: `--a=b` is one, `--a b` are two."""
    group: list[str] = []
    for text in arguments:
        if text.startswith("--") and group:
            yield group[0].partition("=")[0], group
            group = []
        group.append(text)
    if group:
        yield group[0].partition("=")[0], group
