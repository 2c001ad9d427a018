"""Whether clustering keys follow the organisation's standard."""

from __future__ import annotations

from tests.support.oracle.expected import NOT_APPLICABLE, Case, Expected, fails, unknown
from tests.support.oracle.strategies import keys_lacking, keys_of
from tests.support.oracle.texts import any_glob, glob


def keys_follow_standard(case: Case) -> Expected:
    """Count the breaches: a key not allowed, a key like a forbidden one, another key in front."""
    keys = [_dotted(parts) for parts in keys_of(case).parts]
    allowed = case.settings["allowed_key_patterns"]
    forbidden = case.settings["forbidden_key_patterns"]
    first = None
    for entry in case.settings["required_leading_keys"]:
        if glob(entry["tables"], case.document["full_name"]):
            first = entry["key"]
    if not (allowed or forbidden or first):
        return NOT_APPLICABLE
    if lacking := keys_lacking(case):
        return unknown(lacking)
    if not keys:
        return NOT_APPLICABLE
    distinct = set(keys)
    breaches = sum(bool(allowed) and not any_glob(allowed, key) for key in distinct)
    breaches += sum(any_glob([pattern], key) for key in distinct for pattern in set(forbidden))
    breaches += first is not None and keys[0].lower() != first.lower()
    return fails(breaches)


def _dotted(parts: tuple[str, ...]) -> str:
    """Return the key as Spark prints it: a part with a dot inside stands in back-quotes."""
    return ".".join(f"`{part}`" if "." in part else part for part in parts)
