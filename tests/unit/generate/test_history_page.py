"""docs/history.md lists the columns that a history has."""

from __future__ import annotations

from pathlib import Path

from lakewarden.generate import history_page

PUBLISHED = Path(__file__).resolve().parents[3] / "docs" / "history.md"


def test_the_page_is_up_to_date() -> None:
    """An analyst would look for columns that are gone, and miss new ones."""
    assert history_page.main(["--check", str(PUBLISHED)]) == 0


def test_an_outdated_page_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "history.md"
    path.write_text(PUBLISHED.read_text("utf-8").replace("| `reopened` |", "| `again` |"), "utf-8")
    assert history_page.main(["--check", str(path)]) == 1
    assert history_page.main([str(path)]) == 0
    assert path.read_text("utf-8") == PUBLISHED.read_text("utf-8")
