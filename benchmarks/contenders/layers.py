"""A route that does nothing, below those of the service's layers that `LAYERS` names: what each of them costs."""

import os

from app.core.body_limit import BodyLimitMiddleware
from app.core.logs import configure_logging
from app.core.problems import add_problem_handlers
from app.core.request_log import RequestLogMiddleware
from app.core.security_headers import SecurityHeadersMiddleware
from app.core.unexpected_errors import UnexpectedErrorMiddleware
from app.main import CORS_REQUEST_HEADERS
from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from pydantic import BaseModel

ADD = {
    "problem handlers": add_problem_handlers,
    "body limit": lambda app: app.add_middleware(BodyLimitMiddleware, max_bytes=1_048_576),
    "unexpected errors": lambda app: app.add_middleware(UnexpectedErrorMiddleware),
    "security headers": lambda app: app.add_middleware(SecurityHeadersMiddleware),
    "CORS": lambda app: app.add_middleware(CORSMiddleware, allow_headers=CORS_REQUEST_HEADERS),
    "request id and log": lambda app: app.add_middleware(RequestLogMiddleware, routes=app.routes),
}


class Answer(BaseModel):
    """Next to nothing."""

    status: str = "ok"


def make() -> FastAPI:
    """Make the application."""
    app = FastAPI()

    @app.get("/health/live")
    async def live() -> Answer:
        return Answer()

    configure_logging("INFO")
    for layer in filter(None, os.environ["LAYERS"].split(",")):
        ADD[layer](app)
    return app
