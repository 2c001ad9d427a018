"""A release of OPA, downloaded and verified."""

from __future__ import annotations

import hashlib
import os
import re
import ssl
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import requests
from msgspec import Struct
from urllib3.exceptions import HTTPError
from urllib3.util.retry import Retry

from lakewarden.engines.install.lock import Lock
from lakewarden.engines.opa.sockets import ServerAdapter
from lakewarden.model.errors import ConfigurationError, EngineError


def trusted_authorities(environ: Mapping[str, str] = os.environ) -> str | bool:
    """Return the file of trusted authorities: the environment's, else the system's, else True.

    The environment names one in requests' variables or OpenSSL's. The system's is where a company
    installs an authority of its own. True means those that come with requests.
    """
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"):
        if file := environ.get(name):
            return file
    return ssl.get_default_verify_paths().cafile or True


CONNECT_SECONDS: Final = 3.0
READ_SECONDS: Final = 30.0
_TOTAL_SECONDS: Final = 900.0
_CHUNK: Final = 1 << 20
_MOST_BYTES: Final = 1 << 29
"""A release has 60 MB; whatever has eight times as much isn't one."""

_MIRROR: Final = "LAKEWARDEN_OPA_MIRROR"
_PIN: Final = "LAKEWARDEN_OPA_SHA256"
_SHA256 = re.compile(r"^[0-9a-f]{64}(?=\s|$)")


class UnavailableError(Exception):
    """This way of getting OPA is closed, and another may be tried. Says why in a few words."""


class Release(Struct, frozen=True, kw_only=True):
    """What to download: a URL, and the SHA-256 that is known of it beforehand, if any.

    Without one, the URL is the official host's, and so is the checksum beside it.
    """

    url: str
    pin: str | None
    pinned_by: str = ""


def release(lock: Lock, platform: str, environ: Mapping[str, str]) -> Release:
    """Return the release for `platform`, of the official host or the mirror that is set.

    Raises `ConfigurationError` for a mirror without a pin, which could serve anything, and for a
    pin that isn't a SHA-256; `UnavailableError` if OPA has no release for that platform.
    """
    pin, pinned_by = lock.sha256.get(platform), "the checksum recorded in opa.lock"
    if named := environ.get(_PIN, "").strip().lower():
        pin, pinned_by = named, f"the checksum in {_PIN}"
        if not _SHA256.fullmatch(named):
            raise ConfigurationError(
                "this isn't a SHA-256: 64 digits from 0 to f", where=f"{_PIN}={named}"
            )
    mirror = environ.get(_MIRROR, "").strip().rstrip("/")
    official = lock.releases.rstrip("/")
    if mirror and mirror != official and pin is None:
        raise ConfigurationError(
            "a mirror is believed only with a checksum that is known beforehand, and there is none "
            f"for {platform}",
            where=f"{_MIRROR}={mirror}",
            remedy=f"Set {_PIN} to the SHA-256 of OPA {lock.version} for this machine, as the "
            "official release publishes it, or set LAKEWARDEN_OPA to an opa that you trust.",
        )
    asset = lock.assets.get(platform)
    if asset is None:
        raise UnavailableError(f"OPA has no release for {platform}")
    url = f"{mirror or official}/v{lock.version}/{asset}"
    if pin is None and not url.startswith("https://"):
        raise UnavailableError(f"{url}: only https is trusted without a pinned checksum")
    return Release(url=url, pin=pin, pinned_by=pinned_by)


def download_opa(
    wanted: Release,
    target: Path,
    progress: Callable[[str], None],
    *,
    timeout: tuple[float, float] = (CONNECT_SECONDS, READ_SECONDS),
) -> None:
    """Write a release to `target`, verified by its pin, else by the checksum beside it.

    Proxies and authorities come from the environment (HTTPS_PROXY, REQUESTS_CA_BUNDLE,
    SSL_CERT_FILE). `timeout` is (connect, read) in seconds. Raises `UnavailableError` if the
    release or its checksum isn't available, and `EngineError` if the checksum is wrong: then no
    other way is tried.
    """
    progress(f"downloading {wanted.url}")
    adapter = ServerAdapter(1, Retry(0, redirect=None))
    try:
        with requests.Session() as session, adapter.deadline(_TOTAL_SECONDS):
            session.verify = trusted_authorities()
            session.mount("https://", adapter)
            session.mount("http://", adapter)
            pin, source = wanted.pin, wanted.pinned_by
            if pin is None:
                beside = f"{wanted.url}.sha256"
                pin = _published(session, beside, timeout)
                source = f"the release's published checksum ({beside})"
            actual = _fetch(session, wanted, timeout, target)
    except (requests.RequestException, HTTPError) as error:
        raise UnavailableError(f"{wanted.url}: {_in_short(error)}") from error
    if actual != pin:
        raise EngineError(
            f"the download's SHA-256 is {actual}, but {source} is {pin}: it was discarded",
            where=wanted.url,
            remedy="Do not use this file. Try again, ask the owner of the mirror or the proxy "
            "in between, or set LAKEWARDEN_OPA to an opa that you trust.",
        )


def _published(session: requests.Session, url: str, timeout: tuple[float, float]) -> str:
    with session.get(url, timeout=timeout, stream=True) as answer:
        answer.raise_for_status()
        _demand_https(answer)
        answered = next(answer.iter_content(_CHUNK), b"").decode(errors="replace")
    found = _SHA256.match(answered.strip().lower())
    if found is None:
        raise UnavailableError(f"{url} holds no SHA-256")
    return found.group()


def _fetch(
    session: requests.Session, wanted: Release, timeout: tuple[float, float], target: Path
) -> str:
    digest = hashlib.sha256()
    length = 0
    with session.get(wanted.url, timeout=timeout, stream=True) as answer, target.open("wb") as out:
        answer.raise_for_status()
        if wanted.pin is None:
            _demand_https(answer)
        for chunk in answer.iter_content(_CHUNK):
            length += len(chunk)
            if length > _MOST_BYTES:
                raise UnavailableError(f"{wanted.url}: this is too large to be OPA")
            digest.update(chunk)
            out.write(chunk)
    return digest.hexdigest()


def _demand_https(answer: requests.Response) -> None:
    """Refuse an answer to which a redirect led that anybody on the way could have changed."""
    for each in (*answer.history, answer):
        if not each.url.startswith("https://"):
            raise UnavailableError(
                f"a redirect led to {each.url}; only https is trusted without a pinned checksum"
            )


def _in_short(error: Exception) -> str:
    if isinstance(error, requests.RequestException) and error.response is not None:
        return f"HTTP {error.response.status_code}"
    if isinstance(error, requests.Timeout):
        return "no answer in time"
    return "can't be reached" if isinstance(error, requests.ConnectionError) else str(error)
