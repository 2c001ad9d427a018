"""A company's own authority must be honoured, or nothing can be fetched behind its proxy."""

from __future__ import annotations

import ssl

import pytest

from lakewarden.engines.install.download import trusted_authorities


def test_requests_variable_comes_before_openssls() -> None:
    both = {"SSL_CERT_FILE": "/openssl.pem", "REQUESTS_CA_BUNDLE": "/requests.pem"}
    assert trusted_authorities(both) == "/requests.pem"
    assert trusted_authorities({"SSL_CERT_FILE": "/openssl.pem"}) == "/openssl.pem"


@pytest.mark.parametrize(("system", "trusted"), [("/system.pem", "/system.pem"), (None, True)])
def test_without_a_variable_the_systems_own_file_counts_if_there_is_one(
    *, system: str | None, trusted: str | bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = ssl.get_default_verify_paths()._replace(cafile=system)  # type: ignore[arg-type]  # None where there is no file
    monkeypatch.setattr(ssl, "get_default_verify_paths", lambda: paths)
    assert trusted_authorities({}) == trusted
    assert trusted_authorities({"SSL_CERT_FILE": "/named.pem"}) == "/named.pem"
