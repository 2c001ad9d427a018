"""Answers that lie in cloud storage, behind links that expire."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import ip_address
from typing import Any, Final

import requests
from databricks.sdk.service.sql import ExternalLink
from urllib3.exceptions import LocationParseError
from urllib3.util import parse_url

from lakewarden_collector.sources.databricks.paced_clock import PacedClock
from lakewarden_collector.sources.databricks.statements.errors import StatementError

ATTEMPTS: Final = 4
_SECONDS: Final = 60


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

    def rows(self, link: ExternalLink, renew: Callable[[], ExternalLink], where: str) -> list[Any]:
        """Return the rows behind a link; `renew` gives another one to the same rows.

        What an expired link answers differs between clouds, so any refusal is met with a new link:
        at once, then after waits. Raises `StatementError` when that does not help either, or where
        the rows would cross a network in the open.
        """
        why = ""
        for attempt in range(ATTEMPTS):
            if attempt > 0:
                if attempt > 1:
                    self._clock.sleep(2.0 ** (attempt - 1))
                link = renew()
            if not _is_safe(link.external_link or ""):
                raise StatementError(
                    kind="failed",
                    message="a part of the answer lies behind a link that is no https address",
                    where=where,
                )
            rows, why = self._fetch(link)
            if rows is not None:
                return rows
        raise StatementError(
            kind="failed",
            message=f"a part of the answer could not be fetched from cloud storage: {why}",
            transient=True,
            where=where,
        )

    def _fetch(self, link: ExternalLink) -> tuple[list[Any] | None, str]:
        try:
            response = self._session.get(
                link.external_link or "",
                headers=link.http_headers,
                auth=_no_auth,
                timeout=_SECONDS,
                allow_redirects=False,
            )
            if response.status_code != requests.codes.ok:
                return None, f"HTTP {response.status_code}"
            rows = response.json()
        except requests.RequestException as error:
            return None, type(error).__name__
        return (rows, "") if isinstance(rows, list) else (None, "it is no JSON array")


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
