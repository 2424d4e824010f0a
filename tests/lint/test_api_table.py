"""Every entry of the API table, run the old way on the installed libraries and found by the rule in the same code."""

from __future__ import annotations

import subprocess
import sys
import warnings
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import pytest

from fastapi_expert.lint.api_table import CHANGES
from fastapi_expert.lint.blocks import examples
from fastapi_expert.lint.rules.api import changes
from fastapi_expert.lint.samples import SKILL, skill
from fastapi_expert.pack.reading import read_pack
from tests.pack.laying import lay


@dataclass(frozen=True)
class Proof:
    """The old way, and what is seen: the exception or warning by name, or nothing where the code asserts by itself."""

    code: str
    seen: str = ""


APP = "from fastapi import FastAPI\napp = FastAPI()\n"
STARLETTE = "from starlette.applications import Starlette\n"
CLIENT = "from fastapi.testclient import TestClient\n" + APP + "client = TestClient(app)\n"
MODEL = "from pydantic import BaseModel\nclass Item(BaseModel):\n    id: int = 1\nitem = Item()\n"
FIELD = "from pydantic import BaseModel, Field\n"
SQL = "import sqlalchemy as sa\nfrom sqlalchemy import orm\nengine = sa.create_engine('sqlite://')\n"
ASYNC_SQL = "import asyncio\nfrom sqlalchemy.ext.asyncio import AsyncSession\nsession = AsyncSession()\n"
JWT = "import jwt\nkey = 'x' * 40\ntoken = jwt.encode({'sub': 'a'}, key)\n"

