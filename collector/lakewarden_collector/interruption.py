"""How a signal ends a run: within two seconds, whatever is going on.

The main thread gets a `KeyboardInterrupt` and clears up by leaving its blocks. That may take too
long or never happen: it may be inside a library's C code, where no handler of Python's runs, or
wait for a thread that waits for a host. So a thread of ours learns of the signal, too, from the
file descriptor that Python's C handler writes to. It ends at once what others may be waiting for,
and after a while the process.
"""

from __future__ import annotations

import os
import select
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from stat import S_ISCHR
from types import FrameType
from typing import Final

EXIT_INTERRUPTED: Final = 130
EXIT_TERMINATED: Final = 143

_GRACE_SECONDS: Final = 1.0
"""How long the main thread may take to leave its blocks."""

_LAST_ACTS_SECONDS: Final = 0.3
_THREAD: Final = "signals"

Act = Callable[[], object]


class Terminated(KeyboardInterrupt):
    """SIGTERM has asked us to end."""


_WORDS: Final = {
    signal.SIGINT: "interrupted",
    signal.SIGTERM: "terminated",
    signal.SIGHUP: "interrupted",
}


class _State:
    """What the signal handler and the two threads tell each other."""

    number: int = 0
    """The signal that ends this run; 0 while there was none."""
    raised = False
    noted = False


_state: Final = _State()
_at_once: Final[dict[object, Act]] = {}
_at_last: Final[dict[object, Act]] = {}


def requested() -> bool:
    """Whether a signal has asked this process to end, so that nothing should be begun."""
    return _state.number != 0


def exit_code() -> int:
    """Return the exit code of a run that a signal ended: 143 after SIGTERM, else 130."""
    return EXIT_TERMINATED if _state.number == signal.SIGTERM else EXIT_INTERRUPTED


def word() -> str:
    """Return the word for what has happened, which is then not printed a second time."""
    _state.noted = True
    return _WORDS[signal.Signals(_state.number or signal.SIGINT)]


def on_signal(act: Act) -> Act:
    """Have `act` called as soon as a signal arrives, on another thread; returns what withdraws it.

    For what others may be waiting for: a process, or an answer. Errors of `act` are ignored.
    """
    return _kept(_at_once, act)


def before_forced_end(act: Act) -> Act:
    """Have `act` called before the process is ended by force; returns what withdraws it.

    For what would stay behind: a temporary folder, a file that is half written.
    """
    return _kept(_at_last, act)


def _kept(acts: dict[object, Act], act: Act) -> Act:
    key = object()
    acts[key] = act
    return lambda: acts.pop(key, None)


def others_at_work() -> bool:
    """Whether a thread is still at work beside the main one and ours.

    The process must then end by `os._exit`: a thread that comes back from a library's native code
    while the interpreter shuts down aborts it.
    """
    return any(
        each is not threading.main_thread() and each.name != _THREAD
        for each in threading.enumerate()
    )


def install() -> None:
    """Let SIGINT, SIGTERM and SIGHUP end this process as told above. For the main thread alone.

    SIGINT and SIGHUP stay ignored where our parent process ignores them, as nohup does.
    """
    ending, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    threading.Thread(target=_watch, args=[ending], name=_THREAD, daemon=True).start()
    for number in _WORDS:
        if number == signal.SIGTERM or signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _interrupt)


def _interrupt(number: int, _frame: FrameType | None) -> None:
    """Interrupt the main thread once: a second one would end its clearing up half-way."""
    if _state.raised:
        return
    _state.raised = True
    for each in _WORDS:  # also of the interpreter, which ends with Python's handlers gone
        signal.signal(each, signal.SIG_IGN)
    _state.number = _state.number or number
    if number == signal.SIGHUP:
        _leave_terminal()
    raise Terminated if number == signal.SIGTERM else KeyboardInterrupt


def _leave_terminal() -> None:
    """Write to no terminal that is gone, whose errors would end the clearing up half-way."""
    for stream in (1, 2):
        with suppress(OSError):
            if S_ISCHR(os.fstat(stream).st_mode) and not os.isatty(stream):
                nowhere = os.open(os.devnull, os.O_WRONLY)
                os.dup2(nowhere, stream)
                os.close(nowhere)


def _watch(ending: int) -> None:
    number = 0
    while number not in _WORDS:
        number = os.read(ending, 1)[0]
    _state.number = _state.number or number
    _do(_at_once)
    time.sleep(_GRACE_SECONDS)
    with suppress(RuntimeError):  # where the interpreter is ending, no thread can be started
        acts = threading.Thread(target=_do, args=[_at_last], daemon=True)
        acts.start()
        acts.join(_LAST_ACTS_SECONDS)
    with suppress(OSError):
        _say_last()
    os._exit(exit_code())


def _do(acts: dict[object, Act]) -> None:
    for act in reversed(list(acts.values())):
        with suppress(Exception):
            act()


def _say_last() -> None:
    """Show the terminal's cursor, which a progress bar hides, and say the word if nobody has."""
    text = "" if _state.noted else f"{word()}\n"
    if os.isatty(2):
        text = f"\x1b[?25h{text}"
    if text and select.select([], [2], [], 0)[1]:
        os.write(2, text.encode())
