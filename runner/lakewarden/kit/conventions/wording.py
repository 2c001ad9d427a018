"""What the text of a module may not say: a clock, a network, a print, an API call, its own name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from lakewarden.engines.bundle.purity import REMEDY
from lakewarden.engines.bundle.references import settings_read
from lakewarden.kit.conventions.interface import Policies, breach, policy_id
from lakewarden.kit.finding import Finding
from lakewarden.kit.rego_module import RegoModule, line_of, texts_in

_API: Final = re.compile(
    r"/api/\d|\bDESCRIBE (?:DETAIL|TABLE|EXTENDED)\b|^\s*SELECT\b.*\bFROM\b", re.DOTALL
)
"""An endpoint or a query: how evidence is collected is up to the collector. A statement of a fix
may contain a query."""

_TODO: Final = re.compile(r"\s*TODO\b:?(.*)", re.DOTALL)
_TODO_IN_JSON: Final = re.compile(r'"\s*TODO\b:?([^"]*)"')
_OBJECT_IN_JSON: Final = re.compile(r'\s*"(\w+)"\s*:\s*\{')
_ENOUGH: Final = 6
"""Words of a text by which its line is found."""


def no_impure_built_in(policies: Policies) -> Iterator[Finding]:
    """Ask neither the clock nor the network: such a decision cannot be replayed."""
    for module in policies.own:
        for reference, line in module.references:
            if ".".join(reference) in policies.workspace.forbidden:
                what = f"a policy may not call {'.'.join(reference)}"
                yield breach(module, line, what, REMEDY)


def no_print_is_left(policies: Policies) -> Iterator[Finding]:
    """Leave no print: it is noise in a server's log, and `opa check` overlooks it."""
    for module in policies.own:
        for reference, line in module.references:
            if reference == ("print",):
                yield breach(module, line, "a print statement is left over", "Remove the line.")


def nothing_is_left_to_write(policies: Policies) -> Iterator[Finding]:
    """Finish what begins with TODO.

    Looked at are texts of the annotation and of the rules, comments, and what the settings schema
    of a judged domain says about a setting. A comment goes on in the lines below it.
    """
    for module in policies.own:
        stated = [*_annotated(module), *_paragraphs(module.comments)]
        stated += [] if module.is_test else texts_in(module.rules)
        for text, line in stated:
            if found := _TODO.match(text):
                yield breach(module, line, "this is still to be written", _to_do(found[1]))
    for file, schema in policies.workspace.own_schemas:
        lines = list(enumerate(schema.splitlines(), start=1))
        if policies.workspace.only:
            lines = list(_about(policies, file.parent.name, lines))
        for number, written in lines:
            if found := _TODO_IN_JSON.search(written):
                yield Finding(
                    file=str(file),
                    line=number,
                    what="this is still to be written",
                    remedy=_to_do(found[1]),
                )


def _about(
    policies: Policies, domain: str, lines: Sequence[tuple[int, str]]
) -> Iterator[tuple[int, str]]:
    """Yield those lines of a settings schema that are about settings which the policies read."""
    known = policies.workspace.domains[domain]["properties"]
    reported = settings_read((".".join(each.package), each.text) for each in policies.modules)
    read = {name for each in policies.policies for name in reported[policy_id(each.package)] or ()}
    about = False
    for number, line in lines:
        if (found := _OBJECT_IN_JSON.match(line)) and found[1] in known:
            about = found[1] in read
        if about:
            yield number, line


def _to_do(stated: str) -> str:
    words = stated.strip()
    return f"{words[:1].upper()}{words[1:]}" or "Write it, and remove the TODO."


def _paragraphs(comments: Iterable[tuple[str, int]]) -> Iterator[tuple[str, int]]:
    """Yield the comments, those of adjoining lines as one with the place of the first."""
    texts, first, last = list[str](), 0, 0
    for text, line in comments:
        if texts and (line != last + 1 or _TODO.match(text)):
            yield " ".join(texts), first
            texts.clear()
        first = first if texts else line
        texts.append(text)
        last = line
    if texts:
        yield " ".join(texts), first


def _annotated(module: RegoModule) -> Iterator[tuple[str, int]]:
    """Yield the words of the module's annotation and the line in which each begins, or so."""
    custom = module.annotation.get("custom", {})
    texts = [module.annotation.get(key) for key in ("title", "description")]
    texts += [custom.get(key) for key in ("why", "remediation")]
    lines = module.text.splitlines()
    for text in texts:
        if isinstance(text, str):
            start = " ".join(text.split()[:_ENOUGH])
            places = (number for number, line in enumerate(lines, start=1) if start in line)
            yield text, next(places, line_of(module.annotation))


def rego_names_no_api_call(policies: Policies) -> Iterator[Finding]:
    """Say which evidence is lacking, not how it is collected: that may change.

    Texts and comments are looked at; a remediation may well name a statement to run.
    """
    for module in policies.rules:
        for text, line in (*texts_in(module.rules), *module.comments):
            if found := _API.search(text):
                yield breach(
                    module,
                    line,
                    f"it names how evidence is collected: {found[0]}",
                    "Name the evidence itself; other sources get it elsewhere.",
                )


def policy_does_not_name_itself(policies: Policies) -> Iterator[Finding]:
    """Spell out no identity: it comes from the path, and a copy goes wrong when a policy moves.

    Its id, that is. Its name alone may be a word of what it is about, such as a tag or a property.
    """
    for module in policies.policies:
        own = policy_id(module.package)
        for text, line in texts_in(module.rules):
            if re.search(rf"\b{re.escape(own)}\b", text):
                yield breach(
                    module,
                    line,
                    f"it contains its own id, {own}",
                    "Leave it out: the report shows which policy a message comes from.",
                )