PROOFS = {
    "fastapi.FastAPI().add_event_handler": Proof(APP + "app.add_event_handler('startup', print)", "AttributeError"),
    "fastapi.FastAPI().route": Proof(APP + "@app.route('/x')\ndef x(request): ...", "AttributeError"),
    "fastapi.FastAPI().add_websocket_route": Proof(APP + "app.add_websocket_route('/x', print)", "AttributeError"),
    "fastapi.FastAPI(openapi_prefix=)": Proof(
        "from fastapi import FastAPI\nFastAPI(openapi_prefix='/v1')", "TypeError"
    ),
    "starlette.applications.Starlette(on_startup=)": Proof(STARLETTE + "Starlette(on_startup=[])", "TypeError"),
    "starlette.applications.Starlette(on_shutdown=)": Proof(STARLETTE + "Starlette(on_shutdown=[])", "TypeError"),
    "starlette.templating.Jinja2Templates().TemplateResponse('')": Proof(
        "from fastapi.templating import Jinja2Templates\n"
        "templates = Jinja2Templates(directory='.')\n"
        "templates.TemplateResponse('page.html', {'request': None})",
        "TypeError",
    ),
    "starlette.responses.FileResponse(method=)": Proof(
        "from fastapi.responses import FileResponse\nFileResponse('x', method='GET')", "TypeError"
    ),
    "starlette.testclient.TestClient().get(allow_redirects=)": Proof(
        CLIENT + "client.get('/', allow_redirects=False)", "TypeError"
    ),
    "starlette.testclient.TestClient().post(allow_redirects=)": Proof(
        CLIENT + "client.post('/', allow_redirects=False)", "TypeError"
    ),
    "starlette.testclient.TestClient().delete(json=)": Proof(CLIENT + "client.delete('/', json={})", "TypeError"),
    "pydantic.BaseSettings": Proof("from pydantic import BaseSettings", "PydanticImportError"),
    "pydantic.v1.BaseModel": Proof(
        "from pydantic.v1 import BaseModel\n"
        + APP
        + "class Item(BaseModel):\n    id: int\n@app.post('/x')\ndef x(item: Item): ...",
        "PydanticV1NotSupportedError",
    ),
    "pydantic.validate_model": Proof("import pydantic\npydantic.validate_model", "PydanticImportError"),
    "pydantic.parse_raw_as": Proof("from pydantic import parse_raw_as", "PydanticImportError"),
    "pydantic.parse_file_as": Proof("from pydantic import parse_file_as", "PydanticImportError"),
    "pydantic.ConstrainedStr": Proof("from pydantic import ConstrainedStr", "PydanticImportError"),
    "pydantic.ConstrainedInt": Proof("from pydantic import ConstrainedInt", "PydanticImportError"),
    "pydantic.fields.ModelField": Proof("from pydantic.fields import ModelField", "ImportError"),
    "pydantic.main.ModelMetaclass": Proof("from pydantic.main import ModelMetaclass", "ImportError"),
    "pydantic.constr(regex=)": Proof("from pydantic import constr\nconstr(regex='a')", "TypeError"),
    "pydantic.conlist(min_items=)": Proof("from pydantic import conlist\nconlist(int, min_items=1)", "TypeError"),
    "pydantic.conlist(max_items=)": Proof("from pydantic import conlist\nconlist(int, max_items=1)", "TypeError"),
    "pydantic.conlist(unique_items=)": Proof(
        "from pydantic import conlist\nconlist(int, unique_items=True)", "PydanticUserError"
    ),
    "pydantic.Field(regex=)": Proof(FIELD + "Field(regex='a')", "PydanticUserError"),
    "pydantic.Field(const=)": Proof(FIELD + "Field(1, const=True)", "PydanticUserError"),
    "pydantic.Field(unique_items=)": Proof(FIELD + "Field(unique_items=True)", "PydanticUserError"),
    "sqlalchemy.ext.asyncio.AsyncSession().query": Proof(ASYNC_SQL + "session.query(1)", "AttributeError"),
    "sqlalchemy.ext.mypy": Proof("import sqlalchemy.ext.mypy.plugin", "ModuleNotFoundError"),
    "sqlalchemy.Engine().execute": Proof(SQL + "engine.execute(sa.text('SELECT 1'))", "AttributeError"),
    "sqlalchemy.MetaData(bind=)": Proof(SQL + "sa.MetaData(bind=engine)", "TypeError"),
    "sqlalchemy.Table(autoload=)": Proof(SQL + "sa.Table('x', sa.MetaData(), autoload=True)", "TypeError"),
    "sqlalchemy.select([])": Proof(SQL + "sa.select([sa.literal(1)])", "ArgumentError"),
    "sqlalchemy.case([])": Proof(SQL + "sa.case([(sa.true(), 1)])", "ArgumentError"),
    "sqlalchemy.create_engine(convert_unicode=)": Proof(
        "from sqlalchemy import create_engine\ncreate_engine('sqlite://', convert_unicode=True)", "TypeError"
    ),
    "sqlalchemy.create_engine(encoding=)": Proof(
        "from sqlalchemy import create_engine\ncreate_engine('sqlite://', encoding='utf-8')", "TypeError"
    ),
    "sqlalchemy.orm.mapper": Proof("from sqlalchemy.orm import mapper\nmapper(object, None)", "InvalidRequestError"),
    "sqlalchemy.orm.relation": Proof("from sqlalchemy.orm import relation", "ImportError"),
    "sqlalchemy.orm.Session().execute('')": Proof(
        SQL + "with orm.Session(engine) as session:\n    session.execute('SELECT 1')", "ArgumentError"
    ),
    "sqlalchemy.Connection().execute('')": Proof(
        SQL + "with engine.connect() as connection:\n    connection.execute('SELECT 1')", "ObjectNotExecutableError"
    ),
    "sqlalchemy.ext.asyncio.AsyncSession().execute('')": Proof(
        ASYNC_SQL + "async def run():\n    await session.execute('SELECT 1')\nasyncio.run(run())", "ArgumentError"
    ),
    "sqlalchemy.orm.joinedload('')": Proof("from sqlalchemy.orm import joinedload\njoinedload('x')", "ArgumentError"),
    "sqlalchemy.orm.selectinload('')": Proof(
        "from sqlalchemy.orm import selectinload\nselectinload('x')", "ArgumentError"
    ),
    "httpx2.AsyncClient(app=)": Proof("import httpx2\nhttpx2.AsyncClient(app=print)", "TypeError"),
    "httpx2.Client(app=)": Proof("import httpx2\nhttpx2.Client(app=print)", "TypeError"),
    "httpx2.AsyncClient(proxies=)": Proof("import httpx2\nhttpx2.AsyncClient(proxies={})", "TypeError"),
    "jwt.decode(!algorithms)": Proof(JWT + "jwt.decode(token, key)", "DecodeError"),
    "jwt.encode().decode": Proof(JWT + "token.decode('utf-8')", "AttributeError"),
    "pytest.warns(None)": Proof("import pytest\nwith pytest.warns(None): pass", "TypeError"),
    "pydantic.Field(env=)": Proof(
        "import os\nfrom pydantic import Field\nfrom pydantic_settings import BaseSettings\n"
        "os.environ['PROOF_OF_ENV'] = '5'\n"
        "class Settings(BaseSettings):\n    port: int = Field(1, env='PROOF_OF_ENV')\n"
        "assert Settings().port == 1\ndel os.environ['PROOF_OF_ENV']"
    ),
    "pydantic.Field(include=)": Proof(
        FIELD + "class Item(BaseModel):\n    tags: dict[str, int] = Field({'a': 1, 'b': 2}, include={'a'})\n"
        "assert Item().model_dump() == {'tags': {'a': 1, 'b': 2}}"
    ),
    "jwt.decode(verify=)": Proof(
        JWT + "try:\n    jwt.decode(token, 'y' * 40, algorithms=['HS256'], verify=False)\n"
        "except jwt.InvalidSignatureError:\n    pass\nelse:\n    raise AssertionError"
    ),
    "fastapi.FastAPI().on_event": Proof(
        CLIENT.replace("FastAPI()", "FastAPI(lifespan=lifespan)").replace(
            "\napp",
            "\nfrom contextlib import asynccontextmanager\n@asynccontextmanager\nasync def lifespan(app): yield\napp",
        )
        + "ran = []\n@app.on_event('startup')\ndef start(): ran.append(1)\nwith client: pass\nassert ran == []",
        "DeprecationWarning",
    ),
    "fastapi.APIRouter().on_event": Proof(
        "from fastapi import APIRouter\nrouter = APIRouter()\n@router.on_event('startup')\ndef start(): ...",
        "DeprecationWarning",
    ),
    "fastapi.FastAPI(root_path=)": Proof(
        "from fastapi import FastAPI\nFastAPI(root_path='/v1')", "FastAPIDeprecationWarning"
    ),
    "pydantic.validator": Proof(
        "from pydantic import BaseModel, validator\nclass Item(BaseModel):\n    id: int\n"
        "    @validator('id')\n    def check(cls, value): return value",
        "PydanticDeprecatedSince20",
    ),
    "pydantic.root_validator": Proof(
        "from pydantic import BaseModel, root_validator\nclass Item(BaseModel):\n    id: int\n"
        "    @root_validator(pre=True)\n    def check(cls, values): return values\n"
        "try:\n    class Bare(BaseModel):\n        @root_validator\n        def check(cls, values): return values\n"
        "except Exception as error:\n    assert type(error).__name__ == 'PydanticUserError'\n"
        "else:\n    raise AssertionError",
        "PydanticDeprecatedSince20",
    ),
    "pydantic.BaseModel:Config": Proof(
        "from pydantic import BaseModel\nclass Item(BaseModel):\n    class Config:\n        frozen = True",
        "PydanticDeprecatedSince20",
    ),
    "pydantic_settings.BaseSettings:Config": Proof(
        "from pydantic_settings import BaseSettings\nclass Settings(BaseSettings):\n"
        "    class Config:\n        env_file = '.env'",
        "PydanticDeprecatedSince20",
    ),
    "pydantic.Extra": Proof("from pydantic import Extra\nExtra.forbid", "PydanticDeprecatedSince20"),
    "pydantic.BaseConfig": Proof(
        "from pydantic import BaseConfig\nclass Config(BaseConfig): ...", "PydanticDeprecatedSince20"
    ),
    "pydantic.parse_obj_as": Proof(
        "from pydantic import parse_obj_as\nparse_obj_as(int, '1')", "PydanticDeprecatedSince20"
    ),
    "pydantic.schema_of": Proof("from pydantic import schema_of\nschema_of(int)", "PydanticDeprecatedSince20"),
    "pydantic.generics.GenericModel": Proof("from pydantic.generics import GenericModel", "PydanticDeprecatedSince20"),
    "pydantic.error_wrappers.ValidationError": Proof(
        "from pydantic.error_wrappers import ValidationError", "PydanticDeprecatedSince20"
    ),
    "pydantic.experimental.missing_sentinel.MISSING": Proof(
        "from pydantic.experimental.missing_sentinel import MISSING", "PydanticDeprecatedSince214"
    ),
    "pydantic.Field(example=)": Proof(FIELD + "Field(example=1)", "PydanticDeprecatedSince20"),
    "pydantic.Field(min_items=)": Proof(FIELD + "Field(min_items=1)", "PydanticDeprecatedSince20"),
    "pydantic.Field(max_items=)": Proof(FIELD + "Field(max_items=1)", "PydanticDeprecatedSince20"),
    "pydantic.Field(allow_mutation=)": Proof(FIELD + "Field(allow_mutation=False)", "PydanticDeprecatedSince20"),
    "sqlalchemy.ext.declarative.declarative_base": Proof(
        "from sqlalchemy.ext.declarative import declarative_base\nBase = declarative_base()", "MovedIn20Warning"
    ),
    "sqlalchemy.ext.declarative.as_declarative": Proof(
        "from sqlalchemy.ext.declarative import as_declarative\n@as_declarative()\nclass Base: ...", "MovedIn20Warning"
    ),
    "sqlalchemy.orm.Session().query().get": Proof(
        SQL + "class Base(orm.DeclarativeBase): ...\nclass User(Base):\n    __tablename__ = 'users'\n"
        "    id = sa.Column(sa.Integer, primary_key=True)\nBase.metadata.create_all(engine)\n"
        "with orm.Session(engine) as session:\n    session.query(User).get(1)",
        "LegacyAPIWarning",
    ),
    "pytest.yield_fixture": Proof(
        "import pytest\n@pytest.yield_fixture\ndef thing(): yield", "PytestRemovedIn10Warning"
    ),
}
for name in ("on_event", "add_event_handler", "route", "middleware", "exception_handler"):
    PROOFS[f"starlette.applications.Starlette().{name}"] = Proof(
        f"{STARLETTE}app = Starlette()\napp.{name}('x')", "AttributeError"
    )
