"""Findings as SARIF 2.1.0, which code hosts and editors read."""

from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from fastapi_expert.lint.rule import all_rules

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fastapi_expert.lint.finding import Edit, Finding

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def as_sarif(findings: Iterable[Finding]) -> str:
    """One run with every finding; the rules that found something come with their reasons."""
    findings = list(findings)
    rules = {
        identifier: rule for identifier, rule in all_rules().items() if any(f.rule == identifier for f in findings)
    }
    indexes = {identifier: index for index, identifier in enumerate(rules)}
    run = {
        "tool": {
            "driver": {
                "name": "fastapi-expert",
                "version": version("fastapi-expert"),
                "rules": [
                    {
                        "id": rule.id,
                        "name": rule.check.__name__,
                        "shortDescription": {"text": rule.summary},
                        "fullDescription": {"text": " ".join(rule.reason.split())},
                        "help": {"text": f"fastapi-expert explain {rule.id}"},
                        "defaultConfiguration": {"level": rule.severity},
                        "properties": {"tags": [rule.family]},
                    }
                    for rule in rules.values()
                ],
            }
        },
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {"ROOT": {"uri": Path.cwd().as_uri().removesuffix("/") + "/"}},
        "results": [_result(finding, indexes[finding.rule]) for finding in findings],
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _result(finding: Finding, index: int) -> dict[str, Any]:
    text = f"{finding.message}; {finding.help}" if finding.help else finding.message
    place = {"artifactLocation": _location(finding.path)}
    result: dict[str, Any] = {
        "ruleId": finding.rule,
        "ruleIndex": index,
        "level": finding.severity,
        "message": {"text": text},
        "locations": [
            {"physicalLocation": place | {"region": {"startLine": finding.line, "startColumn": finding.column}}}
        ],
    }
    if finding.fix is not None:
        replacements = [_replacement(edit) for edit in finding.fix.edits]
        change = {"artifactLocation": _location(finding.path), "replacements": replacements}
        result["fixes"] = [{"description": {"text": finding.help}, "artifactChanges": [change]}]
    return result


def _location(path: Path) -> dict[str, str]:
    here = Path.cwd()
    if path.is_relative_to(here):
        return {"uri": quote(path.relative_to(here).as_posix()), "uriBaseId": "ROOT"}
    return {"uri": path.as_uri()}


def _replacement(edit: Edit) -> dict[str, Any]:
    region = {"charOffset": edit.start, "charLength": edit.end - edit.start}
    return {"deletedRegion": region, "insertedContent": {"text": edit.text}}
