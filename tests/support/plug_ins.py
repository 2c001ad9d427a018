"""Distributions that bring renderers along, as a package manager would have installed them."""

from __future__ import annotations

from pathlib import Path


def install(folder: Path, distribution: str, entry_points: dict[str, str], code: str = "") -> Path:
    """Lay out a distribution, version 1.0, in a folder of the import path; return its module.

    `entry_points` are formats to objects, `code` is the text of the module, which is named as the
    distribution is.
    """
    info = folder / f"{distribution}-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.0\n")
    lines = [f"{name} = {target}" for name, target in entry_points.items()]
    (info / "entry_points.txt").write_text("\n".join(["[lakewarden.renderers]", *lines, ""]))
    module = folder / f"{distribution}.py"
    module.write_text(code)
    return module
