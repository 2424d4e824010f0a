"""The 62 broken packs on which twenty other linters were measured, each built here and caught by the right rule.

Each is a plugin with an agent and two skills in which one thing is broken; whole, the plugin has no finding.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from fastapi_expert.lint.rule import Symlink
from fastapi_expert.lint.run import lint_paths
from tests.pack.laying import lay

Files = dict[str, str | bytes | Symlink]

SKILL_PATH = "skills/fastapi-pagination/SKILL.md"
REFERENCE_PATH = "skills/fastapi-pagination/references/cursors.md"
SCRIPT_PATH = "skills/fastapi-pagination/scripts/count.py"
AGENT_PATH = "agents/fastapi-backend-expert.md"
WHEN = "Paginates list endpoints of FastAPI. Use when a list route is added."
SKILL = f"""\
---
name: fastapi-pagination
description: {WHEN}
---
# Pagination

Read [cursors](references/cursors.md) for long tables, and run `scripts/count.py` to count pages.

## Limits

```python
from fastapi import FastAPI, Query

app = FastAPI()


@app.get("/items")
async def list_items(limit: int = Query(20, le=100)) -> list[int]:
    return list(range(limit))
```
"""
EXAMPLE = """
<example>
Context: a list route without limits
user: "Paginate GET /items."
assistant: "I add limit and offset, and a test."
<commentary>A list route is the agent's daily work.</commentary>
</example>
"""
AGENT = f"""\
---
name: fastapi-backend-expert
description: Builds FastAPI services. Use when a route, a model or a query is asked for.
model: sonnet
color: green
tools: Read, Grep, Glob
skills: fastapi-pagination, fastapi-errors
---
You build FastAPI services in small steps, and test each.
{EXAMPLE}"""
WHOLE: Files = {
    ".claude-plugin/plugin.json": '{"name": "fastapi-kit", "version": "1.0.0"}\n',
    AGENT_PATH: AGENT,
    SKILL_PATH: SKILL,
    REFERENCE_PATH: "# Cursors\n\nEncode the last id.\n",
    SCRIPT_PATH: "print(7 // 2)\n",
    "skills/fastapi-errors/SKILL.md": """\
---
name: fastapi-errors
description: Maps exceptions of the domain to HTTP answers. Use when a handler or a status is asked for.
---
# Errors

