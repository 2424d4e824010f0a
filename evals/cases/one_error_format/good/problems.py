"""The one error format: problem details (RFC 9457)."""

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

logger = logging.getLogger(__name__)


class ProblemResponse(JSONResponse):
    media_type = "application/problem+json"


def problem(status: int, detail: str, headers: Mapping[str, str] | None = None, **more: Any) -> ProblemResponse:
    body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail}
    return ProblemResponse(body | more, status_code=status, headers=dict(headers) if headers else None)


def answer_http_error(request: Request, error: HTTPException) -> ProblemResponse:
    detail = error.detail if isinstance(error.detail, str) else str(next(iter(dict(error.detail).values()), ""))
    return problem(error.status_code, detail, error.headers)


def answer_validation_error(request: Request, error: RequestValidationError) -> ProblemResponse:
    errors = [{"location": list(fault["loc"]), "message": fault["msg"]} for fault in error.errors()]
    return problem(422, "The request is not valid.", errors=errors)


def answer_unforeseen(request: Request, error: Exception) -> ProblemResponse:
    logger.error("unforeseen", exc_info=error)
    return problem(500, "Something went wrong here.")


def add_problem_handlers(app: FastAPI) -> None:
    app.add_exception_handler(HTTPException, answer_http_error)
    app.add_exception_handler(RequestValidationError, answer_validation_error)
    app.add_exception_handler(Exception, answer_unforeseen)
