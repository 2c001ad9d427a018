"""The page about evidence: what is lost with a grant, and what a policy cannot see."""

from __future__ import annotations

from typing import Final

import pytest
from msgspec import structs

from lakewarden.generate.assumptions import Assumptions
from lakewarden.generate.evidence_page import (
    Part,
    PolicyEvidence,
    grants_table,
    losses,
    page,
)
from lakewarden.generated_files import with_block
from lakewarden.model.errors import ConfigurationError
from lakewarden_collector.sources.interface import EvidenceWay

_LISTING: Final = EvidenceWay(name="listing", gives=("owner", "size"), grants=("GRANT A;",))
_SIZES: Final = EvidenceWay(
    name="sizes",
    gives=("size",),
    statements=("SELECT a | b",),
    grants=("GRANT B;",),
    without="It takes | longer.",
    blind=("It sees no view.",),
)
_FREE: Final = EvidenceWay(name="free", gives=("size",))
_TAGS: Final = EvidenceWay(
    name="tags", gives=("tags",), statements=("SELECT c",), grants=("GRANT C;",), blind=("None.",)
)
_POLICIES: Final = (
    PolicyEvidence(
        policy_id="naming.sized",
        title="Tables are sized",
        parts=(
            Part(name="size", leaves=("bytes",), needed=True),
            Part(name="tags", leaves=(), needed=True),
        ),
    ),
    PolicyEvidence(
        policy_id="naming.tagged",
        title="Tables are tagged",
        parts=(Part(name="tags", leaves=(), needed=False),),
    ),
)
_NOTHING: Final = Assumptions(listed=(), marked={})


def test_a_policy_is_undecided_only_where_no_other_way_gives_what_it_needs() -> None:
    listing, sizes, tags = losses(_POLICIES, [_LISTING, _SIZES, _FREE, _TAGS])
    assert listing.undecided == {}, "nobody needs the owner"
    assert listing.elsewhere == {"size": ["sizes", "free"]}
    assert sizes.elsewhere == {"size": ["listing", "free"]}
    assert tags.undecided == {("tags",): ("naming.sized",)}, "the other policy only reads them"


def test_without_its_only_other_way_a_part_is_lost() -> None:
    (sizes,) = losses(_POLICIES, [_SIZES])
    assert sizes.undecided == {("size",): ("naming.sized",)}
    assert sizes.elsewhere == {}


def test_parts_that_the_same_policies_need_are_told_once() -> None:
    both = structs.replace(_SIZES, gives=("size", "owner", "tags"))
    (lost,) = losses(_POLICIES, [both])
    assert lost.undecided == {("size", "tags"): ("naming.sized",)}
    assert lost.gives == ("size", "owner", "tags"), "lost, though nobody needs it"


def test_a_permission_takes_all_that_it_covers() -> None:
    """Neither of its ways stands in for the other, nor does what only repeats them."""
    again = structs.replace(_FREE, repeats=True)
    covered = [structs.replace(way, permission="THE RIGHT") for way in (_LISTING, _SIZES)]
    *_, lost = losses(_POLICIES, [*covered, again, _TAGS])
    assert lost.rights == ("THE RIGHT",)
    assert [way.name for way in lost.ways] == ["listing", "sizes"]
    assert lost.undecided == {("size",): ("naming.sized",)}
    assert lost.elsewhere == {}


def test_the_page_names_ways_limits_and_kinds_of_sources() -> None:
    text = page(_POLICIES, {"lake": [_FREE], "made": [_FREE], "shop": [_SIZES, _TAGS]}, _NOTHING)
    assert (
        "| `size` | `bytes` | needs | [sizes](#shop-sizes) | [free](#lake-and-made-free) |" in text
    )
    assert "| `tags` |  | needs | [tags](#shop-tags) | not known |" in text
    sized = text.split("### naming.sized")[1].split("### naming.tagged")[0]
    assert "- Tables from lake and made have no `tags`." in sized
    assert "- `sizes`: It sees no view." in sized
    tagged = text.split("### naming.tagged")[1].split("## Ways")[0]
    assert "What it can't see" not in tagged, "it needs nothing"
    assert "SELECT a | b;" in text


def test_the_table_of_grants_has_those_that_bring_something() -> None:
    table = grants_table({"shop": [_SIZES, _FREE]})
    assert "| [sizes](evidence.md#shop-sizes) | `size` | It takes \\| longer. |" in table
    assert "free" not in table


def test_a_block_is_replaced_between_its_markers() -> None:
    text = "a\n<!-- generated: it -->\nold\n<!-- end of it -->\nb\n"
    assert with_block(text, "it", "new\n") == text.replace("old", "new")


@pytest.mark.parametrize("text", ["a\n", "<!-- generated: it -->\n", "<!-- end of it -->\n"])
def test_a_page_without_the_markers_is_refused(text: str) -> None:
    """Else it would be checked forever against itself."""
    with pytest.raises(ConfigurationError, match="generated: it"):
        with_block(text, "it", "new\n")
