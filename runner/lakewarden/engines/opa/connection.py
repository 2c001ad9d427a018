"""The HTTP connection to an OPA server: opa-python-client, and what it lacks.

Importing this module imports opa-python-client, which takes a quarter of a second: do it late.
"""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any, Final
from urllib.parse import SplitResult, urlsplit

import msgspec
import requests
from msgspec import UNSET, Raw, Struct, UnsetType
from opa_client.opa import OpaClient
from requests.utils import get_environ_proxies
from urllib3.exceptions import HTTPError
from urllib3.util.retry import Retry

from lakewarden.engines.install.download import trusted_authorities
from lakewarden.engines.interface import MOST_ANSWER_BYTES, REQUEST_SECONDS, too_long
from lakewarden.engines.opa.sockets import UNIX, UNIX_ROOT, ServerAdapter, UnixSocket
from lakewarden.model.errors import ConfigurationError, EngineError, EvaluationError
from lakewarden_collector import interruption
from lakewarden_collector.decoding import decoder

_DECISIONS: Final = "data/lakewarden/main/decisions?strict-builtin-errors=true"
_CONNECT_SECONDS: Final = 3.0
_CHUNK_BYTES: Final = 1 << 18


class Tls(Struct, frozen=True, kw_only=True):
    """Files for https: the authority to trust, and our certificate with its key for mutual TLS."""

    ca: Path | None = None
    cert: Path | None = None
    key: Path | None = None


class ConnectionLostError(EngineError):
    """The server could not be reached, or went away in the middle of a request."""


class ServerModule(Struct, frozen=True):
    """A policy as `GET /v1/policies` tells it: its id, its text, its syntax tree."""

    id: str
    raw: str = ""
    ast: dict[str, Any] = {}


class _Policies(Struct):
    result: list[ServerModule] = []


class _Answer(Struct):
    result: Raw | UnsetType = UNSET


class _Location(Struct):
    file: str = ""
    row: int = 0


class _ErrorDetail(Struct):
    message: str = ""
    location: _Location | None = None


class _Error(Struct):
    code: str = ""
    message: str = ""
    errors: list[_ErrorDetail] = []


_decode_answer: Final = decoder(_Answer).decode
_decode_policies: Final = decoder(_Policies).decode
_decode_error: Final = decoder(_Error).decode


