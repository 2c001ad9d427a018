"""What a convention is: a program that looks at all modules and says what breaks it."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import Any, Final

import msgspec
from msgspec import Struct

from lakewarden.kit import example_decisions
from lakewarden.kit.conventions.trials import Trial, kinds_in, leaves_in, outcome_of, tables_of
from lakewarden.kit.conventions.values import texts_of
from lakewarden.kit.conventions.variants import Paths, Variant, is_document, reads, varied
from lakewarden.kit.example_decisions import Decision, decide, example
from lakewarden.kit.finding import Finding
from lakewarden.kit.probes import Blind, Case, unnoticed
from lakewarden.kit.rego_module import Node, RegoModule, base_documents, is_set, rule_name
from lakewarden.kit.scratch import Workspace
from lakewarden.model.policy import ABOUT_TABLES, ABOUT_WAIVERS

TABLES: Final = ("lakewarden", ABOUT_TABLES)
WAIVERS: Final = ("lakewarden", ABOUT_WAIVERS)
MAIN: Final = ("lakewarden", "main")
SETS: Final = ("pass", "deny", "exempt", "not_applicable", "needs")
SETS_ABOUT_WAIVERS: Final = ("pass", "deny", "not_applicable")
"""All of a waiver is known, and nothing exempts it from what is demanded of waivers."""

SIDES: Final = ("before", "after")
BLIND_CASES: Final[tuple[Case, ...]] = ("absent", "null")
_POLICY_DEPTH: Final = 4
_WORKERS: Final = 4
_SHOWN: Final = 80
_Said = Decision | str


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
        """The judged modules that aren't tests."""
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
    def about_tables(self) -> tuple[RegoModule, ...]:
        """Those of the judged policies that are about tables, of which evidence may be lacking."""
        return tuple(module for module in self.policies if not is_about_waivers(module))

    @cached_property
    def _about_waivers(self) -> frozenset[str]:
        return frozenset(
            policy_id(module.package) for module in self.policies if is_about_waivers(module)
        )

    def subject(self, name: str) -> str:
        """Return what a policy is about."""
        return ABOUT_WAIVERS if name in self._about_waivers else ABOUT_TABLES

    @cached_property
    def examples(self) -> dict[str, dict[str, Any]]:
        """What the judged policies' annotations say under `examples`, by policy id."""
        stated = {
            policy_id(module.package): module.annotation.get("custom", {}).get("examples")
            for module in self.policies
        }
        return {name: of for name, of in stated.items() if _is_example(of)}

    @cached_property
    def decisions(self) -> dict[tuple[str, str], Decision | str]:
        """What was decided about them, by policy id and side: `before`, `after`, and mixtures.

        OPA is asked once. Where it refuses to evaluate, there are its words instead.
        """
        cases = {
            (name, side): self.case(name, table)
            for name, of in self.examples.items()
            for side, table in tables_of(of, self.subject(name))
        }
        return dict(zip(cases, decide(self.workspace, [*cases.values()]), strict=True))

    @cached_property
    def trials(self) -> tuple[Trial, ...]:
        """What was decided, once for each part of a document in it that may be lacking."""
        return tuple(
            Trial(policy_id=name, side=side, kind=kind, table=table, whole=outcome_of(decision))
            for name, of in self.examples.items()
            if self.subject(name) == ABOUT_TABLES
            for side, table in tables_of(of)
            for decision in [self.decisions[name, side]]
            if isinstance(decision, dict)
            for kind in kinds_in(table)
        )

    @cached_property
    def less_known(self) -> dict[tuple[str, str, str], Decision | str]:
        """What was decided about each trial without its evidence, by the trial's name."""
        cases = [self.case(trial.policy_id, trial.without()) for trial in self.trials]
        stated = decide(self.workspace, cases)
        return {trial.name: each for trial, each in zip(self.trials, stated, strict=True)}

    @cached_property
    def read(self) -> dict[str, frozenset[tuple[str, ...]]]:
        """What each judged policy reads of input and data, through lib as well, by its id."""
        with ThreadPoolExecutor(_WORKERS) as pool:
            found = pool.map(lambda each: base_documents(self.workspace, each), self.policies)
            names = [policy_id(module.package) for module in self.policies]
            return dict(zip(names, found, strict=True))

    def read_of_input(self, name: str) -> Paths:
        """Return what a policy reads of a table document; an empty path is all of it."""
        return frozenset(path[1:] for path in self.read[name] if path[0] == "input")

    @cached_property
    def varied(self) -> tuple[Trial, ...]:
        """Further trials: of both examples, and with another value in a field that is read.

        Each is tried without every part that its policy reads, the examples without every leaf as
        well, and the others without the leaves of what was changed.
        """
        variants = [*self._variants()]
        stated = self.answers([self.case(of.policy_id, of.table) for of in variants])
        return tuple(
            Trial(
                policy_id=of.policy_id,
                side=of.side,
                kind=kind,
                table=of.table,
                whole=outcome_of(decision),
            )
            for of, decision in zip(variants, stated, strict=True)
            for kind in (*kinds_in(of.table), *leaves_in(of.table, of.field))
            if reads(self.read_of_input(of.policy_id), kind)
        )

    def _variants(self) -> Iterator[Variant]:
        for module in self.about_tables:
            name = policy_id(module.package)
            for side in SIDES if name in self.examples else ():
                table = example(self.examples[name][side])
                if not is_document(table):
                    continue  # the examples' convention says so
                yield Variant(policy_id=name, side=side, table=table)
                settings = self.case(name, table).settings.values()
                for field, other in varied(table, self.read_of_input(name), module, settings):
                    value = msgspec.json.encode(other[field]).decode()
                    shown = f"{side}, with the {field} {textwrap.shorten(value, _SHOWN)},"
                    yield Variant(policy_id=name, side=shown, field=field, table=other)

    @cached_property
    def absent(self) -> dict[Trial, str]:
        """The outcome of every trial without its evidence."""
        cases = [self.case(trial.policy_id, trial.without()) for trial in self.varied]
        known = {trial: outcome_of(self.less_known[trial.name]) for trial in self.trials}
        further = map(outcome_of, self.answers(cases))
        return known | dict(zip(self.varied, further, strict=True))

    def answers(
        self, cases: Sequence[example_decisions.Case], *, strict: bool = True
    ) -> list[_Said]:
        """Decide each different case once."""
        keys = [msgspec.json.encode(case, order="sorted") for case in cases]
        once = dict(zip(keys, cases, strict=True))
        stated = decide(self.workspace, [*once.values()], strict=strict)
        by_key = dict(zip(once, stated, strict=True))
        return [by_key[key] for key in keys]

    @cached_property
    def unnoticed(self) -> frozenset[Blind]:
        """The ways in which a judged policy can be changed without a test of it that fails."""
        return unnoticed(self.workspace, self.policies, [*_blinds(self.policies)])

    def case(self, name: str, table: Mapping[str, Any]) -> example_decisions.Case:
        """Return a policy and a table, under the settings of the policy's own examples."""
        return example_decisions.Case(
            policy_id=name,
            table=table,
            settings=self.examples[name].get("settings", {}),
            subject=self.subject(name),
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
            msgspec.structs.replace(finding, check=self.name) for finding in self.check(policies)
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
        for name in sets_of(module):
            rules = [rule for rule in module.rules if rule_name(rule) == name]
            # Where a test notices each kind that `needs` lacks, one notices that it lacks all.
            if rules and all(map(is_set, rules)) and not (name == "needs" and kinds):
                yield Blind(path=module.path, name=name, case="always")


def is_policy(package: tuple[str, ...]) -> bool:
    """Tell whether a package is `lakewarden.tables.<domain>.<policy>`, or one about waivers."""
    return len(package) == _POLICY_DEPTH and package[:2] in (TABLES, WAIVERS)


def is_about_waivers(module: RegoModule) -> bool:
    """Tell whether a module is a policy about waivers."""
    return is_policy(module.package) and module.package[:2] == WAIVERS


def sets_of(module: RegoModule) -> tuple[str, ...]:
    """Return the sets that the router looks up in a policy."""
    return SETS_ABOUT_WAIVERS if is_about_waivers(module) else SETS


def _is_example(stated: object) -> bool:
    return isinstance(stated, dict) and all(
        isinstance(stated.get(key, {} if key == "settings" else None), dict)
        for key in ("before", "after", "settings")
    )


def policy_id(package: tuple[str, ...]) -> str:
    """Return `<domain>.<policy>`."""
    return ".".join(package[2:])


def breach(module: RegoModule, line: int, what: str, remedy: str) -> Finding:
    """Return a finding about a line of a module."""
    return Finding(file=module.source, line=line, what=what, remedy=remedy)
