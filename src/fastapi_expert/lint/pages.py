"""The pages of the rules, made from the rules: `python -m fastapi_expert.lint.pages docs/rules` writes them."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from fastapi_expert.lint.report import sample_text
from fastapi_expert.lint.rule import all_rules

if TYPE_CHECKING:
    from fastapi_expert.lint.rule import Rule

INDEX = "README.md"
_LONGEST_FENCE = re.compile(r"`{3,}")


def pages() -> dict[str, str]:
    """Every page by its file's name: one a rule, and the list of them."""
    rules = all_rules()
    return {INDEX: _index(rules), **{f"{rule.id}.md": _page(rule) for rule in rules.values()}}


def _index(rules: dict[str, Rule]) -> str:
    lines = [
        "# The rules",
        "",
        "Made from the code by `python3 dev.py python -m fastapi_expert.lint.pages docs/rules`; change the rule, not",
        "the page. `fastapi-expert explain ID` says the same.",
    ]
    family = ""
    for rule in rules.values():
        if rule.family != family:
            family = rule.family
            about = (sys.modules[rule.check.__module__].__doc__ or "").partition("\n")[0].partition(": ")[2]
            lines += ["", f"## {family.capitalize()}", "", about[:1].upper() + about[1:]]
            lines += ["", "| rule | severity | what must hold |", "|---|---|---|"]
        lines.append(f"| [{rule.id}]({rule.id}.md) | {rule.severity} | {rule.summary} |")
    return "\n".join(lines) + "\n"


def _page(rule: Rule) -> str:
    parts = [
        f"# {rule.id}: {rule.check.__name__.replace('_', ' ')}",
        f"**{rule.severity}** · {rule.summary}",
        rule.reason,
    ]
    for title, files, others in (("Wrong", rule.wrong, rule.right), ("Right", rule.right, rule.wrong)):
        for path, content in files.items():
            if others.get(path) != content:
                text = sample_text(content)
                longest = max((len(run) for run in _LONGEST_FENCE.findall(text)), default=2)
                fence = "`" * (longest + 1)
                parts.append(f"{title}, `{path}`:\n\n{fence}text\n{text}\n{fence}")
    parts.append(f"To answer it in a file: `<!-- fastapi-expert: ignore {rule.id} -- reason -->`.")
    return "\n\n".join(parts) + "\n"


def main(folder: str) -> None:
    """Write the pages into a folder, and take away those of rules that are gone."""
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    written = pages()
    for old in target.glob("*.md"):
        if old.name not in written:
            old.unlink()
    for name, text in written.items():
        (target / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "docs/rules")
