"""What a policy says has to be tested, each set of it."""

from __future__ import annotations

from collections.abc import Iterator

from lakewarden.kit.conventions.interface import SETS, Policies, breach
from lakewarden.kit.finding import Finding
from lakewarden.kit.probes import needed_kinds, unnoticed
from lakewarden.kit.rego_module import RegoModule, line_of, names_in, rule_name


def every_set_is_tested(policies: Policies) -> Iterator[Finding]:
    """Test each set that the policy defines: its test refers to `<policy>.<set>`."""
    for module in policies.policies:
        folder = module.path.rpartition("/")[0]
        tests = [test for test in policies.tests if test.path.rpartition("/")[0] == folder]
        if not tests:
            continue  # the folder's convention says so
        asked = {name for test in tests for name in _asked(test, module)}
        for name in SETS:
            rule = next((rule for rule in module.rules if rule_name(rule) == name), None)
            if rule is not None and name not in asked:
                yield breach(
                    module,
                    line_of(rule),
                    f"no test in {tests[0].source} asks for {name}",
                    f"Test a table for which {name} has a member, and one for which it has none.",
                )


def absent_and_null_evidence_is_tested(policies: Policies) -> Iterator[Finding]:
    """Test each kind of evidence that a policy needs where it is absent, and where it is null.

    Whether there is one is tried: `needs` is made blind to the kind where it is absent, then where
    it is null, and a test of the policy has to notice. Kinds are those that the policy's own rules
    `needs contains "…"` name; what they take from lib is tested there.
    """
    wanted = {module.path: needed_kinds(module) for module in policies.policies}
    for case in ("absent", "null"):
        for path, kind in unnoticed(policies.workspace, policies.own, wanted, case):
            module = next(module for module in policies.policies if module.path == path)
            rule = next(rule for rule in module.rules if rule_name(rule) == "needs")
            yield breach(
                module,
                line_of(rule),
                f"no test notices if it stops needing {kind} where that is {case}",
                f"Test a table whose {kind} is {case}: its `needs` has {kind} in it.",
            )


def tests_are_run(policies: Policies) -> Iterator[Finding]:
    """Leave no `todo_test_`: OPA skips it, and nobody hears of it."""
    for module in policies.tests:
        for rule in module.rules:
            if rule_name(rule).startswith("todo_"):
                yield breach(
                    module,
                    line_of(rule),
                    f"{rule_name(rule)} is skipped",
                    "Finish the test and remove todo_ from its name, or remove the test.",
                )


def _asked(test: RegoModule, policy: RegoModule) -> Iterator[str]:
    prefix = ("data", *policy.package)
    for reference, _ in test.references:
        if reference[: len(prefix)] == prefix:
            yield from reference[len(prefix) : len(prefix) + 1]
    if test.package == policy.package:
        yield from names_in(test.rules)
