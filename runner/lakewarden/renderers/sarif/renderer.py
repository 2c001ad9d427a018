"""SARIF 2.1.0: one run, a rule for each policy, a result for each finding, the worst first."""

from __future__ import annotations

import re
from typing import Any, Final, TextIO
from urllib.parse import quote

import msgspec

from lakewarden.model.decision import Exemption, KnownViolation, Outcome
from lakewarden.model.policy import Policy
from lakewarden.model.report import Report, Run
from lakewarden.renderers.sarif.message import paragraphs, plain, text_only, with_fixes
from lakewarden.renderers.sarif.notifications import invocation
from lakewarden.renderers.words.findings import (
    MOST,
    Finding,
    Level,
    Place,
    Worst,
    findings,
    level_of,
    place_of,
)
from lakewarden.renderers.words.wording import sentences, shortened, visible
from lakewarden.report.amounts import bytes_of

SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"

_MOST_BYTES: Final = 40 * 2**20
"""Of results. Code scanning takes 10 MB when compressed; these texts compress to a tenth."""

_SOURCE: Final = "%SRCROOT%"
_TABLES: Final = "TABLES"
_BASES: Final = {
    _SOURCE: {"description": {"text": "The folder that the definitions' paths are relative to."}},
    _TABLES: {"description": {"text": "Stands for the tables themselves, which aren't files."}},
}
_URI: Final = "/:?#@!$&'*+,;=%~"
"""What stays as it is in an address; brackets and quotes don't."""

_PERCENT: Final = re.compile("%(?![0-9A-Fa-f]{2})")
_DRIVE: Final = re.compile("[A-Za-z]:/")
_LONGEST: Final = 1_024
"""Characters that code scanning takes of a description."""

_PROBLEM: Final = {Level.ERROR: "error", Level.WARNING: "warning", Level.NOTE: "recommendation"}
_CAPITAL: Final = re.compile(r"(?:^|[^0-9A-Za-z]+)([0-9A-Za-z]?)")
_SEMANTIC: Final = re.compile(r"\d+\.\d+\.\d+")

_encode: Final = msgspec.json.Encoder(order="deterministic").encode


class SarifRenderer:
    """Everything that SARIF has words for: waived results are suppressed, undecided ones open."""

    format = "sarif"

    suppressed: bool = True
    """Whether waived results are written; if not, they are counted."""
    kinds: bool = True
    """Whether the reader knows results that aren't failures."""

    def render(self, report: Report, out: TextIO) -> None:
        """Write the log file, a result a line; memory has the size of the results in it."""
        policy_index = {policy.policy_id: policy for policy in report.policies}
        rules = {policy_id: number for number, policy_id in enumerate(policy_index)}
        worst: Worst[bytes] = Worst(MOST)
        left_out = 0

        def encoded(finding: Finding) -> bytes:
            return _encode(self._result(finding, rules[finding.policy.policy_id]))

        for table in report.tables():
            for finding in findings(table, policy_index, report.gate.fail_on):
                if finding.is_suppressed and not self.suppressed:
                    left_out += 1
                else:
                    worst.offer(finding, encoded)

        write = out.write
        write(f'{{"$schema":"{SCHEMA}","version":"2.1.0","runs":[{{\n"tool":')
        write(_text({"driver": _driver(report)}))
        write(f',\n"columnKind":"unicodeCodePoints",\n"originalUriBaseIds":{_text(_BASES)}')
        write(',\n"results":[')
        written = size = 0
        for result in worst.ordered():
            size += len(result)
            if size > _MOST_BYTES:
                break
            write(",\n" if written else "\n")
            write(result.decode())
            written += 1
        write('\n],\n"invocations":[')
        write(_text(invocation(report, left_out=worst.seen - written, suppressed=left_out)))
        write(f'],\n"properties":{_text(_provenance(report.run))}\n}}]}}\n')

    def _result(self, finding: Finding, rule: int) -> dict[str, Any]:
        result: dict[str, Any] = {
            "ruleId": finding.policy.policy_id,
            "ruleIndex": rule,
            "level": finding.level,
            "message": text_only(_message(finding)),
            "locations": [_location(finding)],
            "partialFingerprints": {
                "lakewarden/v1": finding.fingerprint,
                # The only one that code scanning looks at.
                "primaryLocationLineHash": finding.fingerprint,
            },
            "properties": _properties(finding),
        }
        if self.kinds:
            result["message"]["markdown"] = with_fixes(finding)
            if finding.outcome is not Outcome.FAIL:
                result |= {"kind": "open", "level": "none"}
        if self.suppressed:
            # Where one result of a run has them, all say whether they have.
            known = [_known(finding.known)] if finding.known else []
            result["suppressions"] = [*map(_suppression, finding.waivers), *known]
        return result


class CodeScanningRenderer(SarifRenderer):
    """SARIF as GitHub's code scanning takes it.

    It knows neither suppressions nor kinds of results, and would show what is waived as open. What
    couldn't be decided is an alert of the level that a failure would have.
    """

    format = "code-scanning"
    suppressed = False
    kinds = False


def _driver(report: Report) -> dict[str, Any]:
    run = report.run
    driver = {
        "name": "Lakewarden" if run.tool == "lakewarden" else run.tool,
        "version": run.tool_version,
        "rules": [*map(_rule, report.policies)],
    }
    if _SEMANTIC.fullmatch(run.tool_version):
        driver["semanticVersion"] = run.tool_version
    return driver