for name in ("ORJSON", "UJSON"):
    # Neither library is here: the response warns, then fails.
    PROOFS[f"fastapi.responses.{name}Response"] = Proof(
        f"from fastapi.responses import {name}Response\n"
        f"try:\n    {name}Response({{}})\nexcept AssertionError as error:\n"
        f"    assert '{name.lower()} must be installed' in str(error)\nelse:\n    raise RuntimeError",
        "FastAPIDeprecationWarning",
    )
for name in ("Query", "Path", "Header", "Cookie", "Body", "Form", "File"):
    for keyword in ("regex", "example"):
        PROOFS[f"fastapi.{name}({keyword}=)"] = Proof(
            f"from fastapi import {name}\n{name}({keyword}='a')", "FastAPIDeprecationWarning"
        )
for call in (
    "item.dict()",
    "item.json()",
    "item.copy()",
    "Item.parse_obj({})",
    "Item.parse_raw('{}')",
    "Item.construct()",
    "Item.schema()",
    "Item.schema_json()",
    "Item.validate({})",
    "Item.update_forward_refs()",
):
    owner, method = call.partition("(")[0].split(".")
    usage = f"pydantic.BaseModel{'()' if owner == 'item' else ''}.{method}"
    PROOFS[usage] = Proof(MODEL + call, "PydanticDeprecatedSince20")
