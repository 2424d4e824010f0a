"""What of the stack's interfaces is gone, ignored or on its way out, as found by running it.

Each entry has its proof in `tests/lint/test_api_table.py`, which runs the old way on the installed libraries: FastAPI
0.165, Starlette 1.10, Pydantic 2.14, SQLAlchemy 2.1, httpx2 2.16, PyJWT 2.15, pytest 9.2, pytest-asyncio 1.5.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

Kind = Literal["gone", "ignored", "deprecated"]


class Change(NamedTuple):
    """One way to write something that is no longer the way.

    Attributes:
        usage: what code does, as `rules/api.py` reads it: `package.name`, `Class().method` on an instance,
            `call(keyword=)`, `call(!keyword)` without it, `call('')` with a text as its first argument, `call([])` with
            a list, `Class:member` defined in a subclass, `decorator:function`.
        kind: what the old way does today: raise, nothing or something else, or warn.
        since: the version that changed it.
        today: what happens, a clause whose subject is the usage.
        instead: what to write.
    """

    usage: str
    kind: Kind
    since: str
    today: str
    instead: str


_GONE = (
    ("fastapi.FastAPI().add_event_handler", "Starlette 1.0", "raises AttributeError", "FastAPI(lifespan=…)"),
    ("fastapi.FastAPI().route", "Starlette 1.0", "raises AttributeError", "@app.get, @app.post or app.add_api_route"),
    ("fastapi.FastAPI().add_websocket_route", "Starlette 1.0", "raises AttributeError", "@app.websocket"),
    ("fastapi.FastAPI(openapi_prefix=)", "FastAPI 0.145", "raises TypeError", "the server's --root-path"),
    ("starlette.applications.Starlette(on_startup=)", "Starlette 1.0", "raises TypeError", "lifespan="),
    ("starlette.applications.Starlette(on_shutdown=)", "Starlette 1.0", "raises TypeError", "lifespan="),
    ("starlette.applications.Starlette().on_event", "Starlette 1.0", "raises AttributeError", "lifespan="),
    ("starlette.applications.Starlette().add_event_handler", "Starlette 1.0", "raises AttributeError", "lifespan="),
    ("starlette.applications.Starlette().route", "Starlette 1.0", "raises AttributeError", "Starlette(routes=[…])"),
    (
        "starlette.applications.Starlette().middleware",
        "Starlette 1.0",
        "raises AttributeError",
        "Starlette(middleware=[…])",
    ),
    (
        "starlette.applications.Starlette().exception_handler",
        "Starlette 1.0",
        "raises AttributeError",
        "Starlette(exception_handlers={…})",
    ),
    (
        "starlette.templating.Jinja2Templates().TemplateResponse('')",
        "Starlette 1.0",
        "takes the request first, a name there raises TypeError",
        'TemplateResponse(request, "page.html", {…})',
    ),
    ("starlette.responses.FileResponse(method=)", "Starlette 1.0", "raises TypeError", "leave it out"),
    (
        "starlette.testclient.TestClient().get(allow_redirects=)",
        "Starlette 0.21",
        "raises TypeError",
        "follow_redirects=",
    ),
    (
        "starlette.testclient.TestClient().post(allow_redirects=)",
        "Starlette 0.21",
        "raises TypeError",
        "follow_redirects=",
    ),
    (
        "starlette.testclient.TestClient().delete(json=)",
        "Starlette 0.21",
        "raises TypeError",
        'request("DELETE", …, json=…)',
    ),
    (
        "pydantic.BaseSettings",
        "Pydantic 2.0",
        "raises PydanticImportError",
        "from pydantic_settings import BaseSettings",
    ),
    (
        "pydantic.v1.BaseModel",
        "FastAPI 0.128",
        "raises PydanticV1NotSupportedError in a route",
        "from pydantic import BaseModel",
    ),
    ("pydantic.validate_model", "Pydantic 2.0", "raises PydanticImportError", "Model.model_validate"),
    ("pydantic.parse_raw_as", "Pydantic 2.0", "raises PydanticImportError", "TypeAdapter(T).validate_json"),
    ("pydantic.parse_file_as", "Pydantic 2.0", "raises PydanticImportError", "TypeAdapter(T).validate_json"),
    ("pydantic.ConstrainedStr", "Pydantic 2.0", "raises PydanticImportError", "Annotated[str, StringConstraints(…)]"),
    ("pydantic.ConstrainedInt", "Pydantic 2.0", "raises PydanticImportError", "Annotated[int, Field(ge=…)]"),
    ("pydantic.fields.ModelField", "Pydantic 2.0", "raises ImportError", "pydantic.fields.FieldInfo"),
    ("pydantic.main.ModelMetaclass", "Pydantic 2.0", "raises ImportError", "type(BaseModel)"),
    ("pydantic.constr(regex=)", "Pydantic 2.0", "raises TypeError", "Annotated[str, Field(pattern=…)]"),
    ("pydantic.conlist(min_items=)", "Pydantic 2.0", "raises TypeError", "Annotated[list[T], Field(min_length=…)]"),
    ("pydantic.conlist(max_items=)", "Pydantic 2.0", "raises TypeError", "Annotated[list[T], Field(max_length=…)]"),
    ("pydantic.conlist(unique_items=)", "Pydantic 2.0", "raises PydanticUserError", "set[T]"),
    ("pydantic.Field(regex=)", "Pydantic 2.0", "raises PydanticUserError", "pattern="),
    ("pydantic.Field(const=)", "Pydantic 2.0", "raises PydanticUserError", "Literal[…]"),
    ("pydantic.Field(unique_items=)", "Pydantic 2.0", "raises PydanticUserError", "set[T]"),
    (
        "sqlalchemy.ext.asyncio.AsyncSession().query",
        "SQLAlchemy 1.4",
        "was never there: it raises AttributeError",
        "await session.scalars(select(…))",
    ),
    ("sqlalchemy.ext.mypy", "SQLAlchemy 2.1", "raises ModuleNotFoundError", "Mapped[…] and no plugin"),
    ("sqlalchemy.Engine().execute", "SQLAlchemy 2.0", "raises AttributeError", "with engine.begin() as connection: …"),
    ("sqlalchemy.MetaData(bind=)", "SQLAlchemy 2.0", "raises TypeError", "give the engine to create_all(engine)"),
    ("sqlalchemy.Table(autoload=)", "SQLAlchemy 2.0", "raises TypeError", "autoload_with=engine"),
    ("sqlalchemy.select([])", "SQLAlchemy 2.0", "raises ArgumentError", "select(a, b)"),
    ("sqlalchemy.case([])", "SQLAlchemy 2.0", "raises ArgumentError", "case((condition, value), else_=…)"),
    ("sqlalchemy.create_engine(convert_unicode=)", "SQLAlchemy 2.0", "raises TypeError", "leave it out"),
    ("sqlalchemy.create_engine(encoding=)", "SQLAlchemy 2.0", "raises TypeError", "leave it out"),
    (
        "sqlalchemy.orm.mapper",
        "SQLAlchemy 2.0",
        "raises InvalidRequestError when called",
        "registry().map_imperatively",
    ),
    ("sqlalchemy.orm.relation", "SQLAlchemy 2.0", "raises ImportError", "relationship"),
    ("sqlalchemy.orm.Session().execute('')", "SQLAlchemy 2.0", "raises ArgumentError", 'session.execute(text("…"))'),
    ("sqlalchemy.Connection().execute('')", "SQLAlchemy 2.0", "raises ObjectNotExecutableError", 'execute(text("…"))'),
    (
        "sqlalchemy.ext.asyncio.AsyncSession().execute('')",
        "SQLAlchemy 2.0",
        "raises ArgumentError",
        'await session.execute(text("…"))',
    ),
    ("sqlalchemy.orm.joinedload('')", "SQLAlchemy 2.0", "raises ArgumentError", "joinedload(Model.attribute)"),
    ("sqlalchemy.orm.selectinload('')", "SQLAlchemy 2.0", "raises ArgumentError", "selectinload(Model.attribute)"),
    ("httpx2.AsyncClient(app=)", "httpx 0.28", "raises TypeError", "transport=httpx2.ASGITransport(app=app)"),
    ("httpx.AsyncClient(app=)", "httpx 0.28", "raises TypeError", "transport=ASGITransport(app=app)"),
    ("httpx2.Client(app=)", "httpx 0.28", "raises TypeError", "fastapi.testclient.TestClient(app)"),
    ("httpx2.AsyncClient(proxies=)", "httpx 0.28", "raises TypeError", "proxy= or mounts="),
    ("jwt.decode(!algorithms)", "PyJWT 2.0", "raises DecodeError", 'algorithms=["HS256"], the one that you sign with'),
    ("jwt.encode().decode", "PyJWT 2.0", "raises AttributeError: encode gives a str", "the token as it is"),
    ("pytest.warns(None)", "pytest 8.0", "raises TypeError", "warnings.catch_warnings()"),
    ("aioredis", "redis-py 4.2, which it went into in 2022", "is maintained no more", "redis.asyncio"),
    (
        "fastapi_limiter.FastAPILimiter",
        "fastapi-limiter 0.2",
        "raises ImportError",
        "limits.aio in a dependency of yours",
    ),
)
_IGNORED = (
    (
        "pydantic.Field(env=)",
        "Pydantic 2.0",
        "names no variable: the field keeps its default",
        'validation_alias="NAME", or env_prefix in model_config',
    ),
    (
        "pytest.fixture:event_loop",
        "pytest-asyncio 1.0",
        "is called by nobody: tests run in another loop",
        "asyncio_default_test_loop_scope or loop_scope=",
    ),
    ("jwt.decode(verify=)", "PyJWT 2.0", "does nothing", 'options={"verify_signature": …}'),
    ("pydantic.Field(include=)", "Pydantic 2.0", "does nothing", "exclude="),
)
_DEPRECATED = (
    (
        "fastapi.FastAPI().on_event",
        "FastAPI 0.93",
        "is deprecated, and never runs next to lifespan=",
        "FastAPI(lifespan=…)",
    ),
    ("fastapi.APIRouter().on_event", "FastAPI 0.93", "is deprecated", "FastAPI(lifespan=…)"),
    ("fastapi.FastAPI(root_path=)", "FastAPI 0.146", "is deprecated", "the server's --root-path"),
    (
        "fastapi.responses.ORJSONResponse",
        "FastAPI 0.131",
        "is deprecated, and fails without orjson",
        "a return type: Pydantic writes the JSON",
    ),
    (
        "fastapi.responses.UJSONResponse",
        "FastAPI 0.131",
        "is deprecated, and fails without ujson",
        "a return type: Pydantic writes the JSON",
    ),
    ("pydantic.validator", "Pydantic 2.0", "is deprecated", "field_validator"),
    ("pydantic.root_validator", "Pydantic 2.0", "is deprecated, and raises when it stands bare", "model_validator"),
    ("pydantic.BaseModel:Config", "Pydantic 2.0", "is deprecated", "model_config = ConfigDict(…)"),
    ("pydantic_settings.BaseSettings:Config", "Pydantic 2.0", "is deprecated", "model_config = SettingsConfigDict(…)"),
    ("pydantic.Extra", "Pydantic 2.0", "is deprecated", 'extra="forbid"'),
    ("pydantic.BaseConfig", "Pydantic 2.0", "is deprecated", "ConfigDict"),
    ("pydantic.parse_obj_as", "Pydantic 2.0", "is deprecated", "TypeAdapter(T).validate_python"),
    ("pydantic.schema_of", "Pydantic 2.0", "is deprecated", "TypeAdapter(T).json_schema"),
    ("pydantic.generics.GenericModel", "Pydantic 2.0", "is deprecated", "class Page(BaseModel, Generic[T])"),
    (
        "pydantic.error_wrappers.ValidationError",
        "Pydantic 2.0",
        "is deprecated",
        "from pydantic import ValidationError",
    ),
    (
        "pydantic.experimental.missing_sentinel.MISSING",
        "Pydantic 2.14",
        "is deprecated",
        "from pydantic import MISSING",
    ),
    ("pydantic.Field(example=)", "Pydantic 2.0", "is deprecated", "examples=[…]"),
    ("pydantic.Field(min_items=)", "Pydantic 2.0", "is deprecated", "min_length="),
    ("pydantic.Field(max_items=)", "Pydantic 2.0", "is deprecated", "max_length="),
    ("pydantic.Field(allow_mutation=)", "Pydantic 2.0", "is deprecated", "frozen="),
    ("sqlalchemy.ext.declarative.declarative_base", "SQLAlchemy 2.0", "is deprecated", "class Base(DeclarativeBase)"),
    ("sqlalchemy.ext.declarative.as_declarative", "SQLAlchemy 2.0", "is deprecated", "class Base(DeclarativeBase)"),
    ("sqlalchemy.orm.Session().query().get", "SQLAlchemy 2.0", "is legacy", "session.get(Model, id)"),
    ("pytest.mark.asyncio(scope=)", "pytest-asyncio 0.24", "is deprecated", "loop_scope="),
    ("pytest.yield_fixture", "pytest 6.2", "is deprecated", "pytest.fixture"),
    (
        "datetime.datetime.utcnow",
        "Python 3.12",
        "is deprecated, and gives a naive time that compares with no aware one",
        "datetime.now(UTC)",
    ),
    (
        "passlib",
        "2020, its last release",
        "is abandoned, and with bcrypt 5 every bcrypt hash raises ValueError",
        "pwdlib.PasswordHash.recommended()",
    ),
    ("jose", "2025, its last release", "is hardly maintained, and decodes without algorithms=", "PyJWT: import jwt"),
)
_PARAMETERS = ("Query", "Path", "Header", "Cookie", "Body", "Form", "File")
_METHODS = {
    "().dict": "model_dump",
    "().json": "model_dump_json",
    "().copy": "model_copy",
    ".parse_obj": "model_validate",
    ".parse_raw": "model_validate_json",
    ".parse_file": "model_validate_json on the file's text",
    ".from_orm": "model_validate with from_attributes=True",
    ".construct": "model_construct",
    ".schema": "model_json_schema",
    ".schema_json": "json.dumps of model_json_schema",
    ".validate": "model_validate",
    ".update_forward_refs": "model_rebuild",
    ".__fields__": "model_fields",
}
_STATUSES = {
    "HTTP_413_REQUEST_ENTITY_TOO_LARGE": "HTTP_413_CONTENT_TOO_LARGE",
    "HTTP_414_REQUEST_URI_TOO_LONG": "HTTP_414_URI_TOO_LONG",
    "HTTP_416_REQUESTED_RANGE_NOT_SATISFIABLE": "HTTP_416_RANGE_NOT_SATISFIABLE",
    "HTTP_422_UNPROCESSABLE_ENTITY": "HTTP_422_UNPROCESSABLE_CONTENT",
}
_SETTINGS = {
    "allow_mutation": "frozen",
    "allow_population_by_field_name": "validate_by_name",
    "anystr_lower": "str_to_lower",
    "anystr_strip_whitespace": "str_strip_whitespace",
    "anystr_upper": "str_to_upper",
    "max_anystr_length": "str_max_length",
    "min_anystr_length": "str_min_length",
    "orm_mode": "from_attributes",
    "schema_extra": "json_schema_extra",
    "validate_all": "validate_default",
}


def _changes() -> Iterator[Change]:
    yield from (Change(usage, "gone", *rest) for usage, *rest in _GONE)
    yield from (Change(usage, "ignored", *rest) for usage, *rest in _IGNORED)
    yield from (Change(usage, "deprecated", *rest) for usage, *rest in _DEPRECATED)
    for name in _PARAMETERS:
        yield Change(f"fastapi.{name}(regex=)", "deprecated", "FastAPI 0.100", "is deprecated", "pattern=")
        yield Change(f"fastapi.{name}(example=)", "deprecated", "FastAPI 0.103", "is deprecated", "examples=[…]")
    for old, new in _METHODS.items():
        yield Change(f"pydantic.BaseModel{old}", "deprecated", "Pydantic 2.0", "is deprecated", new)
    for name in ("model_fields", "model_computed_fields"):
        usage = f"pydantic.BaseModel().{name}"
        yield Change(usage, "deprecated", "Pydantic 2.11", "is deprecated on an instance", f"type(model).{name}")
    for old, new in _STATUSES.items():
        yield Change(f"starlette.status.{old}", "deprecated", "Starlette 0.48", "is deprecated", new)
    for old, new in _SETTINGS.items():
        for usage in (f"pydantic.BaseModel:Config:{old}", f"pydantic.ConfigDict({old}=)"):
            yield Change(usage, "ignored", "Pydantic 2.0", "sets nothing", f"{new} in ConfigDict")


CHANGES = {change.usage: change for change in _changes()}
