"""METADATA blocks, read as OPA reads them (tests/integration compares the two)."""

import pytest

from lakewarden.engines.bundle.annotations import package_annotations
from lakewarden.model.errors import ConfigurationError

FULL = """\
# A licence.

# METADATA
# title: For all below
# scope: subpackages

# METADATA
# title: One
# description: |
#   Two
#     lines: here
#
#   end
# custom:
#   yes_is_text: yes
#   time: 12:30
#   true_is_true: true
#   nothing: ~
#   octal: 8
#   thousand: 1_000
#   float: 1e3
#   list: [a, b]

# Another comment.
package lakewarden.x # trailing

# METADATA
# title: A rule's own
x := 1
"""


def test_the_packages_own_block_counts() -> None:
    assert package_annotations(FULL, "x.rego") == {
        "title": "One",
        "description": "Two\n  lines: here\n\nend\n",
        "custom": {
            "yes_is_text": "yes",
            "time": "12:30",
            "true_is_true": True,
            "nothing": None,
            "octal": 8,
            "thousand": 1000,
            "float": 1000.0,
            "list": ["a", "b"],
        },
    }


def test_no_block_is_an_empty_mapping() -> None:
    assert package_annotations("# METADATA of sorts\npackage x\n", "x.rego") == {}
    assert package_annotations("package x\n\n# METADATA\n# title: late\ny := 1\n", "x.rego") == {}


@pytest.mark.parametrize(
    ("block", "where", "why"),
    [
        ("# METADATA\n# title: [a\n", "x.rego:2", "can't be read"),
        ("# METADATA\n# title: a\n# other comment\n", "x.rego:", "can't be read"),
        ("# METADATA\n# just words\n", "x.rego:2", "no mapping"),
    ],
)
def test_a_block_that_is_no_mapping_is_named(block: str, where: str, why: str) -> None:
    """A policy whose words cannot be read must not end up in the policy index without them."""
    with pytest.raises(ConfigurationError, match=why) as caught:
        package_annotations(f"{block}package x\n", "x.rego")
    assert caught.value.where.startswith(where)
