"""A policy that is not in the index is never asked, so whatever is wrong with one is said."""

from typing import Any

import pytest

from lakewarden.engines.interface import Module
from lakewarden.evaluation.policy_index import (
    fact_labels,
    index_policies,
    index_waiver_policies,
    select,
)
from lakewarden.model.errors import ConfigurationError
from lakewarden.model.report import FactLabel

WORDS: dict[str, Any] = {
    "title": "Shades are few",
    "description": "More than four shades confuse.\n",
    "custom": {"severity": "low", "enforcement": "advisory", "remediation": "Drop some."},
}
ROUTER = Module(
    path="lakewarden/main/main.rego", package="lakewarden.main", text="", annotations={}
)


def module(package: str, annotations: dict[str, Any] = WORDS) -> Module:
    return Module(path=f"{package}.rego", package=package, text="", annotations=annotations)


def test_a_policy_is_what_lies_two_levels_under_tables() -> None:
    found = index_policies(
        [
            ROUTER,
            module("lakewarden.tables.colour.shade"),
            module("lakewarden.tables.colour.hue"),
            module("lakewarden.lib.colour"),
            module("lakewarden.tables.colour.shade.deeper"),
        ]
    )
    assert [policy.policy_id for policy in found] == ["colour.hue", "colour.shade"]
    assert found[0].description == "More than four shades confuse."


def test_the_pages_that_tell_more_are_addresses_of_the_web() -> None:
    """They become links: `javascript:` or a file must not."""
    stated = ["https://example.org/a", {"ref": "http://example.org/b", "description": "b"}]
    others = ["javascript:alert(1)", {"ref": "file:///etc/passwd"}, {}]
    annotations = WORDS | {"related_resources": [*stated, *others]}
    (found,) = index_policies([ROUTER, module("lakewarden.tables.colour.shade", annotations)])
    assert found.pages == ("https://example.org/a", "http://example.org/b")


@pytest.mark.parametrize("lost", ["title", "description", "custom"])
def test_an_annotation_that_lacks_something_is_named(lost: str) -> None:
    annotations = {key: value for key, value in WORDS.items() if key != lost}
    with pytest.raises(ConfigurationError, match=lost):
        index_policies([ROUTER, module("lakewarden.tables.colour.shade", annotations)])


def test_a_severity_that_does_not_exist_is_named() -> None:
    custom = WORDS["custom"] | {"severity": "terrible"}
    with pytest.raises(ConfigurationError, match="terrible"):
        index_policies([ROUTER, module("lakewarden.tables.a.b", WORDS | {"custom": custom})])


@pytest.mark.parametrize(
    ("what_if", "words"),
    [({"settings": ["a"]}, "factors"), ({"settings": ["a"], "factors": ["half"]}, r"factors\[0\]")],
)
def test_a_what_if_of_another_shape_is_named(what_if: dict[str, Any], words: str) -> None:
    custom = WORDS["custom"] | {"what_if": what_if}
    with pytest.raises(ConfigurationError, match=words) as caught:
        index_policies([ROUTER, module("lakewarden.tables.a.b", WORDS | {"custom": custom})])
    assert caught.value.where == "lakewarden.tables.a.b.rego"


def test_no_policies_is_an_error_and_not_a_pass() -> None:
    with pytest.raises(ConfigurationError, match="no policies"):
        index_policies([ROUTER])


def test_policies_without_their_router_are_an_error() -> None:
    with pytest.raises(ConfigurationError, match="router"):
        index_policies([module("lakewarden.tables.colour.shade")])


def test_a_pattern_narrows_and_one_that_matches_nothing_is_an_error() -> None:
    found = index_policies(
        [ROUTER, module("lakewarden.tables.a.b"), module("lakewarden.tables.a.c")]
    )
    assert [policy.policy_id for policy in select(found, ["*.b"])] == ["a.b"]
    assert select(found, []) == found
    with pytest.raises(ConfigurationError, match="no policy matches x"):
        select(found, ["*.b", "x"])


def _labels(facts: object, domain: str = "colour") -> dict[str, FactLabel]:
    policies = index_policies([ROUTER, module("lakewarden.tables.colour.shade")])
    annotations = {"title": "Colours", "custom": {"facts": facts}}
    return fact_labels([ROUTER, module(f"lakewarden.lib.{domain}", annotations)], policies)


def test_a_fact_has_the_label_that_its_domain_gives_it() -> None:
    named = {"dark": "Darker than the limit", "hue": {"label": "Hue", "values": {"r": "red"}}}
    assert _labels(named) == {
        "colour.dark": FactLabel(label="Darker than the limit"),
        "colour.hue": FactLabel(label="Hue", values={"r": "red"}),
    }
    assert _labels(named, "another_domain") == {}
    assert fact_labels([ROUTER], index_policies([ROUTER, module("lakewarden.tables.a.b")])) == {}


@pytest.mark.parametrize("facts", [["dark"], {"dark": 1}, {"dark": {"values": {}}}])
def test_labels_of_another_shape_are_named(facts: object) -> None:
    with pytest.raises(ConfigurationError, match=r"custom\.facts") as caught:
        _labels(facts)
    assert caught.value.where == "lakewarden.lib.colour.rego"


def test_policies_about_waivers_have_an_index_and_domains_of_their_own() -> None:
    about_tables = module("lakewarden.tables.colour.shade")
    found = [ROUTER, about_tables, module("lakewarden.waivers.approval.owner")]
    assert [each.policy_id for each in index_waiver_policies(found)] == ["approval.owner"]
    assert [each.policy_id for each in index_policies(found)] == ["colour.shade"]
    assert index_waiver_policies([ROUTER, about_tables]) == ()
    with pytest.raises(ConfigurationError, match="domain colour has policies about tables and"):
        index_waiver_policies([about_tables, module("lakewarden.waivers.colour.owner")])
