"""How references and addresses of repositories are written, and what is never shown of them."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import SplitResult, urlsplit, urlunsplit

from msgspec import Struct

from lakewarden.model.errors import ConfigurationError

_UNSAFE: Final = re.compile(r"^[-+^]|[\x00-\x20\x7f:?*\[\\]|^$")
"""What a reference can't begin with or have in it; an option of git begins with a dash."""

_PROTOCOLS: Final = {"https": "https:ssh", "ssh": "https:ssh", "file": "file"}
"""What git may use for each: a user's `url.<base>.insteadOf` often makes one of the other."""


def checked_ref(ref: str, where: str) -> str:
    """Return a reference that git can't take for something else; else `ConfigurationError`."""
    if _UNSAFE.search(ref):
        raise ConfigurationError(
            f"{ref!r} isn't a git reference",
            where=where,
            remedy="Name a branch, a tag or a commit, such as main, v1.2 or origin/main.",
        )
    return ref


class RemoteUrl(Struct, frozen=True):
    """The address of a repository. Its text is without passwords and tokens."""

    _parts: SplitResult

    def __str__(self) -> str:
        parts = self._parts
        user = parts.username or ""
        # A token may stand where the user does, but ssh's user is a part of the address.
        named = f"{user}@" if user and parts.scheme == "ssh" else ""
        host = parts.netloc.rpartition("@")[2]
        return urlunsplit((parts.scheme, named + host, parts.path, "", ""))

    def __repr__(self) -> str:
        return f"RemoteUrl({str(self)!r})"

    @property
    def whole(self) -> str:
        """The address with its credentials, for git alone."""
        return urlunsplit(self._parts)

    @property
    def protocols(self) -> str:
        """What git may use to reach it."""
        return _PROTOCOLS[self._parts.scheme]

    def redacted(self, text: str) -> str:
        """Return a text of git's without the credentials of the address."""
        secrets = {self._parts.netloc.rpartition("@")[0], self._parts.password or ""}
        if self._parts.scheme != "ssh":
            secrets.add(self._parts.username or "")
        for secret in sorted(filter(None, secrets), key=len, reverse=True):
            text = text.replace(f"{secret}@", "").replace(secret, "****")
        return text


def parse_url(text: str, where: str) -> RemoteUrl:
    """Read an address, `https://`, `ssh://` or `file://`; raises `ConfigurationError`."""
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    sound = text.isascii() and text.isprintable() and " " not in text
    if not sound or parts.scheme not in _PROTOCOLS or not parts.path.strip("/") or port == 0:
        raise ConfigurationError(
            "isn't the address of a git repository that can be fetched safely",
            where=where,
            remedy="Write https://HOST/PATH, ssh://USER@HOST/PATH, or file:///PATH.",
        )
    host = parts.hostname or ""
    if host.startswith("-") or (not host) == (parts.scheme != "file") or "\\" in text:
        raise ConfigurationError("the address has no valid host", where=where)
    return RemoteUrl(parts._replace(query="", fragment=""))
