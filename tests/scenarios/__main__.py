"""The scenarios: `make test-scenario`, `make list-scenarios` and docs/scenarios.md.

python -m tests.scenarios run SCENARIO [LAYER] [--mode MODE] [--source …] [-- OPTION…]
python -m tests.scenarios list
python -m tests.scenarios page [--check]
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from typing import Final, NoReturn

from lakewarden.generated_files import generate_files
from tests.scenarios.collected import CollectionError, collect
from tests.scenarios.layers import Layer, Mode
from tests.scenarios.listing import table
from tests.scenarios.page import PAGE, page
from tests.scenarios.running import run
from tests.scenarios.scenario_list import FeatureError, Scenario, scenarios

ALL: Final = "all"
USAGE: Final = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what is asked and return the exit code; 2 for what is not known."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    cut = given.index("--") if "--" in given else len(given)
    asked = _parser().parse_args(given[:cut])
    try:
        every = scenarios()
        if asked.command == "run":
            return _run(asked, every, given[cut + 1 :])
        collected = collect(every)
    except (FeatureError, CollectionError) as error:
        sys.stderr.write(f"{error}\n")
        return USAGE
    if asked.command == "list":
        sys.stdout.write(table(every, collected))
        return 0
    return generate_files({PAGE: page(every, collected)}, check=asked.check)


def _run(asked: argparse.Namespace, every: Sequence[Scenario], options: Iterable[str]) -> int:
    chosen = {each.name: each for each in every}.get(asked.scenario)
    if chosen is None and asked.scenario != ALL:
        wanted = f"no scenario {asked.scenario!r}" if asked.scenario else "name a SCENARIO"
        _refuse(f"{wanted}; there are:", [f"{each.name}: {each.title}" for each in every])
    if asked.layer not in (*Layer, ALL):
        known = [f"{layer}: {layer.says}" for layer in Layer]
        _refuse(f"no layer {asked.layer!r}; there are:", [*known, f"{ALL}: one after another"])
    if asked.mode not in tuple(Mode):
        _refuse(f"no mode {asked.mode!r}; there are:", [*Mode])
    where = [f"--source={asked.source}", *(f"--evaluate-with={each}" for each in options)]
    if asked.tables_in:
        where.append(f"--tables-in={asked.tables_in}")
    if asked.previous:
        where.append(f"--previous={asked.previous}")
    layers = tuple(Layer) if asked.layer == ALL else (Layer(asked.layer),)
    return run(chosen, layers, Mode(asked.mode), where)


def _refuse(what: str, known: Iterable[str]) -> NoReturn:
    sys.stderr.write("\n  ".join((what, *known)) + "\n")
    raise SystemExit(USAGE)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.scenarios",
        description="Prove the promises about an estate, each in three layers.",
        epilog="Exit codes of run: 0 passed; 1 a test failed; 2 wrong usage; 3 nothing could be "
        "judged, since every test of a layer was skipped; 130 interrupted.",
    )
    commands = parser.add_subparsers(dest="command", required=True)
    running = commands.add_parser(
        "run", help="run a scenario's tests; OPTIONs after -- are evaluate's"
    )
    running.add_argument("scenario", nargs="?", default="", help=f"one that `list` names, or {ALL}")
    running.add_argument("layer", nargs="?", default=ALL, help=", ".join((*Layer, ALL)))
    running.add_argument("--mode", default=Mode.NORMAL, help=", ".join(Mode))
    running.add_argument(
        "--source", default="demo", help="as `lakewarden evaluate --source` has it"
    )
    running.add_argument("--tables-in", metavar="CATALOG.SCHEMA", help="where tables may be made")
    running.add_argument("--previous", metavar="REPORT", help="a previous JSON report")
    commands.add_parser("list", help="list the scenarios")
    paging = commands.add_parser("page", help=f"write {PAGE.name}")
    paging.add_argument("--check", action="store_true", help="only say whether it is out of date")
    return parser


if __name__ == "__main__":
    sys.exit(main())
