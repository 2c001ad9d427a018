"""The pages under docs/policies are what the generator writes today, one for each policy."""

from __future__ import annotations

from lakewarden.kit import pages
from lakewarden.kit.described import read_root
from tests.data import rego

_DOCS = rego.CHECKOUT / "docs"


def test_committed_pages_are_fresh() -> None:
    """A stale page would tell a table's owner another rule than the one that decides."""
    fresh = pages.main(["--check", str(rego.POLICIES), str(_DOCS)])
    assert fresh == 0, "run: python -m lakewarden.kit.pages"


def test_every_policy_has_a_page() -> None:
    expected = {f"{policy.domain}/{policy.name}.md" for policy in read_root(rego.POLICIES).policies}
    folder = _DOCS / "policies"
    assert {path.relative_to(folder).as_posix() for path in folder.rglob("*.md")} == expected
