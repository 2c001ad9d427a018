"""Breaks the rule about small tables on purpose, and looks whether each layer notices.

    python -m tests.scenarios.sabotage [LAYER…] [-- OPTION…]

Each mutation is made alone, in a copy of the checkout, whose scenario is then run layer by layer;
the tests that fail are printed. A layer that stays green has not proven what it says (exit 1). The
options are pytest's own of `tests/scenarios/options.py`.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from msgspec import Struct

from tests.scenarios.child import run_pytest
from tests.scenarios.layers import Layer
from tests.scenarios.scenario_list import marker
from tests.support.commandline import REPOSITORY

SCENARIO: Final = "small-tables-auto-exemption"
_FAILED: Final = re.compile(r"^FAILED (.+?)(?: - .*)?$", re.MULTILINE)
_ERROR: Final = re.compile(r"^ERROR ", re.MULTILINE)
"""A fixture that does not come about notices nothing."""


class Mutation(Struct, frozen=True, kw_only=True):
    """One change of a module: a text that is there once, and what takes its place."""

    says: str
    module: str
    """Relative to the bundle root."""
    before: str
    after: str

    def make(self, policies: Path) -> None:
        """Change the module below `policies`; raises `ValueError` where the text is another."""
        path = policies / self.module
        text = path.read_text(encoding="utf-8")
        if text.count(self.before) != 1:
            raise ValueError(f"{self.module}: {self.before!r} is not there exactly once")
        path.write_text(text.replace(self.before, self.after), encoding="utf-8")


MUTATIONS: Final = (
    Mutation(
        says="`<` turned into `<=`",
        module="lakewarden/lib/size/size.rego",
        before="input.size.bytes < limit if {\n\tinput.size.exact",
        after="input.size.bytes <= limit if {\n\tinput.size.exact",
    ),
    Mutation(
        says="the thresholds swapped",
        module="lakewarden/lib/clustering/clustering.rego",
        before="""\
threshold := settings.test_size_threshold_bytes if {
	some pattern in settings.test_schemas
	patterns.matches(pattern, input.schema_name)
} else := settings.size_threshold_bytes
""",
        after="""\
threshold := settings.size_threshold_bytes if {
	some pattern in settings.test_schemas
	patterns.matches(pattern, input.schema_name)
} else := settings.test_size_threshold_bytes
""",
    ),
    Mutation(
        says="the flag ignored",
        module="lakewarden/tables/clustering/strategy_required/strategy_required.rego",
        before="\tclustering.excluded\n",
        after="\tclustering.excluded\n\tfalse\n",
    ),
)


def main(arguments: Sequence[str]) -> int:
    """Try every mutation in the layers that are named, or in all; return the exit code."""
    cut = arguments.index("--") if "--" in arguments else len(arguments)
    layers = [Layer(name) for name in arguments[:cut]] or list(Layer)
    wrong = 0
    for mutation in (None, *MUTATIONS):
        with tempfile.TemporaryDirectory(prefix="lakewarden-sabotage-") as scratch:
            copy = copied(Path(scratch))
            if mutation:
                mutation.make(copy / "policies")
            for layer in layers:
                failed = failing(copy, layer, arguments[cut + 1 :])
                wrong += bool(failed) is (mutation is None)
                sys.stdout.write("\n  ".join((_reported(mutation, layer, failed), *failed)) + "\n")
                sys.stdout.flush()
    return 1 if wrong else 0


def _reported(mutation: Mutation | None, layer: Layer, failed: Sequence[str]) -> str:
    if mutation is None:
        return f"nothing changed, {layer}: {'FAILS ALL THE SAME' if failed else 'passes'}"
    return f"{mutation.says}, {layer}: {'noticed by' if failed else 'NOTICED BY NO TEST'}"


def copied(scratch: Path) -> Path:
    """Return a copy of all that the checkout's tests need."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=REPOSITORY,
        capture_output=True,
        check=True,
    )
    copy = scratch / "checkout"
    for name in filter(None, listed.stdout.decode().split("\0")):
        if (REPOSITORY / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(REPOSITORY / name, copy / name)
    return copy


def failing(copy: Path, layer: Layer, options: Sequence[str]) -> list[str]:
    """Run a layer in a copy, with the copy's own code and policies; return the tests that fail.

    Raises `RuntimeError` for a run that did not come to its tests.
    """
    ended = run_pytest(
        [
            *(layer.folder, "-m", marker(SCENARIO)),
            *("-q", "-rfE", "--tb=no", "-p", "no:cacheprovider", *options),
        ],
        cwd=copy,
        env=os.environ
        | {"PYTHONPATH": os.pathsep.join(str(copy / x) for x in ("", "collector", "runner"))},
        keep=True,
    )
    if ended.interrupted:
        raise KeyboardInterrupt
    if ended.code not in (0, 1) or _ERROR.search(ended.out):
        raise RuntimeError(f"pytest came to no result (exit {ended.code}): {ended.out}")
    cases = Counter(name.partition("[")[0] for name in _FAILED.findall(ended.out))
    return [name if number == 1 else f"{name} ({number} cases)" for name, number in cases.items()]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
