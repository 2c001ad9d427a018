"""Beside Conftest and Checkov: `make peers`, then `python -m benchmarks.peers`.

Runs each tool with each form of one rule on the plans beside this file, and prints the table of
docs/beside-conftest-and-checkov.md. `--write` puts it there.
"""

from __future__ import annotations

import argparse

from benchmarks.peers.page import PAGE, measured, with_table


def main() -> None:
    """Measure, and print or write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help=f"write the table into {PAGE.name}")
    arguments = parser.parse_args()
    table = measured()
    if arguments.write:
        PAGE.write_text(with_table(PAGE.read_text(), table))
    else:
        print(table)


if __name__ == "__main__":
    main()
