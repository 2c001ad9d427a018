"""What is wrong with an object store, as opposed to the table in it.

The wording looked for is that of the Rust crate object_store, which obstore hands on as text
alone.
"""

from __future__ import annotations

import re
from typing import Final

from lakewarden_collector.sources.delta.fault import TableFaultError

ENVIRONMENT: Final = "in the environment (AWS_…, GOOGLE_…, AZURE_…)"
NETWORK_REMEDY: Final = (
    f"Check the network, and the endpoint, region and credentials {ENVIRONMENT}."
)

_GENERIC: Final = re.compile(r"Generic (?!delta)\w+ error(?:: )?")
_OF_A_STORE: Final = re.compile(rf"{_GENERIC.pattern}|lacked |loading credentials")
_NO_CREDENTIALS: Final = re.compile(
    r"169\.254\.169\.254|loading credentials|token request|Account must be specified"
)
_REFUSED: Final = re.compile(r"40[13] (?:Unauthorized|Forbidden)|lacked ")
_UNREACHED: Final = re.compile(r"HTTP error|error sending request|timed out")


class StoreLostError(TableFaultError):
    """The store does not answer, or there is no way to ask it: so it is with all its tables."""


def store_fault(reason: str) -> TableFaultError | None:
    """Return the fault of the object store that a reader complains about, if it is the store's."""
    if not _OF_A_STORE.search(reason):
        return None
    cause = _GENERIC.sub("", reason)
    if _NO_CREDENTIALS.search(reason):
        return StoreLostError(
            f"there are no credentials for its object store: {cause}",
            remedy=f"Set the credentials {ENVIRONMENT}, then collect again.",
        )
    if _REFUSED.search(reason):
        return TableFaultError(
            f"its object store denies access: {cause}",
            remedy=f"Give the credentials {ENVIRONMENT} permission to read it, or set others.",
        )
    if _UNREACHED.search(reason):
        return StoreLostError(f"its object store can't be reached: {cause}", remedy=NETWORK_REMEDY)
    return TableFaultError(f"its object store can't be read: {cause}", remedy=NETWORK_REMEDY)
