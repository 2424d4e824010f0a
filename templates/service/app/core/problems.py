"""The one error format: `application/problem+json` (RFC 9457), for every error that leaves the service."""

import json
import logging
import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request, status
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import iter_route_contexts
from pydantic import BaseModel, Field
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm.exc import StaleDataError
from starlette.exceptions import HTTPException

from app.core.errors import (
    ConflictError,
    DatabaseUnavailableError,
    DomainError,
    ForbiddenError,
    InvalidRequestError,
    NotFoundError,
    PreconditionFailedError,
    TooManyRequestsError,
    UnauthenticatedError,
)

# % if database
logger = logging.getLogger(__name__)

# % endif
MEDIA_TYPE = "application/problem+json"
STATUS_OF: dict[type[DomainError], int] = {
    DomainError: status.HTTP_400_BAD_REQUEST,
    NotFoundError: status.HTTP_404_NOT_FOUND,
    ConflictError: status.HTTP_409_CONFLICT,
    InvalidRequestError: status.HTTP_422_UNPROCESSABLE_CONTENT,
    PreconditionFailedError: status.HTTP_412_PRECONDITION_FAILED,
    UnauthenticatedError: status.HTTP_401_UNAUTHORIZED,
    ForbiddenError: status.HTTP_403_FORBIDDEN,
    # % if rate_limit
    TooManyRequestsError: status.HTTP_429_TOO_MANY_REQUESTS,
    # % endif
    # % if database
    DatabaseUnavailableError: status.HTTP_503_SERVICE_UNAVAILABLE,
    # % endif
}
# % if database
RETRY_AFTER_SECONDS = "2"
# PostgreSQL's error classes (its manual, appendix A) that pass by themselves. 55P03: a lock wasn't to be had in time.
TRANSIENT = ("08", "40", "53", "55P03", "57")
# % endif
ERRORS_SHOWN = 20
NAME_SHOWN = 64
# A password has 12 characters or more, and no underscores between small letters as the names of fields have.
NO_SECRET = re.compile(r".{1,11}|[a-z]+(_[a-z]+)+")


class FieldProblem(BaseModel):
    """One field that was refused, and why. What was sent is never repeated: it may be a password."""

    # = location: list[str | int] = Field(examples=[["body", "{{ login }}"]])
    location: list[str | int] = Field(examples=[["body", "email"]])
    code: str = Field(examples=["missing"])
    message: str = Field(examples=["Field required"])


class Problem(BaseModel):
    """A problem as RFC 9457 describes it."""

    type: str = Field(default="about:blank", examples=["about:blank"])
    title: str = Field(examples=["Conflict"])
    status: int = Field(examples=[409])
    # = detail: str = Field(examples=["An account with this {{ login_words }} exists."])
    detail: str = Field(examples=["An account with this e-mail address exists."])
    # = instance: str = Field(examples=["{{ prefix }}{{ register_path }}"])
    instance: str = Field(examples=["/users"])
    # = code: str = Field(examples=["{{ login }}-taken"])
    code: str = Field(examples=["email-taken"])
    errors: list[FieldProblem] | None = None


class ProblemResponse(JSONResponse):
    """A response that carries a problem."""

    media_type = MEDIA_TYPE

    def render(self, content: Any) -> bytes:  # noqa: ANN401 - Starlette's own signature
        """Write it in ASCII: a path or the name of a field may hold half a surrogate pair, which UTF-8 can't say."""
        return json.dumps(content, separators=(",", ":")).encode()


def problem_response(
    path: str,
    status_code: int,
    *,
    code: str,
    detail: str,
    errors: list[FieldProblem] | None = None,
    headers: Mapping[str, str] | None = None,
) -> ProblemResponse:
    """Make the response for a problem met at `path`."""
    title = HTTPStatus(status_code).phrase
    problem = Problem(title=title, status=status_code, detail=detail, instance=path, code=code, errors=errors)
    return ProblemResponse(problem.model_dump(exclude_none=True), status_code=status_code, headers=headers)


def unexpected_problem(path: str) -> ProblemResponse:
    """Make the response for an error that nobody foresaw; the log has it, the caller doesn't."""
    return problem_response(
        path,
        status.HTTP_500_INTERNAL_SERVER_ERROR,
        code="internal-error",
        detail="Something went wrong on our side. Quote the request id when you report it.",
    )


def documented(*status_codes: int) -> dict[int | str, dict[str, Any]]:
    """Give the `responses=` of a route that may answer with these problems; `openapi.py` adds those of every route."""
    return {code: {"model": Problem, "description": HTTPStatus(code).phrase} for code in status_codes}


# Every handler is `async`, though few await: Starlette runs the others in threads, for which an answer then queues.
async def answer_domain_error(request: Request, error: DomainError) -> ProblemResponse:
    """Answer with the status that the error's class stands for."""
    status_code = next(STATUS_OF[kind] for kind in type(error).__mro__ if kind in STATUS_OF)
    headers = {}
    if isinstance(error, UnauthenticatedError):
        headers["WWW-Authenticate"] = error.challenge
    # % if rate_limit
    if isinstance(error, TooManyRequestsError):
        headers["Retry-After"] = str(error.retry_after_seconds)
    # % endif
    # % if database
    if status_code == status.HTTP_503_SERVICE_UNAVAILABLE:
        logger.warning("database unavailable", exc_info=error)
        headers["Retry-After"] = RETRY_AFTER_SECONDS
    # % endif
    return problem_response(request.url.path, status_code, code=error.code, detail=error.detail, headers=headers)


