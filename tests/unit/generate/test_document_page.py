"""docs/document.md is generated from the document's types, and says something about each field."""

from __future__ import annotations

from pathlib import Path

import pytest

from lakewarden.generate import document_page
from lakewarden.generate.document_meanings import MEANINGS

PUBLISHED = Path(__file__).resolve().parents[3] / "docs" / "document.md"


def test_the_page_is_up_to_date() -> None:
    """Anyone who writes a policy would look for fields that are gone, and miss new ones."""
    assert document_page.main(["--check", str(PUBLISHED)]) == 0


def test_an_outdated_page_is_noticed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "document.md"
    assert document_page.main(["--check", str(path)]) == 1
    assert not path.exists()
    assert document_page.main([str(path)]) == 0
    assert document_page.main(["--check", str(path)]) == 0
    path.write_text(path.read_text("utf-8").replace("exact", "precise"), "utf-8")
    assert document_page.main(["--check", str(path)]) == 1
    assert "out of date" in capsys.readouterr().err


def test_a_field_without_a_meaning_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A new field would reach the policies before anybody said what it is."""
    monkeypatch.delitem(MEANINGS["Size"], "exact")
    with pytest.raises(LookupError, match=r"lacks \['Size\.exact'\]"):
        document_page.page()


def test_a_meaning_without_a_field_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A renamed field would live on in the page under its old name."""
    monkeypatch.setitem(MEANINGS["Size"], "rows", "How many rows.")
    with pytest.raises(LookupError, match=r"too many: \['Size\.rows'\]"):
        document_page.page()
