"""The Statement Execution API: `/api/2.0/sql/statements` (facts 1.1; SDK, service/sql.py)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Final

import msgspec

from tests.workspace.behaviours import Behaviours
from tests.workspace.estate import Estate, Json, Refused, SqlError, Table, Value
from tests.workspace.log import Log, Sent
from tests.workspace.results import MIB, Limits, Links, Result
from tests.workspace.timing import ModelClock, Timing
from tests.workspace.warehouse import Job, Warehouse

_WAIT: Final = re.compile(r"(0|[5-9]|[1-4][0-9]|50)s")
_DEFAULT_WAIT: Final = 10.0
_MARKER_TYPES_REFUSED: Final = ("ARRAY", "MAP", "STRUCT")
_MOST_TAGS: Final = 20


class StatementApi:
    """Takes statements, runs them in the warehouse, and tells what became of them."""

    def __init__(
        self,
        estate: Estate,
        *,
        warehouse_id: str,
        timing: Timing,
        limits: Limits,
        behaviours: Behaviours,
        clock: ModelClock,
        log: Log,
        links: Links,
    ) -> None:
        self._estate = estate
        self._warehouse_id = warehouse_id
        self._timing = timing
        self._limits = limits
        self._behaviours = behaviours
        self._clock = clock
        self._log = log
        self._links = links
        self._jobs: dict[str, Job] = {}
        self._results: dict[str, Result] = {}
        self.warehouse = Warehouse(timing, clock, log)

    async def execute(self, body: bytes) -> Json:
        """POST: take a statement, wait for it as long as asked to, and tell its state."""
        asked = msgspec.json.decode(body)
        wait = _wait_seconds(asked)
        job = self._job(asked, self._checked(asked))
        self.warehouse.submit(job)
        if not job.done and wait:
            await self.warehouse.wait(job, wait)
            if asked.get("on_wait_timeout") == "CANCEL":
                self.warehouse.cancel(job)
        return self._reported(job)

    def poll(self, statement_id: str) -> Json:
        """GET: tell the state, and with SUCCEEDED the manifest and the first chunk."""
        job = self._found(statement_id)
        job.sent.polls += 1
        ended = job.sent.ended
        if self._timing.lag and ended is not None and self._clock.now() < ended + self._timing.lag:
            return {"statement_id": statement_id, "status": {"state": "RUNNING"}}
        return self._reported(job)

    def chunk(self, statement_id: str, index: int) -> Json:
        """GET one chunk of a result."""
        job = self._found(statement_id)
        if job.sent.state != "SUCCEEDED":
            raise Refused(400, "BAD_REQUEST", f"Statement {statement_id} has no result")
        return self._result(job).chunk(index)

    def cancel(self, statement_id: str) -> Json:
        """Cancel; the answer is empty and promises nothing (facts 1.1)."""
        job = self._found(statement_id)
        if not self._behaviours.deaf(job.sent.text):
            self.warehouse.cancel(job)
        return {}

    def _job(self, asked: Json, disposition: str) -> Job:
        text = asked["statement"]
        tags = asked.get("query_tags") or []
        sent = Sent(
            statement_id=f"01f0beef-{len(self._jobs):08x}",
            text=text,
            disposition=disposition,
            warehouse_id=asked["warehouse_id"],
            parameters={p["name"]: p.get("value") for p in asked.get("parameters") or []},
            tags={tag["key"]: tag.get("value") or "" for tag in tags[:_MOST_TAGS]},
            sent=self._clock.now(),
        )
        failure = self._behaviours.fails(text)

        def run() -> Table:
            if failure is not None:
                raise failure
            table = self._estate.execute(text, _cast(asked.get("parameters") or []))
            result = Result(sent.statement_id, table, disposition, self._limits, self._links)
            self._results[sent.statement_id] = result
            return table

        seconds = self._timing.statement_seconds(text) + self._behaviours.slower(text)
        # A SELECT may take a while in SQLite; it must not stop the other requests.
        apart = self._estate.blocking or text.lstrip()[:6].upper() == "SELECT"
        job = Job(sent, run, seconds, apart and failure is None)
        self._jobs[sent.statement_id] = job
        self._log.statements.append(sent)
        return job

    def _checked(self, asked: Json) -> str:
        """Return the disposition; raises `Refused` for a request that breaks the API's rules."""
        text = asked.get("statement")
        if not isinstance(text, str) or not text.strip():
            raise _invalid("statement is missing")
        if len(text.encode()) > 16 * MIB:
            raise _invalid("statement is longer than 16 MiB")
        if asked.get("warehouse_id") != self._warehouse_id:
            # How a warehouse that is not there is told is unverified.
            raise Refused(
                404, "RESOURCE_DOES_NOT_EXIST", f"Warehouse {asked.get('warehouse_id')} not found"
            )
        disposition = asked.get("disposition", "INLINE")
        form = asked.get("format", "JSON_ARRAY")
        if disposition not in ("INLINE", "EXTERNAL_LINKS"):
            raise _invalid(f"disposition {disposition}")
        if form != "JSON_ARRAY":
            raise _invalid(f"format {form}: the double speaks JSON_ARRAY only")
        if disposition == "EXTERNAL_LINKS" and not self._limits.external_links:
            # That support can disable them is in the SDK; the words of the refusal are unverified.
            raise _invalid("The EXTERNAL_LINKS disposition is disabled for this workspace")
        for parameter in asked.get("parameters") or []:
            if str(parameter.get("type", "STRING")).split("<")[0] in _MARKER_TYPES_REFUSED:
                raise _invalid(f"a parameter of type {parameter['type']}")
        return str(disposition)

    def _found(self, statement_id: str) -> Job:
        job = self._jobs.get(statement_id)
        if job is None:
            raise Refused(404, "NOT_FOUND", f"Statement {statement_id} does not exist")
        return job

    def _result(self, job: Job) -> Result:
        return self._results[job.sent.statement_id]

    def _reported(self, job: Job) -> Json:
        """Return `StatementResponse`: FAILED too is an HTTP 200 (facts 1.1)."""
        status: Json = {"state": job.sent.state}
        answer: Json = {"statement_id": job.sent.statement_id, "status": status}
        if job.sent.state == "FAILED" and job.error is not None:
            status["error"] = {"error_code": job.error.error_code, "message": str(job.error)}
            status["sql_state"] = job.error.sql_state
        elif job.sent.state == "SUCCEEDED":
            result = self._result(job)
            answer["manifest"] = result.manifest()
            answer["result"] = result.chunk(0)
        return answer


