"""Findings as GitLab's Code Quality report, the worst first."""

from __future__ import annotations

import hashlib
from typing import Final, TextIO

import msgspec

from lakewarden.model.decision import Outcome, Severity
from lakewarden.model.report import Report
from lakewarden.renderers.words.findings import (
    MOST,
    Finding,
    Place,
    Worst,
    causes,
    findings,
    place_of,
)
from lakewarden_collector.counted import counted

_SEVERITIES: Final = ("blocker", "critical", "major", "minor", "info")
"""GitLab's, worst first; each is one of ours."""

_RUN: Final = Place(path="tables", line=1, stands_for_table=True)
"""Stands for the run, in what isn't about one table."""

_MOST_OF_RUN: Final = 1_000
_encode: Final = msgspec.json.Encoder(order="deterministic").encode


class GitlabRenderer:
    """A list of entries, one a line; what is waived isn't in it."""

    format = "gitlab"

    def render(self, report: Report, out: TextIO) -> None:
        """Write the list; memory has the size of the entries in it."""
        policy_index = {policy.policy_id: policy for policy in report.policies}
        worst: Worst[bytes] = Worst(MOST)
        for table in report.tables():
            for finding in findings(table, policy_index, report.gate.fail_on):
                if not finding.is_suppressed:
                    worst.offer(finding, _entry)
        before = "[\n"
        for entry in (*_incomplete(report), *worst.ordered(), *_left_out(worst.left_out)):
            out.write(before + entry.decode())
            before = ",\n"
        out.write("[]\n" if before == "[\n" else "\n]\n")


def _entry(finding: Finding) -> bytes:
    advice = finding.advice.strip()
    return _record(
        check=finding.policy.policy_id,
        description=f"{finding.message}\n{advice}" if advice else finding.message,
        fingerprint=finding.fingerprint,
        severity=_severity(finding),
        place=place_of(finding.table),
    )


def _severity(finding: Finding) -> str:
    """Return GitLab's word: the one of our severity, one lower where it doesn't gate."""
    if finding.outcome is Outcome.ERROR:
        return _SEVERITIES[0]
    rank = [*Severity].index(finding.severity)
    return _SEVERITIES[min(rank + (not finding.gates), len(_SEVERITIES) - 1)]


def _incomplete(report: Report) -> list[bytes]:
    """Return an entry for the run, and one for each thing that it couldn't read or decide."""
    found = causes(report)
    entries = [
        _of_run("lakewarden.incomplete", each.text, "blocker", *each.identity)
        for each in found[:_MOST_OF_RUN]
    ]
    if len(found) > _MOST_OF_RUN:
        text = f"{len(found) - _MOST_OF_RUN:,} more couldn't be read or decided."
        entries.append(_of_run("lakewarden.incomplete", text, "blocker"))
    return entries


def _left_out(number: int) -> list[bytes]:
    if not number:
        return []
    text = f"{counted(number, 'finding')} of lower weight left out. The JSON report has all."
    return [_of_run("lakewarden.left_out", text, "info")]


def _of_run(check: str, text: str, severity: str, *identity: str) -> bytes:
    return _record(
        check=check,
        description=text,
        fingerprint=hashlib.sha256(_encode((check, *identity))).hexdigest(),
        severity=severity,
        place=_RUN,
    )


def _record(
    *, check: str, description: str, fingerprint: str, severity: str, place: Place
) -> bytes:
    """Return an entry as GitLab documents it."""
    return _encode(
        {
            "check_name": check,
            "description": description,
            "fingerprint": fingerprint,
            "severity": severity,
            "location": {"path": place.path, "lines": {"begin": place.line}},
        }
    )
