"""The generated pages about policies and evidence are what the generators write today."""

from __future__ import annotations

from unittest.mock import patch

import pytest

from lakewarden.generate import evidence_page, policy_pages
from lakewarden.kit.policy_docs import read_root
from tests.support import rego

_DOCS = rego.CHECKOUT / "docs"


@pytest.mark.opa
def test_committed_pages_are_fresh() -> None:
    """A stale page would tell a table's owner another rule, or fix, than the one that decides."""
    with patch.dict("os.environ", {"LAKEWARDEN_OPA": str(rego.opa_binary())}):
        fresh = policy_pages.main(["--check", str(rego.POLICIES), str(_DOCS)])
    assert fresh == 0, "run: python -m lakewarden.generate.policy_pages"


def test_every_policy_has_a_page() -> None:
    expected = {f"{policy.domain}/{policy.name}.md" for policy in read_root(rego.POLICIES).policies}
    folder = _DOCS / "policies"
    assert {path.relative_to(folder).as_posix() for path in folder.rglob("*.md")} == expected


@pytest.mark.opa
def test_the_page_about_evidence_is_fresh() -> None:
    """A stale one would send an admin to grants that are not needed, or leave one out."""
    with patch.dict("os.environ", {"LAKEWARDEN_OPA": str(rego.opa_binary())}):
        fresh = evidence_page.main(["--check", str(rego.CHECKOUT)])
    assert fresh == 0, "run: python -m lakewarden.generate.evidence_page"


def test_every_policy_is_on_the_page_about_evidence() -> None:
    page = (_DOCS / "evidence.md").read_text(encoding="utf-8")
    known = read_root(rego.POLICIES).policies  # of a waiver, all is known
    ids = {each.policy.policy_id for each in known if not each.policy.is_about_waivers}
    assert {line[4:] for line in page.splitlines() if line.startswith("### ")} >= ids
