"""What is deliberate, and where names come from: seen through the rule for removed interfaces."""

from __future__ import annotations

from pathlib import Path

import pytest

from fastapi_expert.lint.rule import chosen_rules
from fastapi_expert.lint.run import lint_paths
from fastapi_expert.lint.samples import SKILL, skill
from tests.pack.laying import lay

OLD = "from pydantic import BaseSettings"
BLOCK = f"```python\n{OLD}\n```\n"


def places(root: Path, text: str) -> list[tuple[int, int]]:
    lay(root, skill(f"{SKILL}\n{text}"))
    findings = lint_paths([root], chosen_rules(["AP"])).findings
    return [(finding.line - SKILL.count("\n") - 1, finding.column) for finding in findings]


def fenced(code: str) -> str:
    return f"```python\n{code}\n```\n"


@pytest.mark.parametrize(
    "text",
    [
        fenced(f"# DO NOT DO THIS\n{OLD}"),
        fenced(f"{OLD}  # wrong"),
        fenced(f"# ❌ Bad\n{OLD}"),
        fenced(f"# DANGEROUS: it is gone\n{OLD}"),
        f"Vulnerable code:\n\n{BLOCK}",
        fenced(f"# Before\n{OLD}\n# After\nfrom pydantic_settings import BaseSettings"),
        f"## Anti-patterns\n\n### Settings\n\n{BLOCK}",
        f"### ❌ Settings\n\nText.\n\n{BLOCK}",
        f"**Bad:**\n\n{BLOCK}",
        f"Don't do this:\n{BLOCK}",
        f"- ❌ Avoid:\n\n  ```python\n  {OLD}\n  ```\n",
        f"Old way:\n\n<!-- a comment -->\n{BLOCK}",
        f"#### Before (v1)\n\n{BLOCK}",
    ],
)
def test_code_that_is_marked_as_wrong_is_deliberate(tmp_path: Path, text: str) -> None:
    assert places(tmp_path, text) == []


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (BLOCK, 2),
        (f"## Badges\n\n{BLOCK}", 4),
        (f"## Vulnerable packages\n\n{BLOCK}", 4),
        (f"## Anti-patterns\n\nText.\n\n## Settings\n\n{BLOCK}", 8),
        (f"## Anti-patterns\n\n✅ Good:\n\n{BLOCK}", 6),
        (f"Before you start, install it:\n\n{BLOCK}", 4),
        (fenced(f"# Bad\nx = 1\n# Good\n{OLD}"), 5),
        (fenced(f"# before the first request\n{OLD}"), 3),
        (fenced(f"# don't forget the extra\n{OLD}"), 3),
        (f"Bad:\n\n```python\nx = 1\n```\n\nText.\n\n{BLOCK}", 10),
    ],
)
def test_other_code_is_judged(tmp_path: Path, text: str, line: int) -> None:
    assert [found for found, _ in places(tmp_path, text)] == [line]


@pytest.mark.parametrize(
    ("code", "place"),
    [
        ("from fastapi import FastAPI as F\napp = F()\napp.add_event_handler(1)", (4, 1)),
        ("import fastapi as web\nserver: web.FastAPI = make()\nserver.add_event_handler(1)", (4, 1)),
        ("import fastapi\ndef f(app: fastapi.FastAPI | None):\n    app.add_event_handler(1)", (4, 5)),
        (">>> import fastapi\n>>> fastapi.FastAPI().add_event_handler(1)", (3, 5)),
        ("  from fastapi import FastAPI\n  é = FastAPI().add_event_handler", (3, 7)),
        ("from pydantic import BaseModel\nclass A(BaseModel):\n    id: int\nclass B(A): ...\nB.parse_obj(1)", (6, 1)),
        (
            "from typing import Annotated\nfrom fastapi import Depends\n"
            "from sqlalchemy.ext.asyncio import AsyncSession\n"
            "Session = Annotated[AsyncSession, Depends(get)]\nasync def f(session: Session):\n    session.query(A)",
            (7, 5),
        ),
        (
            "from sqlalchemy.ext.asyncio import async_sessionmaker\nmaker = async_sessionmaker(engine)\n"
            "async def f():\n    async with maker() as s:\n        return s.query(A)",
            (6, 16),
        ),
        ("import jwt\ncreate(..., jwt.decode(token, key))", (3, 13)),
    ],
)
def test_a_thing_is_known_by_where_it_comes_from(tmp_path: Path, code: str, place: tuple[int, int]) -> None:
    assert places(tmp_path, fenced(code)) == [place]


@pytest.mark.parametrize(
    "code",
    [
        "app.add_event_handler(1)",
        "from flask import FastAPI\nFastAPI().add_event_handler(1)",
        "from fastapi import FastAPI\napp = FastAPI()\napp = other()\napp.add_event_handler(1)",
        "from fastapi import FastAPI\napp = FastAPI()\ndef f(app):\n    app.add_event_handler(1)",
        "from fastapi import FastAPI\nclass App(FastAPI):\n    def route(self): ...\nApp().route()",
        "from fastapi import FastAPI\nclass App(FastAPI, Mixin): ...\nApp().route()",
        "from pydantic import BaseModel\nclass A(BaseModel):\n    json: str\ndef f(a: A):\n    return a.json",
        "class Config:\n    orm_mode = True",
        "import jwt\njwt.decode(token, key, **options)",
        'import jwt\njwt.decode(token, key, ["HS256"])',
        "from fastapi import FastAPI\n[app.route for app in FastAPI()]",
        "x = x\nx.query\ny = z\nz = y\ny.query",
        "from fastapi import FastAPI\napp = FastAPI()\ndef f():\n    global app\n    app = 1\napp.route",
        "try:\n    from pydantic import BaseSettings\nexcept ImportError:\n    BaseSettings = None",
    ],
)
def test_what_is_not_known_is_not_judged(tmp_path: Path, code: str) -> None:
    assert places(tmp_path, fenced(code)) == []


def test_ten_thousand_faults_are_reported(tmp_path: Path) -> None:
    code = "import time\nasync def f():\n" + "    time.sleep(1)\n" * 10_000
    lay(tmp_path, skill(f"{SKILL}\n{fenced(code)}"))

    assert len(lint_paths([tmp_path], chosen_rules(["SE"])).findings) == 10_000


@pytest.mark.parametrize(
    "code",
    [
        "import thing\n" + "x = thing.y\n" * 20_000,
        "import jwt\n" + "\n".join(f"x{n + 1} = x{n}" for n in range(20_000)) + "\nx20000.query",
        "import thing\nx = thing" + ".b()" * 300,
        "import jwt\nx = jwt" + "[" * 90 + "0" + "]" * 90,
        "from sqlalchemy import text\ntext('a'" + " + 'b'" * 600 + ")",
        "from fastapi import Depends\ndef f():\n" + "    yield s\n" * 10_000 + "Depends(f)\n" * 10_000,
        "class A0: ...\n" + "\n".join(f"class A{n + 1}(A{n}): x{n} = 1" for n in range(3_000)),
        "try:\n pass\nexcept Exception as e:\n f(" + "f(" * 90 + "e" + ")" * 91,
        "# ❌\n" * 50_000,
        "x = f'{a}'\n" * 20_000,
    ],
)
def test_a_hostile_block_is_read_to_its_end(tmp_path: Path, code: str) -> None:
    lay(tmp_path, skill(f"{SKILL}\n{fenced(code)}"))

    assert lint_paths([tmp_path], chosen_rules(["AP", "SE", "PY"])).findings == []
