"""Which authorities are trusted for https."""

from __future__ import annotations

import os


def trusted_authorities() -> str | bool:
    """Return the file that the environment names (requests' variables, then OpenSSL's), or True.

    True means the authorities that come with requests.
    """
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"):
        if file := os.environ.get(name):
            return file
    return True
