"""Staging: nothing is copied twice, nothing foreign gets in, and messages name the user's file."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from lakewarden.engines.bundle.stage import read_policies, stage
from lakewarden.model.errors import ConfigurationError
from tests.unit.engines import tiny_policies


def test_tests_and_hidden_files_stay_behind(tmp_path: Path) -> None:
    root = tiny_policies.write(tmp_path / "policies")
    (root / ".git").mkdir()
    (root / ".git" / "odd.rego").write_text("package elsewhere")

    staged = stage([root], tmp_path / "bundle")

    assert staged == {
        path: root / path for path in (tiny_policies.ROUTER_PATH, tiny_policies.NUMBER_PATH)
    }
    copied = {str(file.relative_to(tmp_path / "bundle")) for file in tmp_path.glob("bundle/**/*.*")}
    assert copied == {".manifest", *staged}


def test_a_copy_is_exact(tmp_path: Path) -> None:
    """A server's text is compared with ours; a lost carriage return would be a difference."""
    text = tiny_policies.NUMBER.replace("\n", "\r\n")
    root = tmp_path / "policies"
    tiny_policies.write(root)
    (root / tiny_policies.NUMBER_PATH).write_bytes(text.encode())

    stage([root], tmp_path / "bundle")

    assert (tmp_path / "bundle" / tiny_policies.NUMBER_PATH).read_bytes() == text.encode()
    number = next(m for m in read_policies([root]) if m.path == tiny_policies.NUMBER_PATH)
    assert number.text == text
    assert number.package == "lakewarden.tables.tiny.number"


def test_what_is_staged_is_what_was_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that is saved meanwhile would be decided by without having been looked at."""
    root = tiny_policies.write(tmp_path / "policies")
    file = root / tiny_policies.NUMBER_PATH
    read = Path.read_bytes

    def read_and_lose(path: Path) -> bytes:
        content = read(path)
        if path == file:
            path.unlink()
        return content

    monkeypatch.setattr(Path, "read_bytes", read_and_lose)
    stage([root], tmp_path / "bundle")
    assert (tmp_path / "bundle" / tiny_policies.NUMBER_PATH).read_text() == tiny_policies.NUMBER


def test_a_folder_that_goes_while_it_is_searched_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is the user's git at work, and no fault of the program."""
    root = tiny_policies.write(tmp_path / "policies")

    def gone(path: Path, _pattern: str) -> Iterator[Path]:
        yield from ()
        raise FileNotFoundError(2, "No such file or directory", str(path / "lakewarden"))

    monkeypatch.setattr(Path, "rglob", gone)
    with pytest.raises(ConfigurationError, match="can't be read") as caught:
        read_policies([root])
    assert caught.value.where == str(root / "lakewarden")


def test_directories_add_up(tmp_path: Path) -> None:
    first = tiny_policies.write(tmp_path / "first")
    second = tmp_path / "second"
    (second / "mine").mkdir(parents=True)
    (second / "mine" / "p.rego").write_text("package lakewarden.tables.mine.p # fine\n")

    modules = read_policies([first, second, first])

    assert [module.package for module in modules] == [
        "lakewarden.main",
        "lakewarden.tables.tiny.number",
        "lakewarden.tables.mine.p",
    ]


def test_the_same_package_in_two_directories_names_both_files(tmp_path: Path) -> None:
    """Else the second would silently replace, or add to, the first."""
    first = tiny_policies.write(tmp_path / "first")
    second = tmp_path / "second"
    second.mkdir()
    (second / "other_name.rego").write_text('package lakewarden.tables.tiny["number"]\n')

    with pytest.raises(ConfigurationError) as caught:
        read_policies([first, second])

    assert "package lakewarden.tables.tiny.number is defined in two directories" in str(
        caught.value
    )
    assert str(first / tiny_policies.NUMBER_PATH) in str(caught.value)
    assert str(second / "other_name.rego") in str(caught.value)


def test_one_path_with_two_packages_is_refused_too(tmp_path: Path) -> None:
    first = tiny_policies.write(tmp_path / "first")
    second = tmp_path / "second" / Path(tiny_policies.NUMBER_PATH).parent
    second.mkdir(parents=True)
    (second / "number.rego").write_text("package lakewarden.tables.tiny.other\n")

    with pytest.raises(ConfigurationError, match="is in two directories"):
        read_policies([first, tmp_path / "second"])


def test_a_package_outside_lakewarden_is_named_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "p.rego").write_text("# a comment\n\npackage lakewardens.tables\n")

    with pytest.raises(ConfigurationError) as caught:
        read_policies([tmp_path])

    assert str(caught.value) == (
        f"{tmp_path / 'p.rego'}:3: the package is lakewardens.tables, which is not under lakewarden"
    )


def test_a_file_without_a_package_is_refused(tmp_path: Path) -> None:
    (tmp_path / "p.rego").write_text("x := 1\n")
    with pytest.raises(ConfigurationError, match="declares no package"):
        read_policies([tmp_path])


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "p.rego").write_bytes(b"package lakewarden.x\n# \xff\n")
    with pytest.raises(ConfigurationError, match="can't be read"):
        read_policies([tmp_path])


def test_no_policies_at_all_is_an_error(tmp_path: Path) -> None:
    """A run without policies would find nothing wrong with any table."""
    with pytest.raises(ConfigurationError, match="there are no policies"):
        read_policies([tmp_path])
    with pytest.raises(ConfigurationError, match="there are no policies"):
        read_policies([])


def test_a_directory_that_does_not_exist_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="does not exist"):
        read_policies([tmp_path / "nowhere"])
