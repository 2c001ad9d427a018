"""A release of OPA, downloaded and verified."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import Final

import requests

from lakewarden.engines.lock import Lock
from lakewarden.engines.tls import trusted_authorities
from lakewarden.model.errors import EngineError

CONNECT_SECONDS: Final = 3.0
READ_SECONDS: Final = 30.0
_CHUNK: Final = 1 << 20
_SHA256 = re.compile(r"^[0-9a-f]{64}(?=\s|$)")


class UnavailableError(Exception):
    """This way of getting OPA is closed, and another may be tried. Says why in a few words."""


def download_opa(
    lock: Lock,
    platform: str,
    mirror: str | None,
    target: Path,
    progress: Callable[[str], None],
    *,
    timeout: tuple[float, float] = (CONNECT_SECONDS, READ_SECONDS),
) -> None:
    """Write the pinned release for `platform` to `target`, verified.

    `mirror` takes the place of the lock's `releases`. Proxies and authorities come from the
    environment (HTTPS_PROXY, REQUESTS_CA_BUNDLE, SSL_CERT_FILE). `timeout` is (connect, read) in
    seconds. Raises `UnavailableError` if the release or its checksum cannot be had, and
    `EngineError` if a checksum is wrong: then somebody should look, and no other way is tried.
    """
    asset = lock.assets.get(platform)
    if asset is None:
        raise UnavailableError(f"OPA has no release for {platform}")
    url = f"{(mirror or lock.releases).rstrip('/')}/v{lock.version}/{asset}"
    progress(f"downloading OPA {lock.version} from {url}")
    try:
        with requests.Session() as session:
            session.verify = trusted_authorities()
            published = _published(session, f"{url}.sha256", timeout)
            actual = _fetch(session, url, timeout, target)
    except requests.RequestException as error:
        raise UnavailableError(f"{url}: {_in_short(error)}") from error
    _verify(actual, published, url, f"the release's published checksum ({url}.sha256)")
    if pinned := lock.sha256.get(platform):
        _verify(actual, pinned, url, "the checksum recorded in opa.lock")


def _published(session: requests.Session, url: str, timeout: tuple[float, float]) -> str:
    answer = session.get(url, timeout=timeout)
    answer.raise_for_status()
    found = _SHA256.match(answer.text.strip().lower())
    if found is None:
        raise UnavailableError(f"{url} holds no SHA-256")
    return found.group()


def _fetch(session: requests.Session, url: str, timeout: tuple[float, float], target: Path) -> str:
    digest = hashlib.sha256()
    with session.get(url, timeout=timeout, stream=True) as answer, target.open("wb") as out:
        answer.raise_for_status()
        for chunk in answer.iter_content(_CHUNK):
            digest.update(chunk)
            out.write(chunk)
    return digest.hexdigest()


def _verify(actual: str, expected: str, url: str, source: str) -> None:
    if actual != expected.lower():
        raise EngineError(
            f"the download's SHA-256 is {actual}, but {source} is {expected}: it was thrown away",
            where=url,
            remedy="Do not use this file. Try again, ask whoever runs the mirror or the proxy "
            "in between, or set LAKEWARDEN_OPA to an opa that you trust.",
        )


def _in_short(error: requests.RequestException) -> str:
    if error.response is not None:
        return f"HTTP {error.response.status_code}"
    if isinstance(error, requests.Timeout):
        return "no answer in time"
    return "cannot be reached" if isinstance(error, requests.ConnectionError) else str(error)
