"""The SE rules beyond their samples: what else they find, and what they let pass."""

from __future__ import annotations

from pathlib import Path

import pytest

from fastapi_expert.lint.rule import chosen_rules
from fastapi_expert.lint.run import lint_paths
from fastapi_expert.lint.samples import SKILL, skill
from tests.pack.laying import lay

CORS = "from fastapi.middleware.cors import CORSMiddleware as C\n"
SESSION = "from sqlalchemy.ext.asyncio import AsyncSession\nasync def f(s: AsyncSession, name: str):\n    "
ROUTE = "from fastapi import HTTPException\nfrom fastapi.responses import JSONResponse\n"
DEPENDS = "from fastapi import Depends\n"


def found(root: Path, code: str) -> list[str]:
    lay(root, skill(f"{SKILL}\n```python\n{code}\n```\n"))
    return [finding.rule for finding in lint_paths([root], chosen_rules(["SE"])).findings]


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        ("SE001", CORS + "ORIGINS = ['*']\napp.add_middleware(C, allow_origins=ORIGINS, allow_credentials=True)"),
        ("SE001", CORS + "C(app, allow_origin_regex='.*', allow_credentials=True)"),
        ("SE002", "SECRET_KEY = 'your-secret-key'"),
        ("SE002", "import os\nJWT_SECRET = os.getenv('JWT_SECRET', 'dev')"),
        ("SE002", "from pydantic_settings import BaseSettings\nclass S(BaseSettings):\n    secret_key: str = 'x'"),
        ("SE002", "import jwt\njwt.decode(token, 'JWT_SECRET', algorithms=['HS256'])"),
        ("SE003", "from jose import jwt\njwt.decode(token, key)"),
        ("SE004", SESSION + "await s.execute(f'SELECT {name}')"),
        ("SE004", SESSION + "await s.scalars('SELECT ' + name + ' FROM x')"),
        ("SE004", "import sqlalchemy as sa\nsa.text('SELECT %s' % name)"),
        ("SE004", "import sqlalchemy as sa\nquery = 'SELECT {}'.format(name)\nsa.text(query)"),
        ("SE004", "import asyncpg\nasync def f():\n    c = await asyncpg.connect()\n    await c.fetch(f'SELECT {x}')"),
        ("SE005", "if x_api_key != API_KEY:\n    pass"),
        ("SE005", "if user.password == password:\n    pass"),
        ("SE005", "if x_api_key != 'secret':\n    pass"),
        ("SE006", "import requests\nrequests.get('https://a.example', verify=False)"),
        ("SE007", ROUTE + "try:\n    f()\nexcept Exception as e:\n    raise HTTPException(500, f'failed: {e}')"),
        ("SE007", ROUTE + "try:\n    f()\nexcept:\n    import traceback\n    JSONResponse(traceback.format_exc())"),
        (
            "SE007",
            ROUTE + "from fastapi import FastAPI\napp = FastAPI()\n@app.exception_handler(Exception)\n"
            "async def handle(request, exc):\n    return JSONResponse({'detail': str(exc)}, 500)",
        ),
        ("SE008", "import requests\nasync def f():\n    return requests.get('x')"),
        ("SE008", "import time\nasync def f():\n    return [time.sleep(n) for n in x]"),
        ("SE008", "from sqlalchemy.orm import Session\nasync def f(db: Session):\n    return db.query(X)"),
        ("SE009", DEPENDS + "def get():\n    with maker.begin() as s:\n        yield s\nDepends(get)"),
        (
            "SE009",
            DEPENDS + "async def get():\n    try:\n        yield s\n        await s.commit()\n"
            "    except Exception:\n        raise\nasync def read(s=Depends(get)): ...",
        ),
    ],
)
def test_a_fault_is_found(tmp_path: Path, rule: str, code: str) -> None:
    assert found(tmp_path, code) == [rule]


@pytest.mark.parametrize(
    "code",
    [
        CORS + "app.add_middleware(C, allow_origins=['*'])",
        CORS + "app.add_middleware(C, allow_origins=settings.origins, allow_credentials=True)",
        "app.add_middleware(CORSMiddleware, allow_origins=['*'], allow_credentials=True)",
        "from enum import StrEnum\nclass Kind(StrEnum):\n    SECRET = 'secret'",
        "import os\nSECRET_KEY = os.environ['SECRET_KEY']",
        "import pytest\nSECRET_KEY = 'for the tests'",
        "from pydantic import SecretStr\nclass S:\n    secret_key: SecretStr",
        "SECRET_KEY = ''",
        "SECRET_KEY = 'whsec_...'",
        "SECRET_KEY = 'x'  # wrong",
        "import jwt\njwt.decode(token, key, algorithms=['HS256'], options={'require': ['exp']})",
        "import sqlalchemy as sa\nTABLE = 'users'\nsa.text(f'SELECT * FROM {TABLE} LIMIT {int(n)}')",
        "import sqlalchemy as sa\nsa.text('SELECT 1 ' 'FROM x')",
        "runner.execute(f'echo {name}')",
        "if password != confirm_password:\n    raise ValueError",
        "if password is None or password == '':\n    raise ValueError",
        "select(User).where(user.api_key == api_key)",
        "if password == '-':\n    pass",
        "if x == default_model_signature:\n    pass",
        "if kind == Kind.PASSWORD:\n    pass",
        "if grant_type == 'password':\n    pass",
        "assert user.password == 'x'",
        "import httpx2\nhttpx2.AsyncClient(verify=context)",
        ROUTE + "try:\n    f()\nexcept ValueError as e:\n    raise HTTPException(400, str(e))",
        ROUTE + "try:\n    f()\nexcept Exception as e:\n    log(str(e))\n    raise HTTPException(500) from e",
        "import time\ndef f():\n    time.sleep(1)",
        "import asyncio, time\nasync def f():\n    await asyncio.to_thread(time.sleep, 1)",
        "import time\nasync def f():\n    await run(lambda: time.sleep(1))",
        "async def f(session):\n    session.query(1)",
        DEPENDS + "def get():\n    with maker() as s:\n        yield s\nDepends(get)",
        DEPENDS + "def get():\n    s.commit()\n    yield s\nDepends(get)",
        DEPENDS + "def get():\n    with maker.begin() as s:\n        yield s\nDepends(get, scope='function')",
        "def get():\n    with maker.begin() as s:\n        yield s",
    ],
)
def test_what_is_right_or_unknown_passes(tmp_path: Path, code: str) -> None:
    assert found(tmp_path, code) == []
