"""A project file is found upwards, its paths are its own, and a mistake is named by its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from lakewarden.commands.project_file import FILE, find_project_file, line_of, options
from lakewarden.model.errors import ConfigurationError
from tests.support.commandline import REPOSITORY


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _write(text: str, file: str = FILE) -> Path:
    Path(file).parent.mkdir(parents=True, exist_ok=True)
    Path(file).write_text(text, "utf-8")
    return Path(file)


def test_the_nearest_file_upwards_counts(folder: Path) -> None:
    assert find_project_file(folder) is None
    deep = folder / "a/b/c"
    deep.mkdir(parents=True)
    _write('source = "demo"\n')
    found = find_project_file(deep)
    assert found is not None
    assert (found.path, found.values) == (folder / FILE, {"source": "demo"})
    _write("[tool.other]\nx = 1\n[tool.lakewarden]\nno_gate = true\n", "a/b/pyproject.toml")
    found = find_project_file(deep)
    assert found is not None
    assert (found.values, found.lines) == ({"no_gate": True}, {"no_gate": 4})
    _write("", "a/b/lakewarden.toml")
    found = find_project_file(deep)
    assert found is not None
    assert found.path.name == FILE, "it goes before pyproject.toml"


@pytest.mark.parametrize("text", ['[project]\nname = "lakewarden-rules"\n', "broken = = 1\n"])
def test_a_pyproject_that_is_not_ours_is_passed_by(text: str, folder: Path) -> None:
    _write(text, "pyproject.toml")
    assert find_project_file(folder) is None


def test_a_folder_that_all_users_share_ends_the_search(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Another user of the machine could choose whose policies decide."""
    _write('source = "demo"\n', "shared/lakewarden.toml")
    deep = folder / "shared/mine"
    deep.mkdir()
    assert find_project_file(deep) is not None
    (folder / "shared").chmod(0o777)
    assert find_project_file(deep) is not None, "the team's own checkout, under a loose umask"
    assert not capsys.readouterr().err
    (folder / "shared").chmod(0o1777)
    assert find_project_file(deep) is None
    assert f"Not using {folder}/shared/lakewarden.toml" in capsys.readouterr().err
    assert find_project_file(folder / "shared") is not None, "anyone who works there sees it"


def test_its_paths_are_relative_to_it(folder: Path) -> None:
    _write(
        """\
source = "delta:lake"
config = "config"
policy-source = "rules"
report = ["report.html", "json=out/r", "json=-", "/abs/r.md", "template:t/a.j2=out.txt"]
previous = "last.json"
"""
    )
    (folder / "sub").mkdir()
    here, below = find_project_file(folder), find_project_file(folder / "sub")
    assert here is not None
    assert below is not None
    assert here.values == {
        "source": "delta:lake",
        "config": "config",
        "policy_sources": ["rules"],
        "reports": [
            *("html=report.html", "json=out/r", "json=-", "markdown=/abs/r.md"),
            "template:t/a.j2=out.txt",
        ],
        "previous": "last.json",
    }


def test_from_below_they_lead_there(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _write('source = "delta:lake"\ninventory = "-"\nreuse = "old.ndjson"\nreport = "r.md"\n')
    (folder / "sub").mkdir()
    monkeypatch.chdir("sub")
    found = find_project_file(folder / "sub")
    assert found is not None
    assert found.values == {
        "source": f"delta:{folder}/lake",
        "inventory": "-",
        "reuse": f"{folder}/old.ndjson",
        "reports": [f"markdown={folder}/r.md"],
    }


@pytest.mark.parametrize("source", ["delta:s3://lake/tables", "demo", "databricks"])
def test_what_is_no_path_stays_as_it_is(source: str, folder: Path) -> None:
    _write(f'source = "{source}"\n')
    found = find_project_file(folder)
    assert found is not None
    assert found.values["source"] == source


def test_numbers_and_texts_of_numbers_are_the_same(folder: Path) -> None:
    _write('max-statements = 500\nmin-coverage = 0.95\nmax-age = "7d"\n')
    found = find_project_file(folder)
    assert found is not None
    assert found.values == {"max_statements": "500", "min_coverage": "0.95", "max_age": "7d"}


@pytest.mark.parametrize(
    ("text", "where", "words"),
    [
        ('sorce = "demo"', "1", "Did you mean `source`?"),
        ('\nreports = ["r.html"]', "2", "Did you mean `report`?"),
        ('policies = ["x"]', "1", "Did you mean `policy`?"),
        ("# x\n[gate]\nno-gate = true", "2", "`gate` isn't a table that is known"),
        ("resume = true", "1", "`resume` isn't an option"),
        ('now = "2026-01-01T00:00:00Z"', "1", "`now` isn't an option"),
        ("source = 3", "1", "`source` has to be text, not 3"),
        ("report = [1]", "1", "`report` has to be text or a list of texts"),
        ('no-gate = "yes"', "1", "`no-gate` has to be true or false, not 'yes'"),
        ("max-statements = true", "1", "`max-statements` has to be a number or text, not true"),
        ('report = [\n  "r.html",\n  "r.pdf",\n]', "1", "doesn't end in a report's format"),
        ("no-gate = true\nno_gate = true", "2", "`no_gate` appears twice"),
        ("source = demo", "1:10", "isn't valid TOML"),
        ('source = "demo"\nsource = "demo"', "2", "isn't valid TOML"),
        ("ratchet = 'b.json'", "1", "isn't an option"),
    ],
)
def test_a_mistake_is_named_by_its_line(text: str, where: str, words: str, folder: Path) -> None:
    _write(text)
    with pytest.raises(ConfigurationError) as caught:
        find_project_file(folder)
    assert caught.value.where.startswith(f"{FILE}:{where}")
    assert words in f"{caught.value.what} {caught.value.remedy}"
    _write("".join(f"[tool.other]\nx = 1\n[tool.lakewarden]\n{text}\n"), "sub/pyproject.toml")
    if not text.startswith("# x"):
        with pytest.raises(ConfigurationError) as caught:
            find_project_file(folder / "sub")
        assert "/sub/pyproject.toml:" in caught.value.where


def test_a_key_is_found_past_what_only_looks_like_it() -> None:
    text = 'a = """\nsource = 1\n"""\n[x]\nsource = 2\n[ tool . lakewarden ] # ours\n'
    text += 'b = [\n1]\n"source" = 3\n'
    assert line_of(text, "source", "tool.lakewarden") == 9
    assert line_of(text, "source", "x") == 5
    assert line_of('a = """\nsource = 1\n"""\nsource = 2\n', "source", "") == 4
    assert line_of(text, "absent", "tool.lakewarden") == 6


def test_the_page_shows_a_file_that_is_taken(folder: Path) -> None:
    page = (REPOSITORY / "docs/command-line.md").read_text("utf-8")
    _write(page.partition("```toml\n")[2].partition("```")[0])
    found = find_project_file(folder)
    assert found is not None
    assert len(found.values) == 10


def test_everything_that_a_team_types_each_time_can_be_set() -> None:
    assert set(options()) >= {
        *("source", "inventory", "table", "policy", "policy-source", "config", "report"),
        *("previous", "no-gate", "allow", "fail-on", "min-coverage", "engine", "opa-url"),
        *("profile", "warehouse-id", "include", "exclude", "evidence", "max-statements"),
    }
