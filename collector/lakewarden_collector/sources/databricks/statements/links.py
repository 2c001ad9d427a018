"""Answers that lie in cloud storage, behind links that expire."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import requests
from databricks.sdk.service.sql import ExternalLink

from lakewarden_collector.sources.databricks.paced_clock import PacedClock
from lakewarden_collector.sources.databricks.statements.errors import StatementError

ATTEMPTS: Final = 4
_SECONDS: Final = 60


class Links:
    """Fetches the rows behind external links.

    A link holds a credential of its own: it is fetched with the headers that came with it and
    without an Authorization header, which the storage would refuse
    (https://docs.databricks.com/api/workspace/statementexecution), and no error names it.
    """

    def __init__(self, clock: PacedClock) -> None:
        self._clock = clock
        self._session = requests.Session()

    def rows(self, link: ExternalLink, renew: Callable[[], ExternalLink], where: str) -> list[Any]:
        """Return the rows behind a link; `renew` gives another one to the same rows.

        What an expired link answers differs between clouds, so any refusal is met with a new link:
        at once, then after waits. Raises `StatementError` when that does not help either.
        """
        why = ""
        for attempt in range(ATTEMPTS):
            if attempt > 0:
                if attempt > 1:
                    self._clock.sleep(2.0 ** (attempt - 1))
                link = renew()
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
            )
            if not response.ok:
                return None, f"HTTP {response.status_code}"
            rows = response.json()
        except requests.RequestException as error:
            return None, type(error).__name__
        return (rows, "") if isinstance(rows, list) else (None, "it is no JSON array")


def _no_auth(request: requests.PreparedRequest) -> requests.PreparedRequest:
    # Without one, `requests` would add what ~/.netrc has for the host.
    return request
