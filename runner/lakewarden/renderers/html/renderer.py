"""The report as one HTML file that needs nothing else: no network, no server, no script to read."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from importlib import resources
from typing import Any, Final, TextIO

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from msgspec import Struct

from lakewarden.model.decision import Outcome, Severity
from lakewarden.model.insight import Amount
from lakewarden.model.report import Report
from lakewarden.renderers.html import charts, page_data
from lakewarden.renderers.html.index import FACT_VALUES
from lakewarden.renderers.html.pictures import Pictures, PictureTally
from lakewarden.renderers.html.table_view import slug, table_view
from lakewarden.renderers.words import (
    baseline,
    enforcement,
    history,
    insight,
    judged,
    overview,
    waivers,
    wording,
)
from lakewarden.renderers.words.completeness import omissions, spending
from lakewarden.renderers.words.evidence import promised, promises_kept
from lakewarden.renderers.words.links import explorer_link, web
from lakewarden.renderers.words.table_scan import NAMED, Survey, facts, survey
from lakewarden.renderers.words.wording import headline, tone
from lakewarden.report.summary import owner_group
from lakewarden.report.table_status import Status
from lakewarden.report.weight import heaviest_loads
from lakewarden_collector.counted import counted

WORST: Final = 200
"""How many tables can be read without a script, the worst first."""

LISTED: Final = 10
"""How many failures, waivers and promises a page lists: it has fewer than 5,000 nodes in all."""

STYLES: Final = ("report.css", "explorer.css")
SCRIPTS: Final = (
    "data.js",
    "view.js",
    "table.js",
    "owner.js",
    "filters.js",
    "rows.js",
    "take.js",
    "explorer.js",
    "folded.js",
    "page.js",
)
"""Files beside the templates that become part of the page, in this order."""

_PIECES: Final = 200  # template pieces that are joined for one write

_BLOCKS: Final = (
    "article|circle|div|dd|dl|dt|footer|form|g|h[1-3]|header|li|line|main|nav|noscript|ol|option|p|rect|"
    "section|select|summary|svg|table|tbody|td|text|th|thead|tr|ul"
)
_BETWEEN: Final = re.compile(
    rf"(?<=>)\s*\n\s*(?=</?(?:{_BLOCKS})\b)|(</?(?:{_BLOCKS})\b[^<>]*>)\s*\n\s*(?=<)"
)
"""Line ends beside blocks: nobody sees them, and they would be a quarter of the page's nodes."""


class HtmlRenderer:
    """Carries all tables as data; the `worst` ones can be read without a script.

    With `owner`, the page is about that owner's tables alone: it names the owner, and says nothing
    of the gate, which is about the whole run.
    """

    format = "html"

    def __init__(self, worst: int = WORST, *, owner: str = "") -> None:
        self._worst = worst
        self._owner = owner

    def render(self, report: Report, out: TextIO) -> None:
        """Write the page, a table at a time."""
        tally = PictureTally(report)
        found = survey(report, keep=self._worst, watchers=(tally,))
        pictures = tally.pictures()
        stream = (
            _environment()
            .get_template("report.html.j2")
            .stream(
                report=report,
                found=found,
                failures_listed=LISTED,
                worst=[table_view(table, found.policy_index) for table in found.worst],
                data=page_data.elements(report, found.policy_index),
                tone=tone(report),
                owner=self._owner,
                headline=headline(report),
                failures=report.summary.total.outcomes.get(Outcome.FAIL, 0),
                policies_worst_first=overview.policies_worst_first(report, found),
                sections=_sections(report, found, pictures),
                pictures=pictures,
                facts=facts(report.summary),
                fact_words=wording.FactWords(report.fact_labels),
                waivers=waivers.worst_first(report.waivers),
                meaning=charts.insight_view(report),
                styles=[_inlined(name) for name in STYLES],
                scripts=[_inlined(name) for name in SCRIPTS],
            )
        )
        stream.enable_buffering(_PIECES)
        for piece in stream:  # noqa: FURB122 -- some streams join all lines first
            out.write(_BETWEEN.sub(r"\1", piece))


def _sections(
    report: Report, found: Survey, pictures: Pictures
) -> list[tuple[str, str, int | None]]:
    """Return the sections that the page has: anchor, words, and how many things it lists."""
    sections: list[tuple[str, str, int | None, bool]] = [
        ("top", "Overview", None, True),
        ("pictures", "Pictures", None, pictures.some),
        ("policies", "Policies", len(report.policies), True),
        ("insight", "Insights", None, report.insight is not None),
        ("facts", "Table facts", None, bool(report.summary.by_fact)),
        ("places", "Locations and owners", None, bool(report.summary.by_catalog)),
        ("unknown", "Unknown", len(found.lacks), bool(found.lacks)),
        ("promises", "Promises", None, report.promises is not None),
        ("baseline", "Baseline", None, report.baseline is not None),
        ("tables", "Tables", report.summary.total.tables, True),
        ("waivers", "Waivers", len(report.waivers), bool(report.waivers)),
        ("judged", "Policies about waivers", None, report.judged is not None),
        ("completeness", "Completeness", None, True),
        ("provenance", "About this report", None, True),
    ]
    return [(anchor, words, number) for anchor, words, number, there in sections if there]


def _policy_anchor(policy_id: str) -> str:
    return f"policy-{slug(policy_id)}"


class Inlined(Struct, frozen=True):
    """One of our own files within the page, and the digest by which the page's policy allows it."""

    text: Markup
    digest: str


@cache
def _inlined(name: str) -> Inlined:
    text = resources.files(__package__).joinpath("templates", name).read_text("utf-8")
    lines = (line.strip() for line in text.splitlines())
    text = "\n".join(line for line in lines if not line.startswith("//"))  # a fifth of it
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    # Our own text, fixed with the release; nothing of a report is in it.
    return Inlined(Markup(text), f"sha256-{digest}")  # noqa: S704


@cache
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
        "table_size": wording.table_size,
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
        "owner_group": owner_group,
        "policy_anchor": _policy_anchor,
        "explorer_link": explorer_link,
        "web": web,
    }
    environment.globals |= {
        "charts": charts,
        "words": insight,
        "baseline": baseline,
        "history": history,
        "judged": judged,
        "NOTHING": Amount(),
        "wording": wording,
        "waiver_words": waivers,
        "enforcement": enforcement,
        "overview": overview,
        "loads": heaviest_loads,
        "NAMED": NAMED,
        "FACT_VALUES": FACT_VALUES,
        "Outcome": Outcome,
        "Status": Status,
        "Severity": Severity,
    }
    return environment


def _finalize(thing: Any) -> Any:  # noqa: ANN401 -- whatever a template prints
    """Make control characters of the report's own texts visible."""
    if isinstance(thing, str) and not isinstance(thing, Markup):
        return wording.visible(str(thing), keep="\n")
    return thing
