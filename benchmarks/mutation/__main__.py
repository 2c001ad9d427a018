"""Mutation testing of the Rego: `make mutate`, or `make mutate ARGS='lakewarden/lib/size'`."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterable
from pathlib import Path

from benchmarks.mutation.mutants import mutants
from benchmarks.mutation.score import Score, read_reasons
from benchmarks.mutation.trial import UnsoundError, fates
from lakewarden.engines.install.install import install_opa

CHECKOUT = Path(__file__).parents[2]
POLICIES = CHECKOUT / "policies"
RESULTS = CHECKOUT / "benchmarks" / "results" / "mutation.json"


def main() -> int:
    """Try all mutants, print the score, keep it if it is of all modules; return the exit code."""
    parser = argparse.ArgumentParser(prog="make mutate", description=__doc__)
    parser.add_argument("only", nargs="*", help="files or folders below policies/; default: all")
    parser.add_argument("--jobs", type=int, default=2, help="mutants tried at a time")
    arguments = parser.parse_args()
    opa = install_opa(lambda text: print(text, file=sys.stderr))
    started = time.monotonic()
    try:
        score = tried(opa.path, POLICIES, arguments.only, arguments.jobs)
    except (UnsoundError, FileNotFoundError, ValueError) as problem:
        print(problem, file=sys.stderr)
        return 2
    print(shown(score))
    print(f"{time.monotonic() - started:.0f} seconds", file=sys.stderr)
    if not arguments.only:
        RESULTS.write_text(kept(score), encoding="utf-8")
    return 1 if score.unexplained or score.stale else 0


def tried(opa: Path, policies: Path, only: Iterable[str] = (), jobs: int = 2) -> Score:
    """Return the score of all modules, or only of those that are named or lie in a named folder."""
    names = modules(policies, only)
    made = [mutant for name in names for mutant in mutants(opa, policies, name)]
    outcomes = zip(made, fates(opa, policies, made, jobs), strict=True)
    return Score(tuple(outcomes), read_reasons(files=names if only else None))


def modules(policies: Path, only: Iterable[str] = ()) -> list[str]:
    """Return the modules that are changed, below `policies`; raises `FileNotFoundError`."""
    every = [path.relative_to(policies) for path in sorted(policies.rglob("*.rego"))]
    files = [path for path in every if not path.name.endswith("_test.rego")]
    wanted = {Path(name) for name in only}
    if wanted:
        files = [path for path in files if wanted & {path, *path.parents}]
    if not files:
        raise FileNotFoundError(f"No module in {', '.join(map(str, sorted(wanted)))}")
    return [path.as_posix() for path in files]


def kept(score: Score) -> str:
    """Return the text of `results/mutation.json`."""
    return json.dumps(score.as_json(), indent=1, ensure_ascii=False) + "\n"


def shown(score: Score) -> str:
    """Return the score for people: each module, the survivors, and what is wrong with the list."""
    lines = [
        f"{figures['killed']:5} of {figures['total']:4} killed   {file}"
        for file, figures in score.counted().items()
    ]
    for mutant in score.survivors:
        change = mutant.change
        reason = score.reasons.get(change, "NO REASON GIVEN")
        after = f"`{change.after}`" if change.after else "left out"
        lines.append(f"{change.file}:{mutant.line}: `{change.before}` → {after}\n    {reason}")
    lines += [
        f"benchmarks/mutation/equivalent.yaml names a change that is killed or not made: {change}"
        for change in score.stale
    ]
    total = score.as_json()
    lines.append(
        f"{total['killed']} of {total['total']} mutants killed, {len(score.survivors)} survive, "
        f"{len(score.unexplained)} of them without a reason; "
        f"{total['discarded']} more do not compile"
    )
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
