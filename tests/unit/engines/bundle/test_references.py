"""A setting that is missed here would be missing from pages and from what a decision says."""

from __future__ import annotations

import pytest

from lakewarden.engines.bundle.references import settings_read

_IMPORT = "import data.lakewarden_run.settings.a as settings\n"
_LIB = """
package lakewarden.lib.sizes

import data.lakewarden_run.settings.a

limit := a.limit

guard(x) := x * a["guard"] if {
\tx > 0
} else := a.least

unused := a.unused
"""


def _read(text: str, *, lib: str = _LIB) -> tuple[str, ...] | None:
    policy = "lakewarden.tables.a.p"
    modules = [(policy, f"package {policy}\n{text}"), ("lakewarden.lib.sizes", lib)]
    return settings_read(modules)["a.p"]


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("pass contains 1", ()),
        (f"{_IMPORT}pass contains settings.one if settings.two", ("one", "two")),
        (f'{_IMPORT}pass contains settings["one"].deeper[0]', ("one",)),
        ("default _x := false\n_x := data.lakewarden_run.settings.a.one", ("one",)),
        (f'{_IMPORT}pass contains "settings.no" # settings.no\n', ()),
        (f"{_IMPORT}pass contains `\nsettings.no\n`", ()),
        ("pass contains data.lakewarden_run.settings.other.no", ()),
        ("import data.lakewarden.lib.sizes\npass contains sizes.limit", ("limit",)),
        ("import data.lakewarden.lib.sizes as s\npass contains s.guard(1)", ("guard", "least")),
        ("pass contains data.lakewarden.lib.sizes[x]", ("guard", "least", "limit", "unused")),
        ("pass contains data.lakewarden_run.now if data.lakewarden_run.waived[0]", ()),
        (f"{_IMPORT}x if {{\nsettings.one\n}} else if {{\nsettings.two }}", ("one", "two")),
        (f"import data.x; {_IMPORT}pass contains settings.one", ("one",)),
        (f"{_IMPORT}pass contains settings[name]", None),
        (f"{_IMPORT}pass contains object.get(settings, name, 1)", None),
        ("pass contains data.lakewarden_run", None),
        ("pass contains data[x]", None),
    ],
)
def test_settings_are_found_through_rules_and_libraries(
    text: str, read: tuple[str, ...] | None
) -> None:
    assert _read(text) == read


def test_files_of_one_package_see_each_others_rules() -> None:
    one = ("lakewarden.tables.a.p", "package lakewarden.tables.a.p\npass contains _x")
    other = ("lakewarden.tables.a.p", f"package lakewarden.tables.a.p\n{_IMPORT}_x := settings.one")
    assert settings_read([one, other]) == settings_read([other, one]) == {"a.p": ("one",)}
