"""A workspace that one is signed in to: its identity, and its REST API."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from databricks.sdk import WorkspaceClient
from databricks.sdk.core import ApiClient, Config
from databricks.sdk.errors import (
    NotFound,
    PermissionDenied,
    TemporarilyUnavailable,
    TooManyRequests,
    Unauthenticated,
)
from msgspec import Struct

from lakewarden_collector.errors import SourceError
from lakewarden_collector.sources.databricks.client.auth import sign_in
from lakewarden_collector.sources.databricks.client.interface import Query
from lakewarden_collector.sources.databricks.client.rest import Rest
from lakewarden_collector.sources.databricks.client.server_text import error_text
from lakewarden_collector.sources.databricks.concurrency.deadline import limit
from lakewarden_collector.sources.databricks.concurrency.pace import Pace, RequestCounts
from lakewarden_collector.sources.databricks.statements.grants import Grant

METASTORE: Final = "/api/2.1/unity-catalog/metastore_summary"
ME: Final = "/api/2.0/preview/scim/v2/Me"

_SDK_TIMEOUT: Final = 60
"""Seconds, where the configuration says nothing."""


@dataclass(frozen=True, kw_only=True)
class Workspace:
    """One workspace, seen as one principal.

    `profile` is the section of the SDK's configuration file, empty where the environment alone
    says who asks; `principal` is the name of the user or the application id of the service
    principal, empty where the workspace does not tell; `warehouse_id` is None where none is
    configured. `client` is the SDK's, for what `get` does not do: statements.
    """

    profile: str
    host: str
    metastore_id: str
    metastore_name: str
    principal: str
    warehouse_id: str | None
    client: WorkspaceClient
    rest: Rest
    spent: RequestCounts = field(default_factory=RequestCounts)

    def get(self, path: str, query: Query = {}) -> dict[str, Any]:  # noqa: B006 -- never changed
        """Return the JSON object that `GET path?query` answers; see `Api.get`."""
        return self.rest.get(path, query)

    @property
    def asker(self) -> Asker:
        """Who lists what, for the failures of a listing."""
        return Asker(host=self.host, principal=self.principal)


def connect(
    profile: str | None,
    *,
    warehouse_id: str | None = None,
    pace: Pace,
    spent: RequestCounts | None = None,
) -> Workspace:
    """Sign in by databricks-sdk's unified authentication and ask who and where one is.

    Without a profile the environment and the configuration file's default say so, by the SDK's
    rules. Without a warehouse the configuration's is taken (`DATABRICKS_WAREHOUSE_ID`,
    `warehouse_id` of the profile).

    Raises `SourceError` where the configuration is missing or wrong, the host cannot be reached
    or does not let the principal in, or the workspace has no metastore; and `Interrupted`.
    """
    counter = RequestCounts() if spent is None else spent
    signed_in = sign_in(profile, pace)
    config = signed_in.config
    # The first requests find out whether the host is there at all, and do not wait long for it.
    first = Rest(
        api_client=_limited(ApiClient(config), config, pace),
        workspace_id=config.workspace_id,
        pace=pace,
        spent=counter,
    )
    metastore = _metastore(first, signed_in.where)
    principal = _principal(first, config, signed_in.where)
    signed_in.be_patient()
    client = WorkspaceClient(config=config)
    rest = Rest(
        api_client=_limited(client.api_client, config, pace),
        workspace_id=config.workspace_id,
        pace=pace,
        spent=counter,
    )
    return Workspace(
        profile=config.profile or "",
        host=config.host,
        metastore_id=metastore["metastore_id"],
        metastore_name=str(metastore.get("name") or ""),
        principal=principal,
        warehouse_id=warehouse_id or config.warehouse_id or None,
        client=client,
        rest=rest,
        spent=counter,
    )


def _limited(client: ApiClient, config: Config, pace: Pace) -> ApiClient:
    limit(client, config.http_timeout_seconds or _SDK_TIMEOUT, pace.clock, pace.connections)
    return client


def _metastore(rest: Rest, where: str) -> Mapping[str, Any]:
    try:
        summary = rest.get(METASTORE)
    except NotFound as error:
        raise _no_metastore(error_text(error), where) from error
    except (OSError, ValueError) as error:
        raise refused(error, where) from error
    if not isinstance(summary.get("metastore_id"), str) or not summary["metastore_id"]:
        raise _no_metastore("the metastore's summary has no id", where)
    return summary


def _principal(rest: Rest, config: Config, where: str) -> str:
    """Return who asks; where the workspace does not tell, the application id, if there is one."""
    try:
        name = rest.get(ME).get("userName")
    except Unauthenticated as error:
        raise refused(error, where) from error
    except (OSError, ValueError):
        name = None
    return name if isinstance(name, str) and name else str(config.client_id or "")


def _no_metastore(reason: str, where: str) -> SourceError:
    return SourceError(
        f"the workspace has no Unity Catalog metastore: {reason}",
        where=where,
        remedy="Use a workspace that a metastore is assigned to, or have an account administrator "
        "assign one.",
    )


def refused(error: Exception, where: str) -> SourceError:
    """Tell why a workspace does not answer the first requests."""
    reason = error_text(error)
    if isinstance(error, Unauthenticated):
        return SourceError(
            f"the workspace doesn't recognise the credentials: {reason}",
            where=where,
            remedy="Sign in again with `databricks auth login --host URL`, or renew the secret of "
            "the profile or the environment.",
        )
    if isinstance(error, PermissionDenied):
        return SourceError(
            f"the workspace doesn't admit the principal: {reason}",
            where=where,
            remedy="Have an administrator add the principal to the workspace, with workspace "
            "access; check the network policy and IP access list, too.",
        )
    if isinstance(error, TimeoutError | TooManyRequests | TemporarilyUnavailable):
        return SourceError(
            f"the workspace can't be reached: {reason}",
            where=where,
            remedy="Check the host's name, the network, the proxy (HTTPS_PROXY) and the "
            "certificate authorities (REQUESTS_CA_BUNDLE).",
        )
    return SourceError(
        f"the host doesn't answer like a workspace: {reason}",
        where=where,
        remedy="Check the host's URL: it is the workspace's, such as "
        "https://adb-1234567890123456.7.azuredatabricks.net, and not the account console's.",
    )


class Asker(Struct, frozen=True, kw_only=True):
    """Who lists what: the workspace's URL, and the user or service principal, empty if unknown."""

    host: str = ""
    principal: str = ""

    def grants(self, *grants: Grant) -> str:
        """Return the statements that give them to the principal."""
        return " ".join(grant.sql(self.principal) for grant in grants)
