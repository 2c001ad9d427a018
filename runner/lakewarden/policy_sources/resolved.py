"""A policy source that is open: the folder for the run, and what is pinned of it."""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct

from lakewarden.model.report import PinnedSource
from lakewarden.policy_sources.source import PolicySource


class ResolvedSource(Struct, frozen=True, kw_only=True):
    """A policy source, the folder that has its policies for now, and what they are."""

    source: PolicySource
    root: Path
    pin: PinnedSource

    def named(self, text: str) -> str:
        """Return a text in which files of the folder are called as the user knows them."""
        if str(self.root) == str(self.source):
            return text
        return text.replace(f"{self.root}/", f"{self.source}: ").replace(
            str(self.root), str(self.source)
        )
