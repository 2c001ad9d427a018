"""Addresses that git can fetch from safely, without their credentials where they're shown."""

from __future__ import annotations

import pytest

from lakewarden.git.address import parse_url
from lakewarden.model.errors import ConfigurationError


@pytest.mark.parametrize(
    "text",
    [
        "http://host/x",
        "git://host/x",
        "ext::sh -c x",
        "ssh://-oProxyCommand=x/y",
        "ssh://u@-x/y",
        "https:///x",
        "https://host",
        "file://host/x",
        "https://host/a b",
        "https://host/a\nb",
        "https://[::1/x",
        "https://host:99999/x",
    ],
)
def test_an_address_that_git_could_run_something_by_is_refused(text: str) -> None:
    with pytest.raises(ConfigurationError):
        parse_url(text, "test")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://user:s3cret@host:8443/a.git", "https://host:8443/a.git"),
        ("https://s3cret@host/a.git", "https://host/a.git"),
        ("ssh://git:s3cret@host/a.git", "ssh://git@host/a.git"),
    ],
)
def test_credentials_are_never_shown(text: str, shown: str) -> None:
    url = parse_url(text, "test")
    assert (str(url), url.whole) == (shown, text)
    assert "s3cret" not in repr(url) + url.redacted(f"fatal: {text} says s3cret")
