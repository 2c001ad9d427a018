"""Which authorities are trusted for https."""

from __future__ import annotations

import os
import ssl
from collections.abc import Mapping


def trusted_authorities(environ: Mapping[str, str] = os.environ) -> str | bool:
    """Return the file of trusted authorities: the environment's, else the system's, else True.

    The environment names one in requests' variables or OpenSSL's. The system's is where a company
    installs an authority of its own. True means those that come with requests.
    """
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"):
        if file := environ.get(name):
            return file
    return ssl.get_default_verify_paths().cafile or True
