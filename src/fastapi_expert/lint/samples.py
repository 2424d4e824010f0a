"""The sound files that the rules' samples are made from, each with one thing changed."""

from __future__ import annotations

SKILL_PATH = "skills/greeting/SKILL.md"
SKILL = """\
---
name: greeting
description: Greets people by name. Use when someone is to be greeted.
---
# Greeting

Say hello, then the name.
"""

AGENT_PATH = "agents/greeter.md"
AGENT = """\
---
name: greeter
description: Greets people. Use when someone arrives.
model: inherit
---
You greet whoever arrives, in one sentence.
"""

HOUSE_AGENT = """\
---
name: greeter
description: Greets people. Use when someone arrives.
model: inherit
skills:
  - greeting
---
You greet whoever arrives, in one sentence.

<example>
Context: someone new is here
user: "This is Ada."
assistant: "Hello, Ada."
<commentary>An arrival. Skill `greeting`, template `service/app/main.py`.</commentary>
</example>
"""

TEMPLATE_PATH = "templates/service/template.yaml"
TEMPLATE = """\
name: service
summary: A program that greets
exemplar: specimen-service
options:
  type: object
  additionalProperties: false
  properties:
    loud:
      type: boolean
      default: true
      description: greet in capitals
"""

CODE_PATH = "templates/service/app/main.py"
CODE = """\
GREETING = "hello"


def greet(name: str) -> str:
    greeting = f"{GREETING}, {name}"
    # % if loud
    greeting = greeting.upper()
    # % endif
    return greeting
"""

CASE = {
    "evals/cases/arrival/case.yaml": """\
title: Somebody arrives
kind: own
example: E1
skills: [greeting]
without_pack: {result: badly, because: Common code greets nobody.}
minutes: 5
bad: {does: Nothing., fails: [greeted]}
""",
    "evals/cases/arrival/prompt.md": "Greet Ada.\n",
    "evals/cases/arrival/grade.py": """\
async def check_greeted(trial: object) -> None:
    \"\"\"Ada is greeted.\"\"\"
""",
    "evals/cases/arrival/start/main.py": "",
    "evals/cases/arrival/good/main.py": "print('hello, Ada')\n",
    "evals/cases/arrival/bad/main.py": "",
}


def skill(text: str) -> dict[str, str]:
    """A folder with one skill."""
    return {SKILL_PATH: text}


def agent(text: str) -> dict[str, str]:
    """A folder with one agent."""
    return {AGENT_PATH: text}


def house(**files: str) -> dict[str, str]:
    """A pack made to the rules of the house: its agent, skill, template and code, each replaceable by name."""
    parts = {
        "agent": (AGENT_PATH, HOUSE_AGENT),
        "skill": (SKILL_PATH, SKILL),
        "template": (TEMPLATE_PATH, TEMPLATE),
        "code": (CODE_PATH, CODE),
    }
    return {path: files.get(name, text) for name, (path, text) in parts.items()}
