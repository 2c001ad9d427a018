"""Who listens at the other end of a Unix socket, as the system tells; it can't be pretended."""

from __future__ import annotations

import socket
import struct
import sys
from typing import Final

from msgspec import Struct

_CREDENTIALS: Final = struct.Struct("3i")

# Options of macOS' Unix sockets, from its `sys/un.h`; Python has no names for them.
_SOL_LOCAL: Final = 0
_LOCAL_PEERCRED: Final = 1
_LOCAL_PEERPID: Final = 2
_XUCRED_BYTES: Final = 76


class Peer(Struct, frozen=True, kw_only=True):
    """The process that listens, and its user."""

    pid: int
    uid: int


def peer_of(connected: socket.socket) -> Peer | None:
    """Return who listens at the other end; None on a system that does not tell."""
    if sys.platform == "linux":
        raw = connected.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
        pid, uid, _ = _CREDENTIALS.unpack(raw)
        return Peer(pid=pid, uid=uid)
    if sys.platform == "darwin":
        pid = connected.getsockopt(_SOL_LOCAL, _LOCAL_PEERPID)
        raw = connected.getsockopt(_SOL_LOCAL, _LOCAL_PEERCRED, _XUCRED_BYTES)
        _, uid = struct.unpack("2I", raw[:8])
        return Peer(pid=pid, uid=uid)
    return None


def listener(path: str, seconds: float) -> Peer | None:
    """Return who listens at a path, if anybody does and the system tells who."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(seconds)
        try:
            probe.connect(path)
        except OSError:
            return None
        return peer_of(probe)
