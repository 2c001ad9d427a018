"""What a policy says has to be tested, each set of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from lakewarden.kit.conventions.interface import SETS, Policies, breach, is_policy
from lakewarden.kit.finding import Finding
from lakewarden.kit.probes import Blind
from lakewarden.kit.rego_module import RegoModule, line_of, names_in, nodes, rule_name


def every_set_is_tested(policies: Policies) -> Iterator[Finding]:
    """Test each set that the policy defines: its test names `<policy>.<set>`, or all of it."""
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
    `needs contains …` name; what they take from lib is tested there.
    """
    for module, blind in _unnoticed(policies):
        if blind.kind:
            yield breach(
                module,
                _line_of(module, "needs"),
                f"no test notices if it stops needing {blind.kind} where that is {blind.case}",
                f"Test a table whose {blind.kind} is {blind.case}: its `needs` has {blind.kind} "
                "in it.",
            )


def tests_notice_an_empty_set(policies: Policies) -> Iterator[Finding]:
    """Assert what a set has in it: a test that passes whatever the policy does tells nothing.

    It is tried: each set of the policy is made empty, whatever the table, and a test beside the
    policy has to fail.
    """
    for module, blind in _unnoticed(policies):
        if not blind.kind:
            yield breach(
                module,
                _line_of(module, blind.name),
                f"no test notices if {blind.name} is always empty",
                f"Compare {blind.name} with what is to be in it, for a table of which there is "
                "something to say.",
            )


def tests_are_run(policies: Policies) -> Iterator[Finding]:
    """Begin the name of a test with test_, that of a helper with _; leave no `todo_test_`.

    OPA overlooks any other one, and nobody hears of it.
    """
    for module in policies.tests:
        beside = is_policy(tuple(module.path.split("/")[:-1]))
        for rule in module.rules:
            name = rule_name(rule)
            if name.startswith("todo_"):
                what = f"{name} is skipped"
                remedy = "Finish the test and remove todo_ from its name, or remove the test."
            elif beside and not name.startswith(("test_", "_")):
                what = f"{name} is never run: its name begins with neither test_ nor _"
                remedy = f"Call it test_{name} if it is a test, _{name} if it is a helper."
            else:
                continue
            yield breach(module, line_of(rule), what, remedy)


def _unnoticed(policies: Policies) -> Iterator[tuple[RegoModule, Blind]]:
    for module in policies.policies:
        folder = module.path.rpartition("/")[0]
        if any(test.path.rpartition("/")[0] == folder for test in policies.tests):
            yield from ((module, each) for each in policies.unnoticed if each.path == module.path)


def _line_of(module: RegoModule, name: str) -> int:
    return next(line_of(rule) for rule in module.rules if rule_name(rule) == name)


def _asked(test: RegoModule, policy: RegoModule) -> Iterator[str]:
    prefix = ("data", *policy.package)
    if _names_whole(test, prefix):  # as `testing.proven(policy)` does
        yield from SETS
    for reference, _ in test.references:
        if reference[: len(prefix)] == prefix:
            yield from reference[len(prefix) : len(prefix) + 1]
    if test.package == policy.package:
        yield from names_in(test.rules)


def _names_whole(test: RegoModule, package: tuple[str, ...]) -> bool:
    """Tell whether a package is named as a value, and not only as the beginning of a reference."""
    found = list(nodes(test.rules))
    references = [node["value"] for node in found if node.get("type") == "ref"]
    names = Counter(node["value"] for node in found if node.get("type") == "var")
    names.subtract(parts[0]["value"] for parts in references if parts[0]["type"] == "var")
    whole = any(count > 0 and test.aliases.get(name) == package for name, count in names.items())
    return whole or any(
        tuple(str(part["value"]) for part in parts) == package for parts in references
    )
