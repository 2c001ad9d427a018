"""Microsoft's SARIF Multitool, which validates log files by the standard and by GitHub's rules."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from typing import Final

from tests.support.commandline import REPOSITORY

_TOOL: Final = REPOSITORY / ".tools" / "sarif" / "package" / "Sarif.Multitool"
_FINDING: Final = re.compile(r"^.*: (?:error|warning|note) \w+: .*$", re.MULTILINE)


def missing() -> str | None:
    """Return why the tool can't be used, or None."""
    return None if _TOOL.exists() else "needs the SARIF Multitool: `make sarif-multitool` gets it"


def findings(*files: Path) -> list[str]:
    """Return what the tool says of the files, a line each; it must have looked at all."""
    output = files[0].parent / "multitool.sarif"
    ended = subprocess.run(
        (
            *(str(_TOOL), "validate", *map(str, files), "--rule-kind", "Sarif;Gh"),
            *("--level", "Error;Warning", "--output", str(output), "--log", "ForceOverwrite"),
        ),
        env=os.environ | {"DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert f"Done. {len(files)} files scanned." in ended.stdout, ended.stdout + ended.stderr
    return _FINDING.findall(ended.stdout)
