"""Find OPA, or get the pinned one, and print its path: `lakewarden opa install` for make.

It imports little more than the standard library, so that OPA is fetched while pip installs.
"""

from __future__ import annotations

import sys

from lakewarden.engines.install.install import install_opa
from lakewarden.model.errors import EXIT_BROKEN, EXIT_USAGE, ConfigurationError
from lakewarden_collector.errors import Problem


def main() -> int:
    """Run the command; return its exit code."""
    try:
        found = install_opa(_note)
    except Problem as problem:
        for line in (f"error: {problem}", f"  Fix: {problem.remedy}"):
            _note(line)
        return EXIT_USAGE if isinstance(problem, ConfigurationError) else EXIT_BROKEN
    except KeyboardInterrupt:
        return 130
    sys.stdout.write(f"{found.path}\n")
    return 0


def _note(line: str) -> None:
    """Write lines to stderr; what a server said in them cannot steer a terminal."""
    sys.stderr.write("".join(c if c.isprintable() or c == "\n" else "\ufffd" for c in line) + "\n")


if __name__ == "__main__":
    sys.exit(main())
