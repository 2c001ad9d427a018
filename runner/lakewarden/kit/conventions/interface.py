"""What a convention is: a program that looks at all modules and says what breaks it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Any, Final

from msgspec import Struct

from lakewarden.kit import decided
from lakewarden.kit.conventions.trials import Trial, kinds_in, outcome_of, tables_of
from lakewarden.kit.conventions.values import texts_of
from lakewarden.kit.decided import Decision, decide
from lakewarden.kit.finding import Finding
from lakewarden.kit.probes import Blind, Case, unnoticed
from lakewarden.kit.rego_module import Node, RegoModule, is_set, rule_name
from lakewarden.kit.workspace import Workspace

TABLES: Final = ("lakewarden", "tables")
MAIN: Final = ("lakewarden", "main")
SETS: Final = ("pass", "deny", "exempt", "not_applicable", "needs")
SIDES: Final = ("before", "after")
BLIND_CASES: Final[tuple[Case, ...]] = ("absent", "null")
_POLICY_DEPTH: Final = 4


class Policies(Struct, frozen=True, kw_only=True, dict=True):
    """Everything that conventions look at: the staged modules, and which are to be judged."""

    workspace: Workspace
    modules: tuple[RegoModule, ...]

    @cached_property
    def own(self) -> tuple[RegoModule, ...]:
        """The judged modules, tests included."""
        judged = set(self.workspace.own)
        return tuple(module for module in self.modules if module.path in judged)

    @cached_property
    def rules(self) -> tuple[RegoModule, ...]:
        """The judged modules that are no tests."""
        return tuple(module for module in self.own if not module.is_test)

    @cached_property
    def tests(self) -> tuple[RegoModule, ...]:
        """The judged tests."""
        return tuple(module for module in self.own if module.is_test)

    @cached_property
    def policies(self) -> tuple[RegoModule, ...]:
        """The judged modules whose package is a policy's."""
        return tuple(module for module in self.rules if is_policy(module.package))

    @cached_property
    def examples(self) -> dict[str, dict[str, Any]]:
        """What the judged policies' annotations say under `examples`, by policy id."""
        said = {
            policy_id(module.package): module.annotation.get("custom", {}).get("examples")
            for module in self.policies
        }
        return {name: of for name, of in said.items() if _is_example(of)}

    @cached_property
    def decisions(self) -> dict[tuple[str, str], Decision | str]:
        """What was decided about them, by policy id and side: `before`, `after`, and mixtures.

        OPA is asked once. Where it refuses to evaluate, there are its words instead.
        """
        cases = {
            (name, side): self.case(name, table)
            for name, of in self.examples.items()
            for side, table in tables_of(of)
        }
        return dict(zip(cases, decide(self.workspace, [*cases.values()]), strict=True))

    @cached_property
    def trials(self) -> tuple[Trial, ...]:
        """What was decided, once for each part of a document in it that may be lacking."""
        return tuple(
            Trial(policy_id=name, side=side, kind=kind, table=table, whole=outcome_of(decision))
            for name, of in self.examples.items()
            for side, table in tables_of(of)
            for decision in [self.decisions[name, side]]
            if isinstance(decision, dict)
            for kind in kinds_in(table)
        )

    @cached_property
    def less_known(self) -> dict[tuple[str, str, str], Decision | str]:
        """What was decided about each trial without its evidence, by the trial's name."""
        cases = [self.case(trial.policy_id, trial.without()) for trial in self.trials]
        said = decide(self.workspace, cases)
        return {trial.name: each for trial, each in zip(self.trials, said, strict=True)}

    @cached_property
    def unnoticed(self) -> frozenset[Blind]:
        """The ways in which a judged policy can be changed without a test of it that fails."""
        return unnoticed(self.workspace, self.policies, [*_blinds(self.policies)])

    def case(self, name: str, table: Mapping[str, Any]) -> decided.Case:
        """Return a policy and a table, under the settings of the policy's own examples."""
        return decided.Case(
            policy_id=name, table=table, settings=self.examples[name].get("settings", {})
        )


class Convention(Struct, frozen=True, kw_only=True):
    """A named check. `compiled` ones ask OPA about policies that have to compile for it."""

    check: Callable[[Policies], Iterator[Finding]]
    compiled: bool = False

    @property
    def name(self) -> str:
        """Its name in findings, such as `package_is_the_path`."""
        return self.check.__name__

    def findings(self, policies: Policies) -> list[Finding]:
        """Return what breaks it, in the order of the files."""
        found = {
            Finding(
                file=finding.file,
                line=finding.line,
                what=finding.what,
                remedy=finding.remedy,
                check=self.name,
            )
            for finding in self.check(policies)
        }
        return sorted(found)


def needed_kinds(module: RegoModule) -> dict[str, Node]:
    """Return the kinds of evidence that the module's own `needs` rules name, and where."""
    return {
        text["value"]: text
        for rule in module.rules
        if rule_name(rule) == "needs" and "key" in rule["head"]
        for text in texts_of(rule["head"]["key"], rule, module)
    }


def _blinds(policies: tuple[RegoModule, ...]) -> Iterator[Blind]:
    for module in policies:
        kinds = needed_kinds(module)
        for kind in kinds:
            for case in BLIND_CASES:
                yield Blind(path=module.path, name="needs", case=case, kind=kind)
        for name in SETS:
            rules = [rule for rule in module.rules if rule_name(rule) == name]
            # Where a test notices each kind that `needs` lacks, one notices that it lacks all.
            if rules and all(map(is_set, rules)) and not (name == "needs" and kinds):
                yield Blind(path=module.path, name=name, case="always")


def is_policy(package: tuple[str, ...]) -> bool:
    """Tell whether a package is `lakewarden.tables.<domain>.<policy>`."""
    return len(package) == _POLICY_DEPTH and package[:2] == TABLES


def _is_example(said: object) -> bool:
    return isinstance(said, dict) and all(
        isinstance(said.get(key, {} if key == "settings" else None), dict)
        for key in ("before", "after", "settings")
    )


def policy_id(package: tuple[str, ...]) -> str:
    """Return `<domain>.<policy>`."""
    return ".".join(package[2:])


def breach(module: RegoModule, line: int, what: str, remedy: str) -> Finding:
    """Return a finding about a line of a module."""
    return Finding(file=module.source, line=line, what=what, remedy=remedy)