class Connection(OpaClient):  # type: ignore[misc]  # opa-python-client ships no types
    """One server, any number of threads (`connections` of them without waiting)."""

    def __init__(
        self,
        url: str,
        *,
        token: str | None = None,
        tls: Tls | None = None,
        unix: UnixSocket | None = None,
        connections: int = 8,
        places: Collection[str] = (),
    ) -> None:
        self.url = url.rstrip("/")
        self._unix = unix or _unix_socket(self.url)
        root = self.url if self._unix is None else UNIX_ROOT
        parts = _split(root)
        self._pool = connections
        self._tls = tls or Tls()
        self._places = places
        self._loopback = _is_loopback(parts.hostname or "")
        super().__init__(
            host=f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname,
            port=parts.port or (443 if parts.scheme == "https" else 80),
            ssl=parts.scheme == "https",
            cert=_certificate(self._tls),
            token=token,
            timeout=(_CONNECT_SECONDS, REQUEST_SECONDS),
        )
        self._withdraw = interruption.on_signal(self._adapter.cut_all)
        self.root_url = f"{root}/v1"  # keeps a path in front of /v1, as behind a gateway

    def _init_session(self) -> requests.Session:
        session: requests.Session = super()._init_session()
        # Nothing is taken from the environment unasked: a proxy breaks loopback, .netrc replaces
        # the token, and REQUESTS_CA_BUNDLE would win over the authority that was named.
        session.trust_env = False
        if self._loopback:
            session.headers["Accept-Encoding"] = "identity"  # packing costs more than it saves
        else:
            session.proxies.update(get_environ_proxies(self.url))
        session.verify = str(self._tls.ca) if self._tls.ca else trusted_authorities()
        # Only the making of a connection is repeated: a 500 is an answer.
        retry = Retry(connect=2, read=0, status=0, redirect=0, other=0, backoff_factor=0.1)
        self._adapter = ServerAdapter(self._pool, retry, self._unix)
        session.mount("http://", self._adapter)
        session.mount("https://", self._adapter)
        return session

    def decide(self, request: bytes) -> bytes:
        """Evaluate the router's `decisions` with the JSON `request` as input; see `Engine`."""
        body = b'{"input":' + request + b"}"
        answer = self._ask("POST", _DECISIONS, body, longest=MOST_ANSWER_BYTES)
        if not answer.ok:
            raise self._refusal(answer)
        try:
            result = _decode_answer(answer.content).result
        except RecursionError as error:
            raise EvaluationError("the answer is nested too deeply") from error
        except msgspec.DecodeError as error:
            raise self._strange(answer) from error
        if result is UNSET:
            raise EngineError(
                "OPA has no rule data.lakewarden.main.decisions: the router is missing",
                where=self.url,
                remedy="The policies must include lakewarden/main, which ships with Lakewarden.",
            )
        return bytes(result)

    def policies(self) -> Sequence[ServerModule]:
        """Return every module of the server, in one request."""
        answer = self._ask("GET", "policies")
        if not answer.ok:
            raise self._refusal(answer)
        try:
            return _decode_policies(answer.content).result
        except (msgspec.DecodeError, RecursionError) as error:
            raise self._strange(answer) from error

    def server_version(self) -> str:
        """Return OPA's version as the server's provenance has it."""
        answer = self._ask("GET", "data/lakewarden/main/nothing?provenance=true")
        if not answer.ok:
            raise self._refusal(answer)
        try:
            return str(answer.json()["provenance"]["version"])
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise self._strange(answer) from error

    def close_connection(self) -> None:
        """Close all connections."""
        self._withdraw()
        super().close_connection()

    def _ask(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        longest: int | None = None,
    ) -> requests.Response:
        """Send a request and read the whole answer, both within `REQUEST_SECONDS`.

        `longest` is how many bytes the answer may have; more are an `EvaluationError`.
        """
        with self._adapter.deadline(REQUEST_SECONDS) as is_over:
            try:
                answer: requests.Response = self._session.request(
                    method,
                    f"{self.root_url}/{path}",
                    data=body,
                    headers={"Content-Type": "application/json"},
                    timeout=self.timeout,
                    allow_redirects=False,
                    stream=True,
                )
                with answer:
                    _read(answer, longest)
            except (requests.RequestException, OSError, HTTPError) as error:
                raise self._lost(error, is_over=is_over()) from error
            if is_over():  # what was cut may look like the end of an answer
                raise self._too_late()
        return answer

    def _lost(self, error: Exception, *, is_over: bool) -> EngineError:
        """Return the error to raise where there was no whole answer."""
        if is_over or isinstance(error, requests.ReadTimeout):
            return self._too_late()
        if isinstance(error, requests.exceptions.SSLError):
            return EngineError(
                f"no trusted TLS connection to the OPA server: {error}",
                where=self.url,
                remedy="Name the authority that signed its certificate with --opa-ca-cert.",
            )
        return ConnectionLostError(
            f"the OPA server can't be reached: {error}",
            where=self.url,
            remedy="Start it (`make opa-up`) or correct OPA_URL; "
            "without OPA_URL, a server is started for the run.",
        )

    def _too_late(self) -> EngineError:
        return EngineError(
            f"OPA did not answer within {REQUEST_SECONDS:.0f} seconds", where=self.url
        )

    def _refusal(self, answer: requests.Response) -> Exception:
        """Turn an error answer into the error to raise."""
        status = answer.status_code
        if status in {requests.codes.unauthorized, requests.codes.forbidden}:
            return ConfigurationError(
                "the OPA server refuses the token",
                where=self.url,
                remedy="Set OPA_TOKEN to the server's token, or name its file.",
            )
        try:
            refused = _decode_error(answer.content)
        except (msgspec.DecodeError, RecursionError):
            return self._strange(answer)
        first = refused.errors[0] if refused.errors else _ErrorDetail()
        message = first.message or refused.message or f"HTTP {status}"
        if status in {
            requests.codes.bad_request,
            requests.codes.request_entity_too_large,
            requests.codes.server_error,
        }:
            return EvaluationError(f"OPA: {message}", where=self._place(first.location))
        return EngineError(f"OPA answers HTTP {status}: {message}", where=self.url)

    def _place(self, location: _Location | None) -> str:
        if location is None or not location.file:
            return ""
        for path in self._places:  # the same wherever the policies lie, as a replay needs it
            if location.file.endswith(f"/{path}"):
                return f"{path}:{location.row}"
        return f"{location.file}:{location.row}"

    def _strange(self, answer: requests.Response) -> EngineError:
        return EngineError(
            f"this isn't an OPA server: it answers HTTP {answer.status_code}, "
            f"{answer.content[:200].decode(errors='replace')!r}",
            where=self.url,
            remedy="Correct OPA_URL, for example http://127.0.0.1:8181.",
        )


def _read(answer: requests.Response, longest: int | None) -> None:
    """Read an answer into its `content`; `EvaluationError` if it is longer than `longest`."""
    parts: list[bytes] = []
    length = 0
    for part in answer.iter_content(_CHUNK_BYTES):
        parts.append(part)
        length += len(part)
        if longest is not None and length > longest:
            raise too_long(length)
    answer._content = b"".join(parts)  # noqa: SLF001 -- as requests itself does


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        usable = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        usable = False
        parts = SplitResult("", "", "", "", "")
    if not usable:
        raise ConfigurationError(
            "this isn't a URL of an OPA server",
            where=url,
            remedy="Write it as http://127.0.0.1:8181, https://opa.example.com "
            "or unix:///path/to/socket.",
        )
    return parts


def _unix_socket(url: str) -> UnixSocket | None:
    """Return the socket that an address `unix:///path` names; the path is taken as written."""
    if not url.startswith(UNIX):
        return None
    path = url.removeprefix(UNIX)
    if not os.path.isabs(path):  # noqa: PTH117 -- only its form is asked for
        raise ConfigurationError(
            "this is not the absolute path of a Unix socket",
            where=url,
            remedy="Write it as unix:///path/to/socket, with three slashes.",
        )
    return UnixSocket(path=path)


def _certificate(tls: Tls) -> str | tuple[str, str] | None:
    if tls.cert is None:
        return None
    return (str(tls.cert), str(tls.key)) if tls.key else str(tls.cert)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
