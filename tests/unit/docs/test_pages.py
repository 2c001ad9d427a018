"""What the pages say can be followed: links, examples, make targets, options."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path
from typing import Any

import msgspec
import pytest
import typer

from lakewarden.cli import app
from lakewarden.generate.project import project_files
from lakewarden_collector.document import TableDocument
from lakewarden_collector.inventory import Failure, InventoryReader
from tests.support import pages


def test_there_are_pages() -> None:
    """If they moved, every other test here would pass by looking at nothing."""
    names = {pages.name(page) for page in pages.pages()}
    assert {"README.md", "CONTRIBUTING.md", "docs/document.md", "docs/adr/README.md"} <= names


def _leads_somewhere(page: Path, link: str) -> bool:
    path, _, anchor = link.partition("#")
    if "://" in path:
        return True
    target = (page.parent / path).resolve() if path else page
    known = not anchor or (target.suffix == ".md" and anchor in pages.anchors(target))
    return target.exists() and known


def test_relative_links_lead_somewhere() -> None:
    links = [(page, link) for page in pages.pages() for link in pages.links(page)]
    broken = [
        f"{pages.name(page)}: {link}" for page, link in links if not _leads_somewhere(page, link)
    ]
    assert broken == []


def test_every_page_below_docs_is_linked_from_another() -> None:
    """A page that nothing leads to is found by nobody."""
    linked = {
        (page.parent / link.partition("#")[0]).resolve()
        for page in pages.pages()
        for link in pages.links(page)
        if "://" not in link
    }
    below = [page for page in pages.pages() if "docs" in page.parts and page.name != "README.md"]
    assert [pages.name(page) for page in below if page not in linked] == []


def test_documents_in_the_pages_are_documents() -> None:
    """Who copies an example must not be told that it is wrong."""
    found = 0
    for page in pages.pages():
        for block in pages.blocks(page):
            if block.language == "json" and '"full_name"' in block.text:
                msgspec.json.decode(block.text, type=TableDocument)
                found += 1
    assert found


def test_inventories_in_the_pages_are_whole() -> None:
    found = 0
    for page in pages.pages():
        for block in pages.blocks(page):
            if block.language == "ndjson":
                reader = InventoryReader(io.BytesIO(block.text.encode()), pages.name(page))
                items = list(reader)
                assert reader.shortcomings == []
                shown = [item for item in items if isinstance(item, Failure)]
                assert not [item for item in shown if item.where.startswith("docs/")]
                found += 1
    assert found


def test_json_in_the_pages_is_json() -> None:
    for page in pages.pages():
        for block in pages.blocks(page):
            if block.language == "json":
                json.loads(block.text)


def test_make_targets_exist() -> None:
    makefile = (pages.CHECKOUT / "Makefile").read_text("utf-8")
    targets = set(re.findall(r"^([a-z][a-z-]*):", makefile, re.MULTILINE))
    for page in pages.pages():
        text = page.read_text("utf-8")
        shown = re.findall(r"(?:`|^\$ |^)make((?: [a-z][a-z-]*)+)(?![\w ]*:)", text, re.MULTILINE)
        named = {target for words in shown for target in words.split()}
        assert named <= targets, pages.name(page)
    assert "evaluate" in targets


def _options(command: Any, path: tuple[str, ...] = ()) -> dict[tuple[str, ...], set[str]]:  # noqa: ANN401 -- a click command
    own = {
        name
        for parameter in command.params
        for name in (*parameter.opts, *parameter.secondary_opts)
    }
    found = {path: own | {"-h", "--help"}}
    for name, inner in getattr(command, "commands", {}).items():
        found |= _options(inner, (*path, name))
    return found


def test_commands_and_options_exist() -> None:
    """An option that was renamed would live on in the pages."""
    known = _options(typer.main.get_command(app))
    everything = set().union(*known.values())
    commands = {path[0] for path in known if path}
    for page in pages.pages():
        text = page.read_text("utf-8").replace("\\\n", " ")
        for line in re.findall(r"(?:^|`|\$ |bin/)lakewarden +([a-z-][^`|\n]*)", text, re.MULTILINE):
            words = line.split()
            path = tuple(words[:2]) if tuple(words[:2]) in known else tuple(words[:1])
            assert words[0] in commands or words[0] in known[()], f"{pages.name(page)}: {line}"
            used = set(re.findall(r"(?<!\S)(--?[a-z][a-z-]*)", line))
            assert used <= known.get(path, everything), f"{pages.name(page)}: {line}"


def test_options_named_alone_are_options_of_some_command() -> None:
    known = set().union(*_options(typer.main.get_command(app)).values())
    for page in (pages.CHECKOUT / "README.md", *sorted((pages.CHECKOUT / "docs").glob("*.md"))):
        named = re.findall(r"`(--[a-z][a-z-]*)[^`]*`", pages.prose(page))
        foreign = {"--schema", "--write", "--strict", "--check"}  # opa's, and the generators'
        assert set(named) - foreign <= known, pages.name(page)


def test_readme_shows_the_rule_that_init_writes() -> None:
    shown = [block.text for block in pages.blocks(pages.CHECKOUT / "README.md")]
    (real,) = (text for path, text in project_files().items() if path.name == "no_leftovers.rego")
    assert any(text.startswith("not_applicable") and real.endswith(text) for text in shown)


@pytest.mark.parametrize(
    ("page", "module"),
    [
        ("docs/policy-tutorial.md", "docs/examples/lakewarden/tables/naming/plain_names"),
        ("CONTRIBUTING.md", "policies/lakewarden/tables/clustering/key_limit"),
    ],
)
def test_the_policy_that_a_page_shows_is_the_real_one(page: str, module: str) -> None:
    folder = pages.CHECKOUT / module
    real = (folder / f"{folder.name}.rego").read_text("utf-8")
    assert real in [block.text for block in pages.blocks(pages.CHECKOUT / page)]
