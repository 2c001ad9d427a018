"""A workspace on loopback that speaks the real protocol to the unmodified databricks-sdk.

    with Workspace(estate, timing=Timing(), behaviours=[Throttled("list_tables")]) as w:
        client = WorkspaceClient(host=w.url, token=w.token)
        …
        assert w.log.running() == []

It runs in a thread of its own; `process.py` has the same in a process of its own. Such a double
shares every mistake in our reading of the API, so each behaviour stands beside its source.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Final, Self, TypedDict, Unpack

from aiohttp import web

from tests.workspace.estate import PRINCIPAL, Estate
from tests.workspace.log import Log
from tests.workspace.misbehaving import Behaviour
from tests.workspace.results import Limits
from tests.workspace.site import WAREHOUSE_ID, Site
from tests.workspace.timing import Timing

TOKEN: Final = "a-token-of-the-double"  # noqa: S105 -- it opens nothing


class Options(TypedDict, total=False):
    """What a double may be told; see `Timing`, `Limits`, `faults`.

    `keep_calls`: whether its log holds every single request as well as the counts.
    """

    timing: Timing
    limits: Limits
    behaviours: Sequence[Behaviour]
    principal: str
    keep_calls: bool


class Address:
    """How a client reaches a double."""

    url: str
    token: str = TOKEN
    warehouse_id: str = WAREHOUSE_ID

    def profile(self, path: Path, name: str = "DEFAULT", *, warehouse: bool = True) -> None:
        """Add a profile for this double to a configuration file (`~/.databrickscfg`, facts 6)."""
        lines = [f"[{name}]", f"host = {self.url}", f"token = {self.token}"]
        if warehouse:
            lines.append(f"warehouse_id = {self.warehouse_id}")
        with path.open("a") as file:
            file.write("\n".join(lines) + "\n\n")


class Workspace(Address):
    """The double in a thread; a context manager. The estate may be changed while it runs."""

    def __init__(self, estate: Estate, **options: Unpack[Options]) -> None:
        self._site = Site(
            estate,
            timing=options.get("timing") or Timing(),
            limits=options.get("limits") or Limits(),
            behaviours=options.get("behaviours", ()),
            principal=options.get("principal", PRINCIPAL),
            token=self.token,
            keep_calls=options.get("keep_calls", True),
        )
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="workspace double", daemon=True)
        self._ready = threading.Event()
        self._stopping: asyncio.Event | None = None
        self._failure: BaseException | None = None

    @property
    def log(self) -> Log:
        """What was asked so far; it goes on changing while requests come."""
        return self._site.log

    def misbehave(self, *behaviours: Behaviour) -> None:
        """Replace the behaviours from now on; without any, all goes well."""
        self._site.behaviours.active = behaviours

    def __enter__(self) -> Self:
        self._thread.start()
        self._ready.wait()
        if self._failure is not None:
            raise self._failure
        self.url = self._site.url
        return self

    def __exit__(self, *_: object) -> None:
        if self._stopping is not None:
            self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._serve())
        except BaseException as error:  # noqa: BLE001 -- told to the thread that waits
            self._failure = error
            self._ready.set()
        finally:
            self._loop.close()

    async def _serve(self) -> None:
        self._stopping = asyncio.Event()
        runner = await serve(self._site)
        self._ready.set()
        await self._stopping.wait()
        await runner.cleanup()
        self._site.close()
        left = asyncio.all_tasks() - {asyncio.current_task()}
        for task in left:  # answers that nobody waits for any more
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)


async def serve(site: Site) -> web.ServerRunner:
    """Open a site on a free port of loopback."""
    site.begin()
    runner = web.ServerRunner(
        web.Server(site.handle, access_log=None),
        shutdown_timeout=0.1,
    )
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, backlog=1024).start()
    host, port = runner.addresses[0][:2]
    site.opened(f"http://{host}:{port}")
    return runner