async def answer_http_exception(request: Request, error: HTTPException) -> ProblemResponse:
    """Answer what the router itself refuses: unknown paths, wrong methods, broken bodies."""
    headers = dict(error.headers or {})
    if error.status_code == status.HTTP_405_METHOD_NOT_ALLOWED:
        headers["Allow"] = ", ".join(_allowed_methods(request))
    code = HTTPStatus(error.status_code).phrase.lower().replace(" ", "-")
    return problem_response(request.url.path, error.status_code, code=code, detail=error.detail, headers=headers)


def _allowed_methods(request: Request) -> list[str]:
    # The router names the methods of the first route that has the path; another route may have more.
    path = request.scope["path"].removeprefix(request.scope.get("root_path", ""))
    matching = (route for route in iter_route_contexts(request.app.routes) if route.path_regex.match(path))
    return sorted({method for route in matching for method in route.methods or ()})


async def answer_validation_error(request: Request, error: RequestValidationError) -> ProblemResponse:
    """Say which fields were refused and why, without the values."""
    errors = [
        FieldProblem(location=_location(item), code=item["type"], message=_without_input(item))
        for item in _found(error)[:ERRORS_SHOWN]
    ]
    return problem_response(
        request.url.path,
        status.HTTP_422_UNPROCESSABLE_CONTENT,
        code="validation-error",
        detail="The request is not valid. `errors` says which fields and why.",
        errors=errors,
    )


def _found(error: RequestValidationError) -> Sequence[Mapping[str, Any]]:
    if isinstance(error.body, bytes):  # FastAPI reads JSON only where the header says that it is JSON
        location = ("header", "content-type")
        return [{"loc": location, "type": "wrong_content_type", "msg": "Should be application/json"}]
    return error.errors()


def _location(item: Mapping[str, Any]) -> list[str | int]:
    # The name of a field that nobody declared is input too, and may be a password in the wrong place.
    location = [step[:NAME_SHOWN] if isinstance(step, str) else step for step in item["loc"]]
    if item["type"] == "extra_forbidden" and not NO_SECRET.fullmatch(str(location[-1])):
        location[-1] = "…"
    return location


def _without_input(item: Mapping[str, Any]) -> str:
    # Pydantic repeats what was sent in two of its messages: a discriminator's, and the reason an address is none.
    context = item.get("ctx", {})
    if item["type"] == "union_tag_invalid":
        return f"{context['discriminator']} should be one of {context['expected_tags']}"
    message: str = item["msg"]
    return message.removesuffix(f": {context['reason']}") if "reason" in context else message


# % if database
async def answer_database_error(request: Request, error: DBAPIError) -> ProblemResponse:
    """Tell the caller's mistake from the database's trouble, where a repository did not.

    Raises:
        DBAPIError: the error is a mistake of this service.
    """
    sqlstate = getattr(error.orig, "sqlstate", None) or ""
    if error.connection_invalidated or sqlstate.startswith(TRANSIENT):
        return await answer_unavailable(request, error)
    if isinstance(error, IntegrityError):
        logger.warning("integrity error that no repository translates", exc_info=error)
        return await answer_domain_error(request, ConflictError())
    if sqlstate.startswith(("22", "54")) or isinstance(
        error.driver_exception, ValueError
    ):  # a value that no column holds
        logger.warning("value that the schemas let through", exc_info=error)
        return problem_response(
            request.url.path,
            status.HTTP_422_UNPROCESSABLE_CONTENT,
            code="unstorable-value",
            detail="The request holds a value that can't be stored.",
        )
    raise error


async def answer_stale_data(request: Request, _error: Exception) -> ProblemResponse:
    """Answer when a row was deleted or changed between its being read and written, and no service foresaw it."""
    return await answer_domain_error(request, ConflictError())


async def answer_unavailable(request: Request, error: Exception) -> ProblemResponse:
    """Answer when no connection was to be had, or a statement or a lock took longer than the settings allow."""
    unavailable = DatabaseUnavailableError()
    unavailable.__cause__ = error  # the log says which
    return await answer_domain_error(request, unavailable)


# % endif
def add_domain_error_handler(app: FastAPI) -> None:
    """Make what services raise a problem, and leave every other error as the application has it."""
    app.add_exception_handler(DomainError, answer_domain_error)  # type: ignore[arg-type]


def add_problem_handlers(app: FastAPI) -> None:
    """Make every error of the application a problem."""
    # Starlette's class, not FastAPI's subclass of it: the router raises the former for 404 and 405.
    app.add_exception_handler(HTTPException, answer_http_exception)  # type: ignore[arg-type]
    app.add_exception_handler(RequestValidationError, answer_validation_error)  # type: ignore[arg-type]
    add_domain_error_handler(app)
    # % if database
    app.add_exception_handler(DBAPIError, answer_database_error)  # type: ignore[arg-type]
    app.add_exception_handler(StaleDataError, answer_stale_data)
    app.add_exception_handler(PoolTimeoutError, answer_unavailable)
    app.add_exception_handler(TimeoutError, answer_unavailable)
    # % endif
