"""An HTML report taken apart, for tests of what it says."""

from __future__ import annotations

import io
from html.parser import HTMLParser
from typing import Any

from lakewarden.model.report import Report
from lakewarden.renderers.html.renderer import HtmlRenderer

VOID = {"meta", "link", "input"}


INLINE = {"a", "b", "bdi", "code", "span", "strong", "tspan"}


class Page(HTMLParser):
    """Collects a page's tags, ids and text, and sees that every tag is closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.words = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._part(tag)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag
        self._part(tag)

    def _part(self, tag: str) -> None:
        """Begin another line where a browser does."""
        if tag not in INLINE and not self.words.endswith("\n"):
            self.words += "\n"

    def handle_data(self, data: str) -> None:
        if not {"style", "script"} & set(self.open):
            self.words += data

    def all(self, tag: str, name: str) -> list[str]:
        return [value for each, attrs in self.tags if each == tag and (value := attrs.get(name))]


def rendered(report: Report, **options: Any) -> str:  # noqa: ANN401 -- the renderer's own
    """Return a report's page."""
    out = io.StringIO()
    HtmlRenderer(**options).render(report, out)
    return out.getvalue()
