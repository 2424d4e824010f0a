"""The OpenAPI document says what the service really answers: problems, in their own media type."""

from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from pydantic.json_schema import models_json_schema

from app.core.problems import MEDIA_TYPE, Problem

SCHEMA = "#/components/schemas/{model}"
OF_BODIES = ("400", "413")  # a body that can't be read, and one that is too large
REPLACED_SCHEMAS = ("HTTPValidationError", "ValidationError")


def describe_problems(app: FastAPI) -> None:
    """Replace the application's `openapi()` by one in which every error is a problem."""
    described = app.openapi

    def openapi() -> dict[str, Any]:
        known, document = app.openapi_schema, described()
        if document is not known:  # made anew, as after a route was added
            _add_problems(document)
        return document

    app.openapi = openapi  # type: ignore[method-assign]


def _add_problems(document: dict[str, Any]) -> None:
    for operations in document["paths"].values():
        for operation in operations.values():
            if "requestBody" in operation:
                operation["responses"] |= {code: {"description": HTTPStatus(int(code)).phrase} for code in OF_BODIES}
            for status, response in operation["responses"].items():
                if status.startswith(("4", "5")):
                    response["content"] = {MEDIA_TYPE: {"schema": {"$ref": SCHEMA.format(model=Problem.__name__)}}}
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    for name in REPLACED_SCHEMAS:
        schemas.pop(name, None)
    _, models = models_json_schema([(Problem, "serialization")], ref_template=SCHEMA)
    schemas |= models["$defs"]
