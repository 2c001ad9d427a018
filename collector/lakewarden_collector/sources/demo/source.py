"""The source that makes its own tables: `--source demo` or `--source demo:DIR`."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from pathlib import Path

from lakewarden_collector.document import TableDocument
from lakewarden_collector.inventory import Failure, LeftOut
from lakewarden_collector.sources.demo.lakehouse import build_demo
from lakewarden_collector.sources.demo.location import default_root
from lakewarden_collector.sources.interface import Source


def _silent(_sentence: str) -> None:
    """Tell nobody."""


class DemoSource:
    """The demo lakehouse: made in `location` where it is not there yet, then read like any other.

    `read` opens a list file of Delta tables as a source; it is given, since sources do not know
    each other. Without a location the lakehouse lies in the user's cache. `progress` hears a
    sentence where it must be made first, and nothing where it is reused.
    """

    source_kind = "demo"
    left_out: Sequence[LeftOut] = ()

    def __init__(
        self,
        read: Callable[[str], Source],
        location: str = "",
        progress: Callable[[str], None] = _silent,
    ) -> None:
        self._read = read
        self.root = Path(location).expanduser().absolute() if location else default_root()
        self.scope = f"demo lakehouse in {self.root}"
        self._progress = progress

    def tables(self) -> Generator[TableDocument | Failure, None, None]:
        """Yield the demo's tables and failures, as `Source` says."""
        lakehouse = build_demo(self.root, self._progress)
        yield from self._read(str(lakehouse.list_file)).tables()
