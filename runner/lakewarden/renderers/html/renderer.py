"""The report as one HTML file that needs nothing else: no network, no server, no script to read."""

from __future__ import annotations

import base64
import hashlib
from importlib import resources
from typing import Any, Final, TextIO

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from msgspec import Struct

from lakewarden.model.decision import Outcome, Severity
from lakewarden.model.insight import Amount
from lakewarden.model.report import Report
from lakewarden.renderers.html import charts
from lakewarden.renderers.html.table_view import LETTERS, slug, table_view
from lakewarden.renderers.words import insight, wording
from lakewarden.renderers.words.completeness import omissions, spending
from lakewarden.renderers.words.evidence import promised, promises_kept
from lakewarden.renderers.words.table_scan import facts, survey, waivers_worst_first
from lakewarden.renderers.words.wording import gate_lines, headline, tone
from lakewarden.report.table_status import Status
from lakewarden_collector.counted import counted

LISTED: Final = 5_000
"""How many tables and failures a page lists, the worst first; a browser stays quick with them."""

STYLES: Final = ("report.css",)
SCRIPTS: Final = ("report.js", "page.js")
"""Files beside the templates that become part of the page, in this order."""

_PIECES: Final = 200  # template pieces that are joined for one write


class HtmlRenderer:
    """Lists the `listed` worst tables and says how many there are; the JSON report has all."""

    format = "html"

    def __init__(self, listed: int = LISTED) -> None:
        self._listed = listed

    def render(self, report: Report, out: TextIO) -> None:
        """Write the page, a table at a time."""
        found = survey(report, keep=self._listed)
        stream = (
            _environment()
            .get_template("report.html.j2")
            .stream(
                report=report,
                found=found,
                listed=len(found.worst),
                failures_listed=self._listed,
                tables=(table_view(table, found.policy_index) for table in found.worst),
                tone=tone(report),
                headline=headline(report),
                gate=gate_lines(report.gate),
                facts=facts(report.summary),
                fact_words=wording.FactWords(report.fact_labels),
                waivers=waivers_worst_first(report),
                meaning=charts.insight_view(
                    report, frozenset(table.full_name for table in found.worst)
                ),
                choices=charts.choices(found.worst, report),
                styles=[_inlined(name) for name in STYLES],
                scripts=[_inlined(name) for name in SCRIPTS],
            )
        )
        stream.enable_buffering(_PIECES)
        for piece in stream:  # noqa: FURB122 -- some streams join all lines first
            out.write(piece)


class Inlined(Struct, frozen=True):
    """One of our own files within the page, and the digest by which the page's policy allows it."""

    text: Markup
    digest: str


def _inlined(name: str) -> Inlined:
    text = resources.files(__package__).joinpath("templates", name).read_text("utf-8")
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    # Our own text, fixed with the release; nothing of a report is in it.
    return Inlined(Markup(text), f"sha256-{digest}")  # noqa: S704


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("lakewarden.renderers.html", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_finalize,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "bytes": wording.size,
        "known_size": wording.known_size,
        "amount": insight.amount,
        "part": insight.share,
        "count": counted,
        "share": wording.share,
        "utc": wording.utc,
        "words": wording.title,
        "shown": wording.value,
        "omissions": omissions,
        "promised": promised,
        "promises_kept": promises_kept,
        "spending": spending,
        "slug": slug,
    }
    environment.globals |= {
        "charts": charts,
        "words": insight,
        "NOTHING": Amount(),
        "wording": wording,
        "Outcome": Outcome,
        "Status": Status,
        "Severity": Severity,
        "LETTERS": LETTERS,
    }
    return environment


def _finalize(thing: Any) -> Any:  # noqa: ANN401 -- whatever a template prints
    """Make control characters of the report's own texts visible."""
    if isinstance(thing, str) and not isinstance(thing, Markup):
        return wording.visible(str(thing), keep="\n")
    return thing
