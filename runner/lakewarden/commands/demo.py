"""`lakewarden demo`: the demo lakehouse, for looking around in."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lakewarden.commands.terminal import TerminalProgress
from lakewarden.renderers.safe_console import result


def demo(
    directory: Annotated[
        str, typer.Argument(metavar="[DIR]", help="Where; by default, in the user's cache.")
    ] = "",
) -> None:
    """Create the demo lakehouse if it doesn't exist yet, and print the path of its table list.

    Its tables are real Delta tables: evaluate them as your own with
    --source delta:LIST, or as the demo, with its settings and waivers, with --source demo.

        lakewarden demo /tmp/lake
    """
    # Imported when asked for: deltalake and pyarrow cost most of a second.
    from lakewarden_collector.sources.demo import build_demo, default_root  # noqa: PLC0415 -- above

    root = Path(directory).absolute() if directory else default_root()
    result(build_demo(root, TerminalProgress().note).list_file)
