"""What errors of databricks-sdk say, without what it hangs on their messages."""

from __future__ import annotations

from typing import Final

_TAILS: Final = (". Config: ", ". Env: ", ". This is likely a bug")
"""How these begin: its configuration, behind a refusal, and a request to report strange answers
(databricks-sdk core.py and errors/parser.py)."""


def text_of(error: BaseException) -> str:
    """Return an error's message, without the SDK's configuration: who reads it has no use for it.

    It would be written into every document, with the address of a workspace.
    """
    text = str(error)
    for tail in _TAILS:
        text = text.partition(tail)[0]
    return text
