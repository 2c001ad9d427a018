"""Where the command begins, of itself and by `python -m lakewarden`."""

import os
import signal

_EXIT_SIGNALLED = 128
"""Added to a signal's number, as shells do: 130 for SIGINT, 143 for SIGTERM."""


def main() -> None:
    """Run the command line; a signal before and after that ends it without a word."""
    _leave_at_once()
    from lakewarden.cli import main as run  # noqa: PLC0415 -- importing is what may be interrupted
    from lakewarden_collector import interruption  # noqa: PLC0415 -- as above

    interruption.install()
    try:
        run()
    except SystemExit as ending:
        if not interruption.requested():
            _leave_at_once()
        if isinstance(ending.code, int) and interruption.others_at_work():
            os._exit(ending.code)
        raise


def _leave_at_once() -> None:
    """Let a signal end the process, where an exception would be swallowed, reworded or shown."""
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:  # as in the background of a shell
        signal.signal(signal.SIGINT, _leave)
    signal.signal(signal.SIGTERM, _leave)


def _leave(number: int, _frame: object) -> None:
    os._exit(_EXIT_SIGNALLED + number)


if __name__ == "__main__":
    main()
