"""`make` fetches OPA while pip installs, so that getting it needs only what was installed before.

Were it to import one package more, a first `make evaluate` would fail, and only the first.
"""

from __future__ import annotations

import re
import subprocess
import sys
from importlib.metadata import packages_distributions

from tests.support import rego

_LOADED = (
    "import sys, lakewarden.engines.install.__main__;"
    "print(*{name.partition('.')[0] for name in sys.modules})"
)


def test_getting_opa_imports_no_package_that_is_not_there_yet() -> None:
    makefile = (rego.CHECKOUT / "Makefile").read_text("utf-8")
    stated = re.search(r"^OPA_NEEDS := (.*)$", makefile, re.MULTILINE)
    assert stated
    ran = subprocess.run(
        [sys.executable, "-c", _LOADED], check=True, capture_output=True, text=True
    )
    homes = packages_distributions()
    loaded = {home.lower() for name in ran.stdout.split() for home in homes.get(name, ())}
    # Whatever an environment brings along and the lock doesn't is not imported by us.
    lock = (rego.CHECKOUT / "requirements.lock").read_text("utf-8")
    locked = set(re.findall(r"^([a-z0-9-]+)==", lock, re.MULTILINE))
    assert loaded & locked == set(stated[1].split("|"))
