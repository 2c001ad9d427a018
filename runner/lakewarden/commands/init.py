"""`lakewarden init`: a project of one's own, in an empty repository."""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import Annotated

import typer

from lakewarden.commands.terminal import stderr
from lakewarden.generate.project import project_files
from lakewarden.kit.new_files import new_files
from lakewarden.model.errors import ConfigurationError
from lakewarden.renderers.safe_console import result


def init(
    folder: Annotated[
        Path,
        typer.Argument(metavar="DIR", help="The project's folder; it's made if it isn't there."),
    ] = Path(),
) -> None:
    """Write the files of a project of your own: settings, an example policy, and what editors need.

    Nothing is overwritten: if one of the files is there, none is written.

        lakewarden init my-project
    """
    texts = {folder / path: text for path, text in project_files().items()}
    there = [path for path in texts if os.path.lexists(path)]
    if there:
        raise ConfigurationError(
            "these files already exist, so nothing was written",
            where=str(folder),
            details=map(str, there),
            remedy="Move them away, or name another folder: lakewarden init DIR",
        )
    try:
        with new_files(texts) as written:
            for path in written:
                result(path)
    except OSError as error:
        raise ConfigurationError(
            f"nothing was written: {error.strerror}",
            where=str(error.filename or folder),
            remedy="Name a folder that you may write to: lakewarden init DIR",
        ) from error
    say = stderr().print
    inside = folder.resolve() == Path.cwd()
    say("Next:" if inside else f"Next, after `cd {shlex.quote(str(folder))}`:")
    say("1. lakewarden policies test")
    say("2. lakewarden evaluate --source demo")
    say("3. lakewarden policies new <domain>.<policy>")
