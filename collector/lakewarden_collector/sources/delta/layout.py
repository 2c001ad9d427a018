"""Finds the tables of a lake laid out `<root>/<catalog>/<schema>/<table>`."""

from __future__ import annotations

from typing import Final

from obstore.exceptions import BaseError

from lakewarden_collector.errors import SourceError
from lakewarden_collector.inventory import Failure
from lakewarden_collector.names import join_name
from lakewarden_collector.sources.delta.entry import Entry
from lakewarden_collector.sources.delta.fault import TableFaultError, error_text
from lakewarden_collector.sources.delta.folders import Folder, UnreadableFolder, open_folder
from lakewarden_collector.sources.delta.log_files import LOG_FOLDER
from lakewarden_collector.sources.delta.store_fault import ENVIRONMENT
from lakewarden_collector.sources.delta.stores import STORE_URIS

_HIDDEN: Final = ("_", ".")
_LAYOUT: Final = "<root>/<catalog>/<schema>/<table>"
_LEVELS: Final = ("the root", "a catalog", "a schema")

_Found = list[tuple[tuple[str, ...], Folder]]
"""Folders with the names on the way to them."""


def find_tables(location: str) -> list[Entry | Failure]:
    """Return an entry for every table folder, and a failure for each folder above that is wrong.

    Files beside the folders, and folders whose names begin with `_` or `.`, aren't tables. Raises
    `SourceError` where there is no such root, or where it holds no catalog although it is not
    empty. An empty root has no tables.
    """
    root = _open(location)
    found: list[Entry | Failure] = []
    folders: _Found = [((), root)]
    for level in _LEVELS:
        deeper: _Found = []
        for parts, folder in folders:
            try:
                deeper.extend(((*parts, name), child) for name, child in _inside(folder, level))
            except TableFaultError as fault:
                if not parts:
                    raise SourceError(fault.what, where=fault.where, remedy=fault.remedy) from fault
                found.append(fault.failure(join_name(parts)))
        if level == _LEVELS[0] and not deeper and not root.is_empty():
            raise SourceError(
                "there is no catalog in it",
                where=root.uri,
                remedy=f"Name the root of a lake laid out {_LAYOUT}.",
            )
        folders = deeper
    for (catalog, schema, table), folder in folders:
        entry = Entry(parts=(catalog, schema, table), uri=folder.uri)
        if isinstance(folder, UnreadableFolder):
            found.append(folder.fault().failure(entry.full_name))
        else:
            found.append(entry)
    return found


def _open(location: str) -> Folder:
    try:
        root = open_folder(location)
    except TableFaultError as fault:
        raise SourceError(fault.what, where=location, remedy=fault.remedy) from fault
    except (BaseError, ValueError, OSError) as error:
        raise SourceError(
            f"this place can't be opened: {error_text(error)}",
            where=location,
            remedy=f"Write a path, or {STORE_URIS} with the store's settings {ENVIRONMENT}.",
        ) from error
    if not root.exists():
        raise SourceError(
            "there is no such folder or list file",
            where=location,
            remedy=f"Name a folder laid out {_LAYOUT}, or a file of lines `full_name = URI`.",
        )
    return root


def _inside(folder: Folder, level: str) -> list[tuple[str, Folder]]:
    try:
        children = folder.children()
    except (BaseError, ValueError, OSError) as error:
        raise TableFaultError(
            f"{level} can't be listed: {error_text(error)}",
            where=folder.uri,
            remedy="Give this user permission to list it; for an object store, check the network, "
            f"and the endpoint, region and credentials {ENVIRONMENT}.",
        ) from error
    if LOG_FOLDER in children:
        raise TableFaultError(
            f"a Delta table lies where {level} was expected",
            where=folder.uri,
            remedy=f"Lay the lake out {_LAYOUT}, or list its tables in a file.",
        )
    return [(name, child) for name, child in children.items() if not name.startswith(_HIDDEN)]
