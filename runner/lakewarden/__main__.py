"""Where the command begins, of itself and by `python -m lakewarden`."""

import os
import signal
from types import FrameType

_EXIT_INTERRUPTED = 130
"""As `lakewarden.model.errors` has it; importing that is what may be interrupted."""


def main() -> None:
    """Run the command line; Ctrl-C while it is still being imported ends it without a word."""
    ours = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if ours:  # and not ignored, as in the background of a shell
        signal.signal(signal.SIGINT, _leave)
    from lakewarden.cli import main as run  # noqa: PLC0415 -- see above

    if ours:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    run()


def _leave(_signal: int, _frame: FrameType | None) -> None:
    # An exception could be swallowed or reworded by whatever is being imported.
    os._exit(_EXIT_INTERRUPTED)


if __name__ == "__main__":
    main()
