"""The score: how many mutants the tests kill, and why the survivors may live."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from benchmarks.mutation.mutants import Change, Mutant
from benchmarks.mutation.trial import Fate

CHECKOUT: Final = Path(__file__).parents[2]
EQUIVALENT: Final = Path(__file__).with_name("equivalent.yaml")
_READ: Final = (
    *("policies/**/*.rego", "policies/**/*.json", "runner/lakewarden/engines/install/opa.lock"),
    *("benchmarks/mutation/*.py", "benchmarks/mutation/*.yaml"),
)


@dataclass(frozen=True)
class Score:
    """The fate of every mutant, beside the reasons that somebody gave for survivors."""

    fates: tuple[tuple[Mutant, Fate], ...]
    reasons: Mapping[Change, str]

    @property
    def survivors(self) -> list[Mutant]:
        """Return the mutants that no test notices."""
        return [mutant for mutant, fate in self.fates if fate is Fate.SURVIVED]

    @property
    def unexplained(self) -> list[Mutant]:
        """Return the survivors for which there is no reason."""
        return [mutant for mutant in self.survivors if mutant.change not in self.reasons]

    @property
    def stale(self) -> list[Change]:
        """Return the changes that have a reason and are killed, or are not made any more."""
        return sorted(self.reasons.keys() - {mutant.change for mutant in self.survivors})

    def counted(self) -> dict[str, dict[str, int]]:
        """Return the number of mutants killed, of all, and discarded, for each file."""
        counts: dict[str, Counter[Fate]] = {}
        for mutant, fate in self.fates:
            counts.setdefault(mutant.change.file, Counter())[fate] += 1
        return {file: _figures(count) for file, count in sorted(counts.items())}

    def as_json(self) -> dict[str, Any]:
        """Return what is kept in `results/mutation.json`; nothing in it depends on the machine."""
        total = Counter(fate for _, fate in self.fates)
        return {
            "of": digest(),
            **_figures(total),
            "modules": self.counted(),
            "survivors": [
                {**asdict(mutant.change), "reason": self.reasons.get(mutant.change, "")}
                for mutant in self.survivors
            ],
        }


def digest(checkout: Path = CHECKOUT) -> str:
    """Return the SHA-256 of all that the score depends on: policies, tests, OPA, and this."""
    sums = hashlib.sha256()
    for path in sorted(path for pattern in _READ for path in checkout.glob(pattern)):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        sums.update(f"{path.relative_to(checkout).as_posix()} {content}\n".encode())
    return sums.hexdigest()


def _figures(count: Counter[Fate]) -> dict[str, int]:
    killed, survived = count[Fate.KILLED], count[Fate.SURVIVED]
    return {"killed": killed, "total": killed + survived, "discarded": count[Fate.DISCARDED]}


def read_reasons(path: Path = EQUIVALENT, files: Iterable[str] | None = None) -> dict[Change, str]:
    """Return why each survivor changes nothing, of all files or only of these.

    The YAML maps a file to a list of groups, each one `reason` for the `changes` of one `rule`: a
    change is the line `before` and `after`, and `nth` where several in the rule read alike.
    """
    read = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    wanted = None if files is None else set(files)
    reasons: dict[Change, str] = {}
    for file, groups in read.items():
        for group in groups if wanted is None or file in wanted else []:
            for each in group["changes"]:
                change = Change(file=file, rule=group["rule"], **each)
                if change in reasons or not group["reason"].strip():
                    raise ValueError(f"{path}: {change} has two reasons, or none")
                reasons[change] = group["reason"].strip()
    return reasons
