"""A company's own authority must be honoured, or nothing can be fetched behind its proxy."""

import ssl

from lakewarden.engines.tls import trusted_authorities


def test_requests_variable_comes_before_openssls() -> None:
    both = {"SSL_CERT_FILE": "/openssl.pem", "REQUESTS_CA_BUNDLE": "/requests.pem"}
    assert trusted_authorities(both) == "/requests.pem"
    assert trusted_authorities({"SSL_CERT_FILE": "/openssl.pem"}) == "/openssl.pem"


def test_without_a_variable_the_systems_own_file_counts() -> None:
    assert trusted_authorities({}) == (ssl.get_default_verify_paths().cafile or True)
