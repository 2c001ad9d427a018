"""The pages about the policies, generated from their annotations.

    python -m lakewarden.generate.policy_pages [--check] [ROOT [OUT]]

writes `OUT/policies.md` and `OUT/policies/<domain>/<policy>.md` (OUT is `docs`) for every policy
of the bundle root ROOT (`policies`), and removes the pages of policies that are gone; with
`--check` it only says which are out of date (exit 1). OPA decides the examples in the annotations,
for the fixes on the pages.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final, TypeAlias

from lakewarden.engines.install.binary import find_opa
from lakewarden.generate.policy_page import GENERATED, index_page, policy_page
from lakewarden.generated_files import generate_files
from lakewarden.kit.example_decisions import Case, decide, example
from lakewarden.kit.policy_docs import Root, read_root
from lakewarden.kit.scratch import open_workspace
from lakewarden.model.decision import Violation
from lakewarden.model.errors import ConfigurationError, EngineError
from lakewarden.model.policy import ABOUT_TABLES, ABOUT_WAIVERS, Policy
from lakewarden_collector.decoding import Converter
from lakewarden_collector.errors import Problem

FOLDER: Final = "policies"
_GUIDE: Final = "settings.md"
_to_violations: Final = Converter(tuple[Violation, ...])

Violations: TypeAlias = Mapping[str, Sequence[Violation]]
"""The id of a policy to what it finds in the first example of its annotation."""


def decided_examples(root: Path, found: Root) -> Violations:
    """Have OPA decide the example that breaks each policy.

    Raises `EngineError` where there is no OPA, and `ConfigurationError` for an example that fails
    to be decided, or that breaks nothing.
    """
    cases = {
        policy.policy_id: Case(
            policy_id=policy.policy_id,
            table=example(policy.examples.before, _subject(policy)),
            settings=policy.examples.settings,
            subject=_subject(policy),
        )
        for policy in (described.policy for described in found.policies)
        if policy.examples
    }
    if not cases:
        return {}
    opa = find_opa()
    if opa is None:
        raise EngineError("there is no OPA to decide the examples with", remedy="make opa")
    with open_workspace(opa.path, [root]) as workspace:
        decisions = decide(workspace, list(cases.values()))
    violations = {}
    for policy_id, decision in zip(cases, decisions, strict=True):
        if isinstance(decision, str) or "violations" not in decision:
            raise ConfigurationError(
                f"the table of custom.examples.before doesn't fail: {decision}",
                where=policy_id,
                remedy="Run `lakewarden policies test`, which says more.",
            )
        violations[policy_id] = _to_violations(decision["violations"])
    return violations


def _subject(policy: Policy) -> str:
    return ABOUT_WAIVERS if policy.is_about_waivers else ABOUT_TABLES


def generate(
    root: Path, out: Path, decided: Callable[[Path, Root], Violations] = decided_examples
) -> dict[Path, str]:
    """Return the text of every page about the policies of a bundle root, by its path under `out`.

    `decided` says what the policies find in their examples. Raises `ConfigurationError` for
    policies that cannot be described, and what `decided` raises.
    """
    found = read_root(root)
    violations = decided(root, found)
    guide = (out / _GUIDE).is_file()
    pages = {out / f"{FOLDER}.md": index_page(found, guide=guide)}
    for each in found.policies:
        path = out / FOLDER / each.domain / f"{each.name}.md"
        pages[path] = policy_page(
            each,
            found.schemas.get(each.domain, {}),
            guide=guide,
            violations=violations.get(each.policy.policy_id, ()),
        )
    return pages


def main(
    arguments: Sequence[str] | None = None,
    decided: Callable[[Path, Root], Violations] = decided_examples,
) -> int:
    """Write the pages, or with `--check` name those that are out of date and return 1."""
    parser = ArgumentParser(description="Generate the pages about the policies.")
    parser.add_argument("root", nargs="?", type=Path, default=Path("policies"))
    parser.add_argument("out", nargs="?", type=Path, default=Path("docs"))
    parser.add_argument("--check", action="store_true", help="only say what is out of date")
    options = parser.parse_args(arguments)
    try:
        pages = generate(options.root, options.out, decided)
    except Problem as problem:
        sys.stderr.write(f"{problem}\n")
        return 1
    return generate_files(pages, _gone(options.out / FOLDER, pages), check=options.check)


def _gone(folder: Path, pages: dict[Path, str]) -> list[Path]:
    """Return the generated pages that nothing generates any more; others' files are let alone."""
    return [
        path
        for path in sorted(folder.rglob("*.md"))
        if path not in pages and GENERATED in path.read_text(encoding="utf-8")
    ]


if __name__ == "__main__":
    sys.exit(main())
