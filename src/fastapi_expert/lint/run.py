"""A pack in, findings out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastapi_expert.lint.finding import Fault, Finding
from fastapi_expert.lint.rule import all_rules, chosen_rules
from fastapi_expert.lint.suppression import answered
from fastapi_expert.pack.reading import Pack, read_pack

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from fastapi_expert.lint.rule import Rule


@dataclass(frozen=True)
class Report:
    """What was checked, and what was found there in the order of the files."""

    pack: Pack
    findings: list[Finding]

    @property
    def checked(self) -> int:
        """How many files the user's paths came to; 0 means that the run says nothing."""
        return sum(item.source.asked for item in self.pack.items)


def lint_paths(
    paths: Iterable[Path], rules: Iterable[Rule] | None = None, texts: Mapping[Path, str] | None = None
) -> Report:
    """Read and check files and folders.

    Args:
        paths: what to check.
        rules: the rules to apply, all without it.
        texts: texts to take in place of what lies on disk, by absolute path.

    Raises:
        PathError: a path that doesn't exist, or a file that is no part of any pack.
    """
    pack = read_pack(paths, texts)
    return Report(pack, check(pack, chosen_rules() if rules is None else rules))


def check(pack: Pack, rules: Iterable[Rule]) -> list[Finding]:
    """Apply the rules to a pack: their findings in the files that the user asked for, in the order of the files.

    What a comment in the file answers is left out.
    """
    rules = list(rules)
    found = [_finding(fault, rule) for rule in rules for fault in rule.check(pack) if fault.source.asked]
    findings, idle = answered(pack, found)
    every = all_rules()
    if len(rules) == len(every):
        for one in idle:
            message = f"there is no finding of {' or '.join(one.rules)} here"
            findings.append(_finding(Fault(one.item.source, one.start, message, "delete the comment"), every["IG002"]))
    return sorted(findings, key=lambda finding: (finding.path, finding.line, finding.column, finding.rule))


def _finding(fault: Fault, rule: Rule) -> Finding:
    line, column = fault.source.position(fault.offset)
    return Finding(
        path=fault.source.path,
        line=line,
        column=column,
        rule=rule.id,
        severity=rule.severity,
        message=fault.message,
        help=fault.help,
        text=fault.source.line(line),
        fix=fault.fix if fault.source.problem is None else None,
    )
