"""The reports that one command writes: opened before the work, each whole or not there."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Self, TextIO

from msgspec import Struct

from lakewarden.model.errors import ConfigurationError
from lakewarden.model.report import Report
from lakewarden.renderers import renderer
from lakewarden.renderers.interface import Renderer
from lakewarden.report.atomic_file import PendingFile
from lakewarden_collector.errors import Problem


class _Output(Struct, frozen=True):
    renderer: Renderer
    stream: TextIO
    file: PendingFile | None


class ReportOutputs:
    """Writes a report in several formats; used in a `with` block.

    One that fails leaves the others whole: each is finished on its own. Leaving the block discards
    what wasn't written. Raises `ConfigurationError` for a file that can't be opened, a plug-in that
    can't be loaded and a template that can't be used.
    """

    def __init__(self, json_path: Path | None = None) -> None:
        """Begin without outputs; `json_path` is the file that has or gets the JSON report."""
        self._json_path = json_path
        self._outputs: list[_Output] = []
        self._others: list[Callable[[Report], None]] = []

    def open(self, format_name: str, place: Path | TextIO) -> None:
        """Get ready to write one format to a file or an open stream."""
        path = place if isinstance(place, Path) else None
        self.add(renderer(format_name, path=path, json_path=self._json_path), place)

    def add(self, chosen: Renderer, place: Path | TextIO) -> None:
        """Get ready to write what a renderer makes of the report."""
        if isinstance(place, Path):
            file = PendingFile(place)
            self._outputs.append(_Output(chosen, file.text(), file))
        else:
            self._outputs.append(_Output(chosen, place, None))

    def also(self, keep: Callable[[Report], None]) -> None:
        """Do something else with the report, once all of it is written."""
        self._others.append(keep)

    def write(self, report: Report) -> None:
        """Write all of them; then raise what went wrong, usage errors first."""
        failed: list[Exception] = []
        for each in self._outputs:
            try:
                each.renderer.render(report, each.stream)
                if each.file is not None:
                    each.file.commit()
            except Exception as error:  # noqa: BLE001 -- it is raised below
                failed.append(error)
                if each.file is not None:
                    each.file.discard()
        for keep in self._others:
            try:
                keep(report)
            except Exception as error:  # noqa: BLE001 -- it is raised below
                failed.append(error)
        if failed:
            raise _worst(failed)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for each in self._outputs:
            if each.file is not None:
                each.file.discard()


def _worst(failed: Iterable[Exception]) -> Exception:
    """Return the error that decides the exit code; it mentions the others."""
    first, *others = sorted(failed, key=_rank)
    if isinstance(first, Problem):
        first.details = (
            *first.details,
            *(str(each) for each in others if isinstance(each, Problem)),
        )
    return first


def _rank(error: Exception) -> int:
    if isinstance(error, BrokenPipeError):
        return 3  # its reader has seen enough
    if isinstance(error, ConfigurationError):
        return 0
    return 2 if isinstance(error, Problem | OSError) else 1