PROOFS["pydantic.BaseModel.__fields__"] = Proof(MODEL + "Item.__fields__", "PydanticDeprecatedSince20")
PROOFS["pydantic.BaseModel.parse_file"] = Proof(
    MODEL + "import pathlib, tempfile\nwith tempfile.TemporaryDirectory() as folder:\n"
    "    path = pathlib.Path(folder, 'x.json')\n    path.write_text('{}')\n    Item.parse_file(path)",
    "PydanticDeprecatedSince20",
)
PROOFS["pydantic.BaseModel.from_orm"] = Proof(
    "from pydantic import BaseModel, ConfigDict\nclass Item(BaseModel):\n"
    "    model_config = ConfigDict(from_attributes=True)\n    id: int = 1\nItem.from_orm(Item())",
    "PydanticDeprecatedSince20",
)
for name in ("model_fields", "model_computed_fields"):
    PROOFS[f"pydantic.BaseModel().{name}"] = Proof(f"{MODEL}item.{name}", "PydanticDeprecatedSince211")
for name in (
    "HTTP_413_REQUEST_ENTITY_TOO_LARGE",
    "HTTP_414_REQUEST_URI_TOO_LONG",
    "HTTP_416_REQUESTED_RANGE_NOT_SATISFIABLE",
    "HTTP_422_UNPROCESSABLE_ENTITY",
):
    PROOFS[f"starlette.status.{name}"] = Proof(
        f"from fastapi import status\nstatus.{name}", "StarletteDeprecationWarning"
    )
# Each setting of Pydantic 1, a model that would show its effect, and that it doesn't.
EFFECTS = {
    "allow_mutation": ("False", "item = Item()\nitem.name = 'b'"),
    "allow_population_by_field_name": ("True", "assert Item(alias='z').alias == 'x'"),
    "anystr_lower": ("True", "assert Item(name='A').name == 'A'"),
    "anystr_strip_whitespace": ("True", "assert Item(name=' a ').name == ' a '"),
    "anystr_upper": ("True", "assert Item(name='a').name == 'a'"),
    "max_anystr_length": ("1", "assert Item(name='abc').name == 'abc'"),
    "min_anystr_length": ("3", "assert Item(name='a').name == 'a'"),
    "orm_mode": (
        "True",
        "import pydantic, types\ntry:\n    Item.model_validate(types.SimpleNamespace(name='a'))\n"
        "except pydantic.ValidationError:\n    pass\nelse:\n    raise AssertionError",
    ),
    "schema_extra": ("{'example': 1}", "assert 'example' not in Item.model_json_schema()"),
    "validate_all": ("True", "assert Item().count == 'none'"),
}
ITEM = "    name: str = 'a'\n    count: int = 'none'\n    alias: str = Field('x', alias='named')\n"

