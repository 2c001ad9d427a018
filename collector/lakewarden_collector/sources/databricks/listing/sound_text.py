"""Text that can be written as UTF-8: JSON may carry half of a surrogate pair, which cannot."""

from __future__ import annotations

from typing import Any

import msgspec

_ENCODER = msgspec.json.Encoder()


def is_sound(value: object) -> bool:
    """Whether all text in a value can be encoded."""
    try:
        _ENCODER.encode(value)
    except UnicodeEncodeError:
        return False
    return True


def sound(value: Any) -> Any:  # noqa: ANN401 -- any JSON value
    """Return a JSON value in which each code point that is no character is U+FFFD."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, dict):
        return {sound(key): sound(part) for key, part in value.items()}
    if isinstance(value, list):
        return [sound(part) for part in value]
    return value
