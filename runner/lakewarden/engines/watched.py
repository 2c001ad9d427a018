"""A process of ours that never outlives us, however we end."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, Final

from lakewarden.model.errors import EngineError
from lakewarden_collector import interruption

# The command runs under this shell script, which waits on a pipe whose other end only we hold. A
# line on it asks to end the command; its end means that we died (kill -9 included), and then the
# script first removes the directory that it is told. The shell waits for both its children: orphans
# fall to the first process of a container, which often waits for none, and a long `watch` would
# fill the table of processes. What else is in the session dies with the shell. A pipe needs neither
# Linux (as prctl's parent-death signal does, which also fires when the thread that forked ends) nor
# code between fork and exec, which is unsafe in a process with threads.
_WATCH: Final = """
exec 3<&0
dir=$1
shift
"$@" </dev/null 3<&- &
command=$!
( read -r _ <&3 || [ -z "$dir" ] || rm -rf -- "$dir"; kill -KILL "$command" ) 2>/dev/null &
watch=$!
exec 3<&-
wait "$command"
status=$?
{ kill -KILL "$watch"; wait "$watch"; } 2>/dev/null
[ "$status" -ne 137 ] || kill -KILL "-$$"
exit "$status"
"""

_END_SECONDS: Final = 3.0
_STOP_SECONDS: Final = 0.3

_NOT_RUN: Final = {126, 127}
"""What a shell answers for a file that can't be run, or isn't there."""


def run(
    command: Sequence[str], *, cwd: Path, env: Mapping[str, str], seconds: float
) -> subprocess.CompletedProcess[bytes]:
    """Run a command to its end and return what it wrote.

    Raises `EngineError` if it can't be started or takes longer than `seconds`.
    """
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        process = WatchedProcess(command, cwd=cwd, env=env, stdout=out, stderr=err)
        try:
            code = process.wait(seconds)
        finally:
            process.end()
        if code is None:
            raise EngineError(f"it did not end within {seconds:.0f} seconds", where=command[0])
        out.seek(0)
        err.seek(0)
        done = subprocess.CompletedProcess(command, code, out.read(), err.read())
    if code in _NOT_RUN:
        raise EngineError(done.stderr.decode(errors="replace").strip(), where=command[0])
    return done


class WatchedProcess:
    """A command in a session of its own, so that Ctrl-C in the terminal reaches us alone.

    `removing` is a directory to remove where we die without ending it. Raises `EngineError` if the
    command can't be started. A signal that ends our run ends it at once.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        cwd: Path,
        env: Mapping[str, str],
        stdout: int | IO[bytes],
        stderr: int | IO[bytes],
        removing: Path | None = None,
        pass_fds: Sequence[int] = (),
    ) -> None:
        shell = ["/bin/sh", "-c", _WATCH, "watch", "" if removing is None else str(removing)]
        try:
            self._process = subprocess.Popen(
                [*shell, *command],
                cwd=cwd,
                env=env,
                stdin=subprocess.PIPE,
                stdout=stdout,
                stderr=stderr,
                start_new_session=True,
                pass_fds=pass_fds,
            )
        except OSError as error:
            raise EngineError(f"it can't be started: {error}", where=command[0]) from error
        self._asking = threading.Lock()
        self._withdraw: Callable[[], object] = interruption.on_signal(self.stop)
        if interruption.requested():  # before our act was there
            self.kill()

    @property
    def session(self) -> int:
        """The session in which the command runs, and whatever it starts."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether the command runs."""
        return self._process.poll() is None

    def wait(self, seconds: float | None = None) -> int | None:
        """Wait for the command's end and return its status; None if it goes on for longer."""
        try:
            return self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None

    def end(self) -> None:
        """End the command and everything in its session, at once."""
        self._ask()
        try:
            self.wait(_END_SECONDS)
        finally:
            self.kill()
            self._process.wait()
            self._withdraw()

    def _ask(self) -> None:
        with self._asking:  # a signal's thread may end it while its block is left
            if self._process.stdin is None or self._process.stdin.closed:
                return
            try:
                self._process.stdin.write(b"end\n")
                self._process.stdin.close()
            except OSError:
                return  # it has ended already

    def stop(self) -> None:
        """End the command at once, from any thread; the caller of `end` still has to clear up."""
        self._ask()
        if self.wait(_STOP_SECONDS) is None:
            self.kill()

    def kill(self) -> None:
        """Kill the command and everything in its session, from any thread."""
        try:
            os.killpg(self._process.pid, signal.SIGKILL)
        except OSError:
            return  # nobody of it is left