def _wait_seconds(asked: Json) -> float:
    """Return `wait_timeout` in seconds: 0 or 5 to 50, 10 where it is absent (facts 1.1)."""
    text = asked.get("wait_timeout")
    if text is None:
        return _DEFAULT_WAIT
    if not isinstance(text, str) or not _WAIT.fullmatch(text):
        raise _invalid(f"wait_timeout {text!r}: it must be 0s or between 5s and 50s")
    return float(text[:-1])


def _invalid(message: str) -> Refused:
    return Refused(400, "INVALID_PARAMETER_VALUE", message)


def _cast(parameters: list[Json]) -> dict[str, Value]:
    """Return the named parameters as the types they declare; an absent value is NULL."""
    cast: dict[str, Value] = {}
    for parameter in parameters:
        text, kind = parameter.get("value"), str(parameter.get("type", "STRING")).upper()
        try:
            cast[parameter["name"]] = (
                None if text is None else _CASTS.get(kind.split("(")[0], str)(text)
            )
        except (ValueError, InvalidOperation) as error:
            raise SqlError(
                "22018",
                "CAST_INVALID_INPUT",
                f'The value \'{text}\' of the type "STRING" cannot be cast to "{kind}"',
            ) from error
    return cast


def _boolean(text: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise ValueError(text)
    return text.lower() == "true"


_CASTS: Final[dict[str, Callable[[str], Value]]] = {
    **dict.fromkeys(("INT", "BIGINT", "LONG", "SMALLINT", "TINYINT", "SHORT", "BYTE"), int),
    "DOUBLE": float,
    "FLOAT": float,
    "DECIMAL": Decimal,
    "BOOLEAN": _boolean,
    "DATE": date.fromisoformat,
    "TIMESTAMP": datetime.fromisoformat,
}
