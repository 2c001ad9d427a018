"""An HTML report taken apart, for tests of what it says."""

from __future__ import annotations

import base64
import io
import json
import re
import zlib
from html.parser import HTMLParser
from typing import Any, Final

from lakewarden.model.report import Report
from lakewarden.renderers.html.renderer import SCRIPTS, STYLES, HtmlRenderer

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


_OWN: Final = re.compile(r"(?<=<)(style|script)>.*?</(?:style|script)>", re.DOTALL)
_DATA: Final = re.compile(
    r'(<script type="application/json" (?:id|class)="data-\w+">)(.*?)</script>', re.DOTALL
)


_BLOCK: Final = re.compile(rf">(?=<(?!/|(?:{'|'.join(sorted(INLINE))})\b))")


def reviewable(page: str) -> str:
    """Return a page as a person reads its difference: an element a line, the data unpacked.

    Of our own styles and scripts, which are files of their own, only the names stay.
    """
    names = iter((*STYLES, *SCRIPTS))
    text = re.sub(r"'sha256-[^']+'", "'sha256-…'", page)
    text = re.sub(r">\s*\n\s*<", "><", text)  # some of it hangs on how the page is written
    text = _OWN.sub(lambda own: f"{own[1]}>{next(names)}</{own[1]}>", text)
    text = _DATA.sub(lambda data: f"{data[1]}\n{_unpacked(data[2])}\n</script>", text)
    assert next(names, None) is None
    return _BLOCK.sub(">\n", text)


def _unpacked(text: str) -> str:
    data = json.loads(text)
    if isinstance(data, str):
        data = json.loads(zlib.decompress(base64.b64decode(data)))
    return json.dumps(data, indent=1, ensure_ascii=False)
