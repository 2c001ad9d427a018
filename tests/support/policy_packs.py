"""A pack of policies as a team elsewhere keeps it: in a repository, a folder, an archive."""

from __future__ import annotations

import gzip
import io
import tarfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

POLICY: Final = "lakewarden/tables/extra/named/named.rego"
SCHEMA: Final = "lakewarden/tables/extra/settings.schema.json"


def rego(title: str = "Tables have names") -> str:
    """Return a policy that every table meets."""
    return f"""# METADATA
# title: {title}
# description: Each table has a name.
# custom:
#   severity: low
#   enforcement: advisory
#   remediation: Name it.
package lakewarden.tables.extra.named

pass contains "it has a name"
"""


def pack(below: str = "", title: str = "Tables have names") -> dict[str, str]:
    """Return the files of a pack by path: the policy, its test, and what has no part in it."""
    test = "package lakewarden.tables.extra.named_test\n\ntest_it if true\n"
    return {
        f"{below}{POLICY}": rego(title),
        f"{below}{POLICY.removesuffix('.rego')}_test.rego": test,
        f"{below}README.md": "ours\n",
    }


def write(folder: Path, files: Mapping[str, str]) -> Path:
    """Write files below a folder; return it."""
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    return folder


def archive(path: Path, members: Iterable[tuple[str | tarfile.TarInfo, bytes]]) -> Path:
    """Write a tar.gz of members, given by name or as they are; return its path."""
    with gzip.open(path, "wb", 1) as packed, tarfile.open(fileobj=packed, mode="w") as tar:
        for member, content in members:
            about = member if isinstance(member, tarfile.TarInfo) else tarfile.TarInfo(member)
            about.size = len(content) if about.isreg() else about.size
            tar.addfile(about, io.BytesIO(content))
    return path
