"""Keeps every run in a Delta table, and says what earlier runs mean for the next one."""

import os

# delta-rs reads this at its import. It warns of each place in which it finds no credentials.
os.environ.setdefault("RUST_LOG", "error")
