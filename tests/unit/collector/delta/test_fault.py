"""What libraries say, cut down to what a table's owner can read."""

from __future__ import annotations

import pytest

from lakewarden_collector.sources.delta.fault import error_text

CHAIN = (
    "Generic S3 error\n"
    "          \x1b[31m\u21b3\x1b[0m Error performing list\n"
    "           \x1b[31m\u21b3\x1b[0m Error performing GET http://h:9/lake?sig=s3cret in "
    "4.7s, after 10 retries, max_retries\n"
    "            \x1b[31m\u21b3\x1b[0m 10, retry_timeout\n"
    "             \x1b[31m\u21b3\x1b[0m 30s  - dns error\n\nDebug source:\nGeneric {"
)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("first\nsecond", "first"),
        ("", "ValueError"),
        ("a\n  \u21b3 b\n  \u21b3 c\nd", "a: b: c"),
        (
            "Generic S3 error: Error performing GET http://h/l?x=1 in 4.4\u00b5s - HTTP 403",
            "Generic S3 error: GET http://h/l: HTTP 403",
        ),
        (
            CHAIN,
            "Generic S3 error: Error performing list: GET http://h:9/lake: dns error",
        ),
    ],
)
def test_the_chain_of_causes_stays_and_the_noise_goes(text: str, words: str) -> None:
    """Durations differ each time, and a query may hold a signature."""
    assert error_text(ValueError(text)) == words
