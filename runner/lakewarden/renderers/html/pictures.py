"""The page's pictures, whose figures come from one pass over the tables."""

from __future__ import annotations

from msgspec import Struct

from lakewarden.model.report import Report, TableReport
from lakewarden.renderers.html.size_chart import SizeChart, size_tally
from lakewarden.renderers.html.timeline import Timeline, timeline
from lakewarden.renderers.html.treemap import PlaceTally, Treemap
from lakewarden.renderers.html.trend import Trend, trend
from lakewarden.report.table_status import Status


class Pictures(Struct, frozen=True, kw_only=True):
    """Each is None where the report has nothing for it."""

    map: Treemap | None
    sizes: SizeChart | None
    trend: Trend | None
    waivers: Timeline | None

    @property
    def some(self) -> bool:
        """Whether there is any picture."""
        return any((self.map, self.sizes, self.trend, self.waivers))


class PictureTally:
    """Watches a report's tables for all pictures."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._places = PlaceTally()
        self._sizes = size_tally(report)

    def add(self, table: TableReport, status: Status) -> None:
        """Look at a table."""
        self._places.add(table, status)
        if self._sizes:
            self._sizes.add(table, status)

    def pictures(self) -> Pictures:
        """Return the pictures of all tables that were looked at."""
        return Pictures(
            map=self._places.treemap(),
            sizes=self._sizes.chart() if self._sizes else None,
            trend=trend(self._report.history),
            waivers=timeline(self._report.waivers, self._report.run.clock),
        )