for name, (value, shown) in EFFECTS.items():
    head = "from pydantic import BaseModel, ConfigDict, Field\nclass Item(BaseModel):\n"
    PROOFS[f"pydantic.BaseModel:Config:{name}"] = Proof(
        f"{head}{ITEM}    class Config:\n        {name} = {value}\n{shown}"
    )
    PROOFS[f"pydantic.ConfigDict({name}=)"] = Proof(
        f"{head}{ITEM}    model_config = ConfigDict({name}={value})\n{shown}"
    )

# Libraries that no environment of ours holds: their absence is all that can be shown here.
ABSENT = {
    "aioredis": "import aioredis",
    "fastapi_limiter.FastAPILimiter": "from fastapi_limiter import FastAPILimiter",
    "httpx.AsyncClient(app=)": "import httpx\nhttpx.AsyncClient(app=None)",
    "jose": "from jose import jwt",
}
# What only a run of pytest shows.
RUNS = {
    "pytest.fixture:event_loop": (
        "import asyncio, pytest\nloop = asyncio.new_event_loop()\n"
        "@pytest.fixture\ndef event_loop():\n    yield loop\n"
        "@pytest.mark.asyncio\nasync def test_loop():\n    assert asyncio.get_running_loop() is not loop\n",
        "1 passed",
    ),
    "pytest.mark.asyncio(scope=)": (
        "import pytest\n@pytest.mark.asyncio(scope='module')\nasync def test_it(): ...\n",
        'The "scope" keyword argument to the asyncio marker has been deprecated',
    ),
}
# What Python 3.11 can show of a warning that comes with 3.12.
UTCNOW = (
    "from datetime import UTC, datetime\ntry:\n    datetime.utcnow() < datetime.now(UTC)\n"
    "except TypeError:\n    pass\nelse:\n    raise AssertionError\n"
)


def found(code: str, folder: Path) -> set[str]:
    lay(folder, skill(f"{SKILL}\n```python\n{code}\n```\n"))
    (example,) = examples(read_pack([folder]))
    return {change.usage for change, _ in changes(example)}


def test_every_entry_has_its_proof() -> None:
    proven = [*PROOFS, *ABSENT, *RUNS, "datetime.datetime.utcnow", "passlib"]

    assert sorted(proven) == sorted(CHANGES)


@pytest.mark.parametrize("usage", PROOFS)
def test_the_old_way_does_what_the_entry_says(usage: str, tmp_path: Path) -> None:
    proof, kind = PROOFS[usage], CHANGES[usage].kind
    raised = ""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            exec(compile(proof.code, usage, "exec"), {"__name__": "proof"})
        except Exception as error:
            raised = type(error).__name__

    assert raised == (proof.seen if kind == "gone" else "")
    assert (proof.seen in {warning.category.__name__ for warning in caught}) == (kind == "deprecated")
    assert raised in CHANGES[usage].today
    assert usage in found(proof.code, tmp_path)


@pytest.mark.parametrize("usage", ABSENT)
def test_a_library_that_went_is_absent(usage: str, tmp_path: Path) -> None:
    assert find_spec(usage.partition(".")[0]) is None
    assert usage in found(ABSENT[usage], tmp_path)


@pytest.mark.parametrize("usage", RUNS)
def test_pytest_does_what_the_entry_says(usage: str, tmp_path: Path) -> None:
    code, seen = RUNS[usage]
    (tmp_path / "test_old.py").write_text(code)

    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "test_old.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert run.returncode == 0
    assert seen in run.stdout
    assert usage in found(code, tmp_path / "pack")


def test_utcnow_is_naive_and_goes(tmp_path: Path) -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        exec(UTCNOW)

    assert any("utcnow" in str(warning.message) for warning in caught) == (sys.version_info >= (3, 12))
    assert found(UTCNOW, tmp_path) == {"datetime.datetime.utcnow"}


@pytest.mark.filterwarnings("ignore:'crypt' is deprecated")
def test_passlib_cannot_hash_with_the_bcrypt_of_today(tmp_path: Path) -> None:
    code = "from passlib.context import CryptContext\nCryptContext(schemes=['bcrypt']).hash('x')\n"

    with pytest.raises(ValueError, match="72 bytes"):
        exec(code)

    assert found(code, tmp_path) == {"passlib"}
