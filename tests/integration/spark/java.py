"""Looks for the Java that Spark needs."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from typing import Final

OLDEST: Final = 17


def java_trouble() -> str | None:
    """Return why Spark cannot run here for want of Java, or None where it can.

    Spark takes `JAVA_HOME`'s Java where that is set, else the one in `PATH`.
    """
    home = os.environ.get("JAVA_HOME")
    java = f"{home}/bin/java" if home else "java"
    if shutil.which(java) is None:
        return f"there is no {java}; install Java {OLDEST}, or let `make test-system` do it"
    output = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr
    found = re.search(r'version "(\d+)', output)
    if found is None or int(found[1]) < OLDEST:
        return f"{java} isn't Java {OLDEST} or newer: {output.splitlines()[:1]}"
    return None
