"""What a server says, as text for a person that can be written as UTF-8.

JSON may carry half of a surrogate pair, which cannot.
"""

from __future__ import annotations

from typing import Any

import msgspec

from lakewarden_collector.errors import clause
from lakewarden_collector.sources.databricks.statements.errors import text_of

_ENCODER = msgspec.json.Encoder()


def is_sound(value: object) -> bool:
    """Whether all text in a value can be encoded."""
    try:
        _ENCODER.encode(value)
    except UnicodeEncodeError:
        return False
    return True


def sound(value: Any) -> Any:  # noqa: ANN401 -- any JSON value
    """Return a JSON value in which each code point that isn't a character is U+FFFD."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, dict):
        return {sound(key): sound(part) for key, part in value.items()}
    if isinstance(value, list):
        return [sound(part) for part in value]
    return value


def error_text(error: Exception) -> str:
    """Return an error's code and the first line of its message, without its full stop.

    The builtin `TimeoutError` of the SDK says in its cause what was retried without success.
    """
    if isinstance(error, TimeoutError) and isinstance(error.__cause__, Exception):
        return f"retried without success: {error_text(error.__cause__)}"
    text = next(iter(text_of(error).strip().splitlines()), "")
    plain = isinstance(error, ValueError) and not isinstance(error, OSError)
    code = getattr(error, "error_code", None) or ("" if plain and text else type(error).__name__)
    reason: str = sound(": ".join(part for part in (code, text) if part))
    return clause(reason)