Raise what the domain calls it; one handler makes a status of it.
""",
}


def broken_skill(old: str, new: str) -> Files:
    assert old in SKILL
    return {SKILL_PATH: SKILL.replace(old, new, 1)}


def skill_with(line: str) -> Files:
    """A line more in the frontmatter."""
    return broken_skill("---\n#", f"{line}\n---\n#")


def skill_and(text: str) -> Files:
    """A text more in the body."""
    return {SKILL_PATH: f"{SKILL}\n{text}\n"}


def broken_agent(old: str, new: str) -> Files:
    assert old in AGENT
    return {AGENT_PATH: AGENT.replace(old, new, 1)}


def described(text: str) -> Files:
    return broken_skill(f"description: {WHEN}", f"description: {text}")


BOMB = "metadata:\n  a: &a [x, x]\n" + "\n".join(
    f"  {b}: &{b} [*{a}, *{a}, *{a}]" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
)

CASES: dict[str, tuple[Files, str]] = {
    "A01 missing name": (broken_agent("name: fastapi-backend-expert\n", ""), "FM009"),
    "A02 name is not the file's": (broken_agent("name: fastapi-backend-expert", "name: backend-helper"), "FM013"),
    "A03 unknown tool": (broken_agent("Read, Grep", "Read, Wrte"), "FD002"),
    "A04 dangling skill": (broken_agent("fastapi-errors", "no-such-skill"), "LK001"),
    "A05 example without commentary": (
        broken_agent("<commentary>A list route is the agent's daily work.</commentary>\n", ""),
        "ST003",
    ),
    "A06 unclosed example": (broken_agent("</example>", ""), "ST002"),
    "A07 unknown model": (broken_agent("sonnet", "gtp-5-turbo"), "FD001"),
    "A08 unknown colour": (broken_agent("green", "turquoise"), "FM010"),
    "A09 colon in the description": (broken_agent("services. Use", "services: routes. Use"), "FM006"),
    "A10 misspelt key": (broken_agent("model:", "modle:"), "FM014"),
    "A11 missing description": (
        broken_agent("description: Builds FastAPI services. Use when a route, a model or a query is asked for.\n", ""),
        "FM009",
    ),
    "A12 bad YAML": (broken_agent("tools: Read, Grep, Glob", "tools: [Read, {Grep"), "FM004"),
    "A13 duplicate name": (
        {"agents/another.md": AGENT.replace("Builds FastAPI services", "Reviews changed migrations of databases")},
        "FD005",
    ),
    "A14 unclosed fence": ({AGENT_PATH: AGENT + "\n```sh\nls\n"}, "ST001"),
    "A15 empty body": ({AGENT_PATH: AGENT.partition("You build")[0]}, "ST005"),
    "A16 fields that a plugin ignores": (broken_agent("color:", "permissionMode: plan\ncolor:"), "FD003"),
    "A17 Python that doesn't parse": ({AGENT_PATH: AGENT + "\n```python\ndef f(:\n    pass\n```\n"}, "PY001"),
    "A18 bad permission mode": (broken_agent("color:", "permissionMode: yolo\ncolor:"), "FM010"),
    "A19 name with spaces": (broken_agent("name: fastapi-backend-expert", "name: FastAPI Backend Expert"), "FM012"),
    "A20 no frontmatter": ({AGENT_PATH: AGENT.rpartition("---\n")[2]}, "FM001"),
    "A21 skills of the wrong type": (
        broken_agent("skills: fastapi-pagination, fastapi-errors", "skills: {a: b}"),
        "FM010",
    ),
    "A22 tools of the wrong type": (broken_agent("tools: Read, Grep, Glob", "tools: 7"), "FM010"),
    "A23 backslash and n": (broken_agent("services. Use", "services.\\nUse"), "DE004"),
    "S01 missing name": (broken_skill("name: fastapi-pagination\n", ""), "FM009"),
    "S02 bad YAML": (skill_with("license: [MIT, {unclosed"), "FM004"),
    "S03 tab": (skill_with("metadata:\n\tauthor: Ada"), "FM005"),
    "S04 duplicate key": (skill_with("license: MIT\nlicense: BSD"), "FM007"),
    "S05 name is not the folder's": (broken_skill("name: fastapi-pagination", "name: pagination"), "FM013"),
    "S06 name too long": (broken_skill("name: fastapi-pagination", f"name: {'fastapi-' * 9}x"), "FM011"),
    "S07 name of other letters": (broken_skill("name: fastapi-pagination", "name: FastAPI_Pagination"), "FM012"),
    "S08 missing description": (broken_skill(f"description: {WHEN}\n", ""), "FM009"),
    "S09 description of 1,500 characters": (described(f"{WHEN} {'And more of it. ' * 90}"), "FM011"),
    "S10 colon in the description": (described("Paginates: limits. Use when a list route is added."), "FM006"),
    "S11 tag in the description": (described(f"<b>{WHEN}</b>"), "DE003"),
    "S12 misspelt key": (skill_with("licence: MIT"), "FM014"),
    "S13 unknown tool": (skill_with("allowed-tools: Read Wrte"), "FD002"),
    "S14 no frontmatter": ({SKILL_PATH: SKILL.rpartition("---\n")[2]}, "FM001"),
    "S15 unterminated frontmatter": (broken_skill("---\n#", "#"), "FM002"),
    "S16 unclosed fence": ({SKILL_PATH: SKILL.removesuffix("```\n")}, "ST001"),
    "S17 dangling link": (skill_and("See [more](references/missing.md)."), "LK003"),
    "S18 nested reference": (
        {
            REFERENCE_PATH: "# Cursors\n\nMore in [keys](keys.md).\n",
            "skills/fastapi-pagination/references/keys.md": "# Keys\n",
        },
        "LK006",
    ),
    "S19 absolute path": (skill_and("See [more](/home/ada/notes/paging.md)."), "LK007"),
    "S20 path that escapes": (skill_and("See [more](../../../../outside/paging.md)."), "LK008"),
    "S21 byte order mark": ({SKILL_PATH: "\ufeff" + SKILL}, "FI004"),
    "S22 CRLF": ({SKILL_PATH: SKILL.replace("\n", "\r\n")}, "FI007"),
    "S23 not UTF-8": ({SKILL_PATH: SKILL.replace("long", "l\u00e5ng").encode("latin-1")}, "FI003"),
    "S24 empty file": ({SKILL_PATH: ""}, "FM001"),
    "S25 alias bomb": (skill_with(BOMB), "FM008"),
    "S26 ten megabytes": ({SKILL_PATH: SKILL + "x" * 10_000_000}, "FI002"),
    "S27 symbolic link that loops": ({"skills/fastapi-pagination/references/again": Symlink("..")}, "FI001"),
    "S28 dashes in the description": (described("Paginates --- with limits. Use when a list route is added."), "FM003"),
    "S29 Python that doesn't parse": (skill_and("```python\nfor item in items print(item)\n```"), "PY001"),
    "S30 import that doesn't exist": (skill_and("```python\nfrom fastapi import Paginator\n```"), "PY002"),
    "S31 removed API": (skill_and("```python\nfrom pydantic import BaseSettings\n```"), "AP001"),
    "S32 broken Jinja template": (
        skill_and("Use `templates/list.py.j2`.")
        | {"skills/fastapi-pagination/templates/list.py.j2": "{% for item in items %}\n{{ item }}\n"},
        "TP004",
    ),
    "S33 NUL and control characters": (skill_and("a\x00b\x07"), "FI005"),
    "S34 broken anchor": (skill_and("See [limits](#no-such-section)."), "LK005"),
    "S35 empty body": ({SKILL_PATH: SKILL.partition("# Pagination")[0]}, "ST005"),
    "S36 body of 900 lines": ({SKILL_PATH: SKILL + "- one more line\n" * 900}, "BU005"),
    "S37 script that doesn't parse": ({SCRIPT_PATH: "print(7 // 2\n"}, "PY003"),
    "S38 orphan reference": ({"skills/fastapi-pagination/references/offsets.md": "# Offsets\n"}, "LK009"),
    "S39 file name in another case": ({"skills/fastapi-pagination/Skill.md": SKILL, SKILL_PATH: ""}, "FI006"),
}


def test_the_whole_pack_has_no_finding(tmp_path: Path) -> None:
    report = lint_paths([lay(tmp_path, WHOLE)])

    assert report.checked == 5
    assert report.findings == []


def test_there_are_as_many_cases_as_were_measured() -> None:
    assert len(CASES) == 62


@pytest.mark.parametrize("name", CASES)
def test_each_case_is_caught_by_its_rule(name: str, tmp_path: Path) -> None:
    files, rule = CASES[name]
    lay(tmp_path, {path: text for path, text in {**WHOLE, **files}.items() if text != "" or rule == "FM001"})

    found = {finding.rule for finding in lint_paths([tmp_path]).findings}

    assert rule in found
    assert len(found) <= 4  # what follows from it may be said, too
