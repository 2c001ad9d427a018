"""No assumption without code that relies on it, no mark without an assumption."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from lakewarden.generate.assumptions import Marked, read_assumptions
from lakewarden.model.errors import ConfigurationError

_PYTHON: Final = '''\
"""A module."""

# assumes thing-one
LIMIT = 3  # assumes thing-three


class Reader:
    """Reads."""

    def read(self) -> int:
        # assumes thing-one, thing-two
        return LIMIT
'''
_REGO: Final = """\
package a

# assumes thing-two
_large if input.size > 3
"""
_LIST: Final = """\
- {name: thing-one, about: a thing, assumes: It is., otherwise: It fails., sought: An answer.}
- name: thing-two
  about: another thing
  assumes: It is not.
  otherwise: It fails.
  recordings:
    - {repository: a/b, path: c.json, result: limits, says: It is here.}
- {name: thing-three, about: a third, assumes: It may be., otherwise: It fails., sought: An answer.}
"""


def _read(folder: Path, *, listed: str = _LIST, python: str = _PYTHON) -> dict[str, list[Marked]]:
    code = folder / "code"
    code.mkdir()
    (code / "reader.py").write_text(python, encoding="utf-8")
    (code / "size.rego").write_text(_REGO, encoding="utf-8")
    (folder / "list.yaml").write_text(listed, encoding="utf-8")
    found = read_assumptions(folder / "list.yaml", folder, [code])
    return {name: list(places) for name, places in found.marked.items()}


def test_each_mark_is_found_with_what_it_stands_in(tmp_path: Path) -> None:
    """A line number would make the page stale with every edit above it."""
    python, rego = "code/reader.py", "code/size.rego"
    assert _read(tmp_path) == {
        "thing-one": [Marked(python, "LIMIT"), Marked(python, "Reader.read")],
        "thing-three": [Marked(python, "LIMIT")],
        "thing-two": [Marked(python, "Reader.read"), Marked(rego, "_large")],
    }


@pytest.mark.parametrize(
    ("listed", "python", "words"),
    [
        (_LIST, ("  # assumes thing-three", ""), "no code is marked `# assumes thing-three`"),
        (_LIST, ("-three", "-four"), "(LIMIT) assumes thing-four, which is not listed"),
        (_LIST.replace("limits", "refutes"), ("", ""), "a recording refutes thing-two"),
        (_LIST.replace(", sought: An answer.", "", 1), ("", ""), "thing-one has neither"),
        (_LIST.replace("-three", "-one"), ("", ""), "thing-one is listed twice"),
        (_LIST.replace("about: a third", "abuot: a third"), ("", ""), "abuot"),
        (_LIST.replace("limits", "proves"), ("", ""), "proves"),
        (_LIST.replace("assumes: It is.", "assumes: ''"), ("", ""), "length >= 1"),
        ("a: [", ("", ""), "line 1"),
    ],
)
def test_a_list_that_does_not_fit_the_code_is_refused(
    tmp_path: Path, listed: str, python: tuple[str, str], words: str
) -> None:
    with pytest.raises(ConfigurationError) as refused:
        _read(tmp_path, listed=listed, python=_PYTHON.replace(*python))
    assert words in str(refused.value)
