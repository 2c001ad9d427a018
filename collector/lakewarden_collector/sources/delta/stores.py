"""Places: local paths and object-store URIs, and the obstore stores behind them."""

from __future__ import annotations

import os
import re
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, urlsplit

from obstore.store import LocalStore, ObjectStore, from_url

from lakewarden_collector.sources.delta.fault import TableFaultError

if TYPE_CHECKING:
    from obstore.store import RetryConfig  # obstore has this type in its stubs alone

_SCHEME: Final = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]+):")
_AUTHORITY: Final = re.compile("^//[^/]*")
_SCHEMES: Final = frozenset(
    {"s3", "s3a", "gs", "az", "azure", "adl", "abfs", "abfss", "http", "https"}
)
_QUERY: Final = re.compile("[?#]")
_WEB: Final = ("http", "https")
STORE_URIS: Final = "an s3://, gs://, az:// or abfss:// URI"
RETRY_SECONDS: Final = 30
"""After how long a request is tried no more: object_store's own limit is three minutes.

How often, and how long a single request may take, is left to object_store (10 times, 5 seconds for
a connection and 30 for a request) and to the environment (`AWS_TIMEOUT` and the like).
"""


def local_path(location: str) -> Path | None:
    """Return the absolute path that a location means, or None where it is a remote URI.

    `file:` URIs (with one slash or three, as Spark and others print them) and plain paths are
    local; a leading `~` is the home directory. In both, `?` and `#` belong to a name.
    """
    found = _SCHEME.match(location)
    if found is None:
        return Path(os.path.abspath(expanded(location)))  # noqa: PTH100 -- keeps symlinks, drops ".."
    if found[1].lower() == "file":
        place = _AUTHORITY.sub("", location[found.end() :])
        return Path(unquote(place, errors="surrogateescape"))
    return None


def expanded(path: str) -> str:
    """Return the path with a leading `~` expanded; as it is where nobody has that home."""
    return os.path.expanduser(path)  # noqa: PTH111 -- Path's raises where there is no such user


def is_uri(location: str) -> bool:
    """Whether the location begins with a scheme and so stands on its own."""
    return _SCHEME.match(location) is not None


def open_store(uri: str) -> ObjectStore:
    """Return the store whose root is the folder `uri`.

    Credentials, region and endpoint come from the environment as object_store reads them
    (`AWS_…`, `GOOGLE_…`, `AZURE_…`). Raises `TableFaultError` for an unknown scheme, obstore's
    `BaseError` or `ValueError` where the URI means no store.
    """
    path = local_path(uri)
    if path is not None:
        return LocalStore(path)
    scheme = urlsplit(uri).scheme
    if scheme not in _SCHEMES:
        raise TableFaultError(
            f"nothing is known about places that start with {scheme}:",
            remedy=f"Write a path, or {STORE_URIS}.",
        )
    if _QUERY.search(uri) and scheme not in _WEB:
        raise TableFaultError(
            "it has a ? or # in it, and what follows would be left out",
            remedy="Write %3F for ? and %23 for # where they belong to a name.",
        )
    retries: RetryConfig = {"retry_timeout": timedelta(seconds=RETRY_SECONDS)}
    return from_url(uri, retry_config=retries)