def _rule(policy: Policy) -> dict[str, Any]:
    level = level_of(policy.severity, policy.enforcement)
    description = policy.description or policy.title or policy.policy_id
    domain = policy.policy_id.partition(".")[0]
    rule = {
        "id": policy.policy_id,
        "name": _CAPITAL.sub(lambda found: found[1].upper(), policy.policy_id)[:255],
        "shortDescription": {"text": plain(_cut(policy.title or policy.policy_id))},
        "fullDescription": {"text": plain(_cut(description))},
        "help": _help(policy, description),
        "defaultConfiguration": {"level": level},
        "properties": {
            "tags": [domain, policy.severity, policy.enforcement],
            "precision": "very-high",
            "problem.severity": _PROBLEM[level],
            "domain": domain,
            "severity": policy.severity,
            "enforcement": policy.enforcement,
            **({"effective_on": policy.effective_on} if policy.effective_on else {}),
        },
    }
    if pages := _pages(policy):
        rule["helpUri"] = pages[0]
    return rule


def _pages(policy: Policy) -> list[str]:
    """Return the policy's addresses, such as can be one in Markdown and in SARIF."""
    quoted = (quote(_PERCENT.sub("%25", each), safe=_URI) for each in policy.pages)
    return [each for each in quoted if each.startswith(("https://", "http://"))]


def _help(policy: Policy, description: str) -> dict[str, str]:
    parts = [
        ("", description),
        ("Why", policy.why),
        ("How to fix it", policy.remediation),
        ("Exceptions", " ".join(policy.exemptions)),
    ]
    stated = [(title, text) for title, text in parts if text.strip()]
    return {
        "text": plain("\n\n".join(f"{title}: {text}" if title else text for title, text in stated)),
        "markdown": "\n\n".join(
            f"## {title}\n\n{paragraphs(text)}" if title else paragraphs(text)
            for title, text in stated
        )
        + "".join(f"\n\n<{page}>" for page in _pages(policy)),
    }


def _cut(text: str) -> str:
    return shortened(visible(text, keep="\n\t"), _LONGEST // 2)  # `plain` at most doubles it


def _message(finding: Finding) -> str:
    advice = finding.advice.strip()
    return f"{finding.message}\n\nFix: {advice}" if advice else finding.message


def _location(finding: Finding) -> dict[str, Any]:
    table, place = finding.table, place_of(finding.table)
    logical = [{"name": table.name, "fullyQualifiedName": table.full_name, "kind": "resource"}]
    if table.definition and table.definition.address:
        logical.append({"fullyQualifiedName": table.definition.address, "kind": "declaration"})
    return {
        "physicalLocation": {
            "artifactLocation": _artifact(place),
            "region": {"startLine": place.line},
        },
        "logicalLocations": logical,
    }


def _artifact(place: Place) -> dict[str, str]:
    uri = quote(place.path, safe="/")
    if place.path.startswith("/"):
        return {"uri": f"file:///{uri.lstrip('/')}"}
    if _DRIVE.match(place.path):
        return {"uri": f"file:///{quote(place.path, safe='/:')}"}
    return {"uri": uri, "uriBaseId": _TABLES if place.stands_for_table else _SOURCE}


def _suppression(waiver: Exemption) -> dict[str, Any]:
    found: dict[str, Any] = {"kind": "external", "status": "accepted"}
    stated = {
        "owner": waiver.owner,
        "approved_by": waiver.approved_by,
        "ticket": waiver.ticket,
        "starts": waiver.starts,
        "expires": waiver.expires,
        "waiver_kind": waiver.waiver_kind,
    }
    approved = f"Approved by {waiver.approved_by}" if waiver.approved_by else ""
    until = f"Expires {waiver.expires}" if waiver.expires else ""
    found["justification"] = (
        sentences((waiver.reason, approved, until)) or "A waiver without a reason"
    )
    found["properties"] = {name: text for name, text in stated.items() if text is not None}
    return found


def _known(known: KnownViolation) -> dict[str, Any]:
    return {
        "kind": "external",
        "status": "accepted",
        "justification": sentences(
            (f"Known to the baseline since {known.since}", known.reason or "")
        ),
        "properties": {"baseline_since": known.since},
    }


def _properties(finding: Finding) -> dict[str, Any]:
    table, violation = finding.table, finding.violation
    values: dict[str, Any] = {
        "table": table.full_name,
        "outcome": finding.outcome,
        "severity": finding.severity,
        "enforcement": finding.enforcement,
        "owner": table.owner,
        "bytes": bytes_of(table),
        "override": finding.decision.override,
        "definition": table.definition,
        "missing": finding.decision.missing or None,
    }
    if violation:
        values |= {
            "key": violation.key,
            "expected": violation.expected,
            "actual": violation.actual,
            "fixes": violation.fixes or None,
        }
    return {name: value for name, value in values.items() if value is not None}


def _provenance(run: Run) -> dict[str, Any]:
    return {
        "engine": run.engine,
        "digests": run.digests,
        "clock": run.clock,
        "source": run.source,
        "scope": run.scope,
    } | ({"policySources": run.policy_sources} if run.policy_sources else {})


def _text(value: Any) -> str:  # noqa: ANN401 -- anything that JSON has
    return _encode(value).decode()
