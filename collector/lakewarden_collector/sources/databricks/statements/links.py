"""Answers that lie in cloud storage, behind links that expire."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import ip_address
from typing import Any, Final

import requests
from databricks.sdk.service.sql import ExternalLink
from urllib3.exceptions import LocationParseError
from urllib3.util import parse_url

from lakewarden_collector.sources.databricks.concurrency.deadline import DeadlineError, within
from lakewarden_collector.sources.databricks.concurrency.retry_clock import PacedClock
from lakewarden_collector.sources.databricks.statements.errors import LinksError

ATTEMPTS: Final = 4
_FIRST_ATTEMPTS: Final = 3
"""While no link has ever worked: then it is the network that refuses, not the link's age."""

_CONNECT_SECONDS: Final = 4.0
_SILENT_SECONDS: Final = 30.0
_REACHED_SECONDS: Final = 10.0
"""Until the storage begins to answer. A host whose packets are dropped costs this, once a run."""
_WHOLE_SECONDS: Final = 120.0
"""For the rest: a link leads to some 20 MB."""


class Links:
    """Fetches the rows behind external links.

    A link holds a credential of its own: it is fetched with the headers that came with it and
    without an Authorization header, which the storage would refuse
    (https://docs.databricks.com/api/workspace/statementexecution), and no error names it. It leads
    to the rows themselves, so nobody is followed elsewhere.
    """

    def __init__(self, clock: PacedClock) -> None:
        self._clock = clock
        self._session = requests.Session()
        self._worked = False

    def rows(self, link: ExternalLink, renew: Callable[[], ExternalLink], where: str) -> list[Any]:
        """Return the rows behind a link; `renew` gives another one to the same rows.

        What an expired link answers differs between clouds, and a firewall of the storage refuses
        in the same words, so a refusal is met with a new link: at once, and after waits where links
        have worked before. Where no connection comes about, and none ever did, no further link is
        tried.

        Raises `LinksError` when that does not help, and where the rows would cross a network in
        the open.
        """
        why, attempt = "", 0
        while attempt < (ATTEMPTS if self._worked else _FIRST_ATTEMPTS):
            if attempt > 0:
                if self._worked and attempt > 1:
                    self._clock.sleep(2.0 ** (attempt - 1))
                link = renew()
            if not _is_safe(link.external_link or ""):
                raise LinksError("a link isn't an https address", where)
            try:
                rows, why = self._fetch(link)
            except requests.RequestException as error:
                why = type(error).__name__
                if not self._worked and _is_unreached(error):
                    break
            else:
                if rows is not None:
                    self._worked = True
                    return rows
            attempt += 1
        raise LinksError(why, where)

    def _fetch(self, link: ExternalLink) -> tuple[list[Any] | None, str]:
        response = within(_REACHED_SECONDS, self._clock, lambda: self._begin(link))
        with response:
            if response.status_code != requests.codes.ok:
                return None, f"HTTP {response.status_code}"
            rows = within(_WHOLE_SECONDS, self._clock, response.json)
        return (rows, "") if isinstance(rows, list) else (None, "it isn't a JSON array")

    def _begin(self, link: ExternalLink) -> requests.Response:
        return self._session.get(
            link.external_link or "",
            headers=link.http_headers,
            auth=_no_auth,
            timeout=(_CONNECT_SECONDS, _SILENT_SECONDS),
            allow_redirects=False,
            stream=True,
        )


# assumes links-may-lead-nowhere
def _is_unreached(error: requests.RequestException) -> bool:
    """Tell whether there was no connection, or nothing came over it."""
    return isinstance(error, requests.ConnectionError | requests.Timeout | DeadlineError)


def _is_safe(address: str) -> bool:
    """Tell whether an address, read as `requests` reads it, is of https or on this machine."""
    try:
        url = parse_url(address)
    except LocationParseError:
        return False
    host = (url.host or "").strip("[]")
    return bool(host) and (url.scheme == "https" or (url.scheme == "http" and _is_loopback(host)))


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _no_auth(request: requests.PreparedRequest) -> requests.PreparedRequest:
    # Without one, `requests` would add what ~/.netrc has for the host.
    return request
