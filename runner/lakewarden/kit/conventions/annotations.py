"""What a module says about itself: policy index, reports and pages take every word from there."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final

from lakewarden.kit.conventions.interface import MAIN, Policies, breach, is_about_waivers, is_policy
from lakewarden.kit.finding import Finding
from lakewarden.kit.rego_module import RegoModule, line_of, rule_name
from lakewarden.model.decision import DECLARED, Severity

_SCHEMAS: Final = {"input": "schema.table", "data.lakewarden_run": "schema.settings"}
_SCHEMAS_ABOUT_WAIVERS: Final = _SCHEMAS | {"input": "schema.waiver"}
_WORDS: Final = ("title", "description")
_KEYS: Final = {*_WORDS, "schemas", "related_resources", "custom"}
_CUSTOM_WORDS: Final = ("why", "remediation")
_CHOICES: Final = {"severity": tuple(Severity), "enforcement": DECLARED}
_CUSTOM_KEYS: Final = {*_CUSTOM_WORDS, *_CHOICES, "examples", "exemptions", "what_if"}


def annotation_is_complete(policies: Policies) -> Iterator[Finding]:
    """Annotate a policy with these keys, all of them and no others.

    `title`, `description`, and under `custom` `severity`, `enforcement`, `why`, `remediation`,
    `examples`; `exemptions` exactly where the policy has a rule `exempt`; `schemas`
    where it reads what they type. `what_if` and `related_resources` are up to the author.
    """
    for module in policies.policies:
        if not module.annotation:
            yield breach(
                module,
                module.package_line,
                "it has no METADATA block, from which its title and severity are taken",
                "Write one above the package: `lakewarden policies new` shows one.",
            )
            continue
        custom = module.annotation.get("custom", {})
        yield from _unknown(module, module.written_annotation, _KEYS, "")
        yield from _unknown(module, custom, _CUSTOM_KEYS, "custom.")
        yield from _words(module, module.annotation, _WORDS, "")
        yield from _words(module, custom, _CUSTOM_WORDS, "custom.")
        for key, choices in _CHOICES.items():
            if custom.get(key) not in choices:
                yield _lacks(module, f"custom.{key}", f"one of {', '.join(choices)}")
        examples = custom.get("examples")
        if not isinstance(examples, dict) or not {"before", "after"} <= examples.keys():
            yield _lacks(module, "custom.examples", "the fields of a table before and after")
        yield from _exemptions(module, custom.get("exemptions"))


def package_is_described_once(policies: Policies) -> Iterator[Finding]:
    """Title and description of a shared module are what tells an author that it is there."""
    described: dict[tuple[str, ...], RegoModule] = {}
    for module in policies.rules:
        if set(_WORDS) <= module.annotation.keys():
            if module.package in described:
                yield breach(
                    module,
                    line_of(module.annotation),
                    f"{described[module.package].source} also describes the package",
                    "Describe a package in one of its files.",
                )
            described[module.package] = module
    for module in policies.rules:
        if module.package not in described and not is_policy(module.package):
            described[module.package] = module
            yield _lacks(module, "title and description", "what the package is for")


def what_is_read_is_typed(policies: Policies) -> Iterator[Finding]:
    """Without its schema a module may misspell a field, and `opa check` says nothing."""
    for module in policies.rules:
        if module.package == MAIN:
            continue  # its input is the request, and it makes data.lakewarden_run
        if is_policy(module.package) and not module.annotation:
            continue  # the convention above says so
        schemas = _SCHEMAS_ABOUT_WAIVERS if is_about_waivers(module) else _SCHEMAS
        read = {
            path
            for path in schemas
            for reference, _ in module.references
            if f"{'.'.join(reference)}.".startswith(f"{path}.")
        }
        typed = {
            _dotted(entry["path"]): _dotted(entry["schema"]) if "schema" in entry else ""
            for entry in module.annotation.get("schemas", [])
        }
        line = line_of(module.annotation) if module.annotation else module.package_line
        for path in sorted(read - typed.keys()):
            yield breach(
                module,
                line,
                f"it reads {path}, but its METADATA does not say by which schema that is typed",
                f"Add `- {path}: {schemas[path]}` to its schemas.",
            )
        for path, schema in sorted(typed.items()):
            if path not in read:
                what, remedy = f"it types {path}, which it does not read", "Remove the line."
            elif schema != schemas.get(path):
                what = f"it types {path} by {schema or 'a schema of its own'}"
                remedy = f"Write `- {path}: {schemas[path]}`."
            else:
                continue
            yield breach(module, line, what, remedy)


def _exemptions(module: RegoModule, exemptions: object) -> Iterator[Finding]:
    exempts = any(rule_name(rule) == "exempt" for rule in module.rules)
    if exempts and not (_is_list_of_texts(exemptions) and exemptions):
        yield _lacks(module, "custom.exemptions", "a sentence for each rule `exempt`")
    if exemptions is not None and not exempts:
        yield breach(
            module,
            line_of(module.annotation),
            "custom.exemptions lists exemptions, but there is no rule `exempt`",
            "Remove the key, or write the rule.",
        )


def _unknown(
    module: RegoModule, mapping: Mapping[str, Any], known: Collection[str], prefix: str
) -> Iterator[Finding]:
    for key in sorted(mapping.keys() - known):
        yield breach(
            module,
            line_of(module.annotation),
            f"nothing reads {prefix}{key} in its METADATA",
            f"Remove it, or correct the name: {', '.join(sorted(known))}.",
        )


def _words(
    module: RegoModule, mapping: Mapping[str, Any], keys: Collection[str], prefix: str
) -> Iterator[Finding]:
    for key in keys:
        text = mapping.get(key)
        if not isinstance(text, str) or not text.strip():
            yield _lacks(module, f"{prefix}{key}", "a text for the table's owner")


def _lacks(module: RegoModule, key: str, what: str) -> Finding:
    return breach(
        module,
        line_of(module.annotation) if module.annotation else module.package_line,
        f"its METADATA lacks {key}",
        f"Add {key}: {what}.",
    )


def _is_list_of_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) and item for item in value)


def _dotted(reference: list[dict[str, Any]]) -> str:
    return ".".join(str(part["value"]) for part in reference)
