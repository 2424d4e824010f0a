"""The OpenAPI document says what the service really answers: problems, in their own media type."""

from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from app.core.problems import MEDIA_TYPE

PROBLEM_REFERENCE = "#/components/schemas/Problem"
OF_BODIES = ("400", "413")  # a body that can't be read, and one that is too large
REPLACED_SCHEMAS = ("HTTPValidationError", "ValidationError")


def describe_problems(app: FastAPI) -> None:
    """Replace the application's `openapi()` by one in which every error is a problem."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _with_problems(get_openapi(title=app.title, version=app.version, routes=app.routes))
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _with_problems(document: dict[str, Any]) -> dict[str, Any]:
    for operations in document["paths"].values():
        for operation in operations.values():
            if "requestBody" in operation:
                operation["responses"] |= {code: {"description": HTTPStatus(int(code)).phrase} for code in OF_BODIES}
            for status, response in operation["responses"].items():
                if status.startswith(("4", "5")):
                    response["content"] = {MEDIA_TYPE: {"schema": {"$ref": PROBLEM_REFERENCE}}}
    schemas = document.get("components", {}).get("schemas", {})
    for name in REPLACED_SCHEMAS:
        schemas.pop(name, None)
    return document
