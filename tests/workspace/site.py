"""The requests of the double: who may ask, what answers, how late, and what goes wrong."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from urllib.parse import unquote

import msgspec
from aiohttp import web

from tests.workspace.behaviours import Behaviours
from tests.workspace.estate import Estate, Json, Refused
from tests.workspace.listing import ListingApi
from tests.workspace.log import Call, Log
from tests.workspace.misbehaving import Behaviour, Hang, Refusal, Reset, Trouble
from tests.workspace.results import Limits, Links
from tests.workspace.routes import route
from tests.workspace.statements import StatementApi
from tests.workspace.timing import Bucket, ModelClock, Timing

WAREHOUSE_ID: Final = "0123456789abcdef"

_LISTS: Final = frozenset(
    {"list_catalogs", "list_schemas", "list_tables", "table_summaries", "get_table"}
)
_POSTED: Final = frozenset({"execute", "cancel"})
_TOO_MANY: Final = Refusal(429, "RESOURCE_EXHAUSTED", "Too many requests", "1")


class Site:
    """Answers requests. `begin` is called in the event loop, `opened` once the port is known."""

    url: str
    log: Log

    def __init__(
        self,
        estate: Estate,
        *,
        timing: Timing,
        limits: Limits,
        behaviours: Sequence[Behaviour],
        principal: str,
        token: str,
        keep_calls: bool,
    ) -> None:
        self.log = Log()
        self.behaviours = Behaviours(behaviours)
        self._estate = estate
        self._timing = timing
        self._limits = limits
        self._principal = principal
        self._authorization = f"Bearer {token}"
        self._keep_calls = keep_calls
        self._listing = ListingApi(estate, limits, self.behaviours)
        self._lists_in_flight = 0

    def begin(self) -> None:
        """Start the model's time."""
        self._clock = ModelClock(self._timing.speed)
        self._lists = Bucket(self._timing.list_rate, self._clock)
        self._posts = Bucket(self._timing.statement_rate, self._clock)

    def opened(self, url: str) -> None:
        """Learn the address, which links to results need."""
        self.url = url
        links = Links(url, self._limits.link_seconds, self._clock.now, self._timing.speed)
        self._links = links
        self._statements = StatementApi(
            self._estate,
            warehouse_id=WAREHOUSE_ID,
            timing=self._timing,
            limits=self._limits,
            behaviours=self.behaviours,
            clock=self._clock,
            log=self.log,
            links=links,
        )

    def close(self) -> None:
        """Let go of what the site holds."""
        self._statements.warehouse.close()

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request."""
        path = request.rel_url.raw_path
        kind, argument = route(request.method, path)
        if kind == "log":
            return _answer(200, msgspec.json.encode(self.log))
        log = self.log
        log.in_flight += 1
        log.peak_in_flight = max(log.peak_in_flight, log.in_flight)
        at = self._clock.now()
        try:
            response = await self._answered(request, kind, argument)
        finally:
            log.in_flight -= 1
        call = Call(
            kind=kind,
            target=unquote(path),
            query=dict(request.rel_url.query) if self._keep_calls else {},
            status=0 if response is None else response.status,
            at=at,
            agent=request.headers.get("User-Agent", "") if self._keep_calls else "",
        )
        log.answered(call, keep=self._keep_calls)
        if response is None:
            if request.transport is not None:
                request.transport.abort()
            return web.Response(status=500)
        return response

    async def _answered(
        self, request: web.BaseRequest, kind: str, argument: tuple[str, ...]
    ) -> web.Response | None:
        """Return the answer, or None where the connection is to be reset."""
        body = await request.content.read() if kind in _POSTED else b""
        key = body.decode() if kind == "execute" else request.rel_url.raw_path_qs
        trouble = self.behaviours.before(kind, key) or self._limited(kind)
        if isinstance(trouble, Hang):
            await self._clock.sleep(trouble.seconds)
        elif trouble is not None:
            return _troubled(trouble)
        if kind == "link":
            return self._fetched(request, argument[0])
        if kind != "config" and request.headers.get("Authorization") != self._authorization:
            return _refused(
                Refused(
                    401,
                    "UNAUTHENTICATED",
                    "Credential was not sent or was of an unsupported type for this API.",
                )
            )
        try:
            response = _answer(
                200, msgspec.json.encode(await self._answer(kind, argument, request, body))
            )
        except Refused as refusal:
            response = _refused(refusal)
        trouble = self.behaviours.after(kind, key)
        if isinstance(trouble, Hang):
            await self._clock.sleep(trouble.seconds)
        elif trouble is not None:
            return _troubled(trouble)
        return response

    def _limited(self, kind: str) -> Trouble | None:
        """Return a 429 where the model's rate is exceeded."""
        if kind in _LISTS:
            most = self._timing.concurrent_lists
            if not self._lists.take() or (most is not None and self._lists_in_flight >= most):
                return _TOO_MANY
        elif kind == "execute" and not self._posts.take():
            return _TOO_MANY
        return None

    async def _answer(
        self, kind: str, argument: tuple[str, ...], request: web.BaseRequest, body: bytes
    ) -> Json:
        if kind in _LISTS:
            self._lists_in_flight += 1
            try:
                answer = self._listed(kind, argument, request)
                rows = sum(len(v) for v in answer.values() if isinstance(v, list))
                await self._clock.sleep(
                    self._timing.list_seconds + rows * self._timing.list_row_seconds
                )
            finally:
                self._lists_in_flight -= 1
            return answer
        await self._clock.sleep(self._timing.request_seconds)
        match kind:
            case "execute":
                return await self._statements.execute(body)
            case "poll":
                return self._statements.poll(*argument)
            case "chunk":
                return self._statements.chunk(argument[0], int(argument[1]))
            case "cancel":
                return self._statements.cancel(*argument)
        return self._about(kind, argument)

    def _listed(self, kind: str, argument: tuple[str, ...], request: web.BaseRequest) -> Json:
        query = request.rel_url.query
        match kind:
            case "list_catalogs":
                return self._listing.catalogs(query)
            case "list_schemas":
                return self._listing.schemas(query)
            case "list_tables":
                return self._listing.tables(query)
            case "table_summaries":
                return self._listing.summaries(query)
        return self._listing.table(argument[0])

    def _about(self, kind: str, argument: tuple[str, ...]) -> Json:
        """Answer the small questions: metastore, principal, warehouse.

        SDK: MetastoresAPI.summary, CurrentUserAPI.me, WarehousesAPI.get.
        """
        if kind == "config":  # SDK oidc.py, get_host_metadata
            return {"oidc_endpoint": f"{self.url}/oidc", "workspace_id": "1234567890123456"}
        if kind == "me":
            return {"id": "42", "userName": self._principal, "active": True}
        if kind == "metastore_summary":
            return {
                "metastore_id": self._estate.metastore_id,
                "name": "metastore of the double",
                "region": "eu-central-1",
                "cloud": "aws",
            }
        if kind == "list_warehouses":
            return {"warehouses": [self._warehouse()]}
        if kind == "warehouse":
            if argument[0] != WAREHOUSE_ID:
                raise Refused(404, "RESOURCE_DOES_NOT_EXIST", f"No warehouse {argument[0]}")
            return self._warehouse()
        raise Refused(404, "ENDPOINT_NOT_FOUND", "No API found for this request")

    def _warehouse(self) -> Json:
        return {
            "id": WAREHOUSE_ID,
            "name": "warehouse of the double",
            "state": self._statements.warehouse.state,
            "warehouse_type": "PRO",
            "enable_serverless_compute": True,
            "cluster_size": "2X-Small",
        }

    def _fetched(self, request: web.BaseRequest, secret: str) -> web.Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        try:
            return _answer(200, self._links.fetch(secret, headers))
        except Refused as refusal:
            text = f"<Error><Code>{refusal.error_code}</Code><Message>{refusal}</Message></Error>"
            return web.Response(status=refusal.status, text=text, content_type="application/xml")


def _answer(status: int, body: bytes) -> web.Response:
    return web.Response(status=status, body=body, content_type="application/json")


def _troubled(trouble: Trouble) -> web.Response | None:
    if isinstance(trouble, Reset):
        return None
    assert isinstance(trouble, Refusal)
    response = _refused(Refused(trouble.status, trouble.error_code, trouble.message))
    if trouble.retry_after is not None:
        response.headers["Retry-After"] = trouble.retry_after
    return response


def _refused(refusal: Refused) -> web.Response:
    body = {"error_code": refusal.error_code, "message": str(refusal)}
    return _answer(refusal.status, msgspec.json.encode(body))
