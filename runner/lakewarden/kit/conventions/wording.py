"""What the text of a module may not say: a clock, a network, a print, an API call, its own name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from lakewarden.engines.bundle.purity import REMEDY
from lakewarden.kit.conventions.interface import Policies, breach, policy_id
from lakewarden.kit.finding import Finding
from lakewarden.kit.rego_module import RegoModule, line_of, texts_in

_API: Final = re.compile(
    r"/api/\d|\bDESCRIBE (?:DETAIL|TABLE|EXTENDED)\b|\bSELECT\b.*\bFROM\b", re.DOTALL
)
"""An endpoint or a statement: how evidence is had is the collector's affair."""

_TODO: Final = re.compile(r"\s*TODO\b:?(.*)", re.DOTALL)
_ENOUGH: Final = 4
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
                yield breach(module, line, "a print was left behind", "Remove the line.")


def nothing_is_left_to_write(policies: Policies) -> Iterator[Finding]:
    """Finish what begins with TODO: texts of the annotation and of the rules, and comments."""
    for module in policies.own:
        said = [*_annotated(module), *module.comments]
        said += [] if module.is_test else texts_in(module.rules)
        for text, line in said:
            if found := _TODO.match(text):
                to_do = found[1].strip()
                remedy = f"{to_do[:1].upper()}{to_do[1:]}" or "Write it, and remove the TODO."
                yield breach(module, line, "this is still to be written", remedy)


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
                    "Speak of the evidence itself; other sources have it from elsewhere.",
                )


def policy_does_not_name_itself(policies: Policies) -> Iterator[Finding]:
    """Spell out no identity: it comes from the path, and a copy goes wrong when a policy moves."""
    for module in policies.policies:
        name = module.package[-1]
        # A name of one word, such as `owner`, is also just a word.
        own = name if "_" in name else policy_id(module.package)
        for text, line in texts_in(module.rules):
            if re.search(rf"\b{re.escape(own)}\b", text):
                yield breach(
                    module,
                    line,
                    f"it spells out its own name, {own}",
                    "Leave it out: the report says which policy a message is from.",
                )
