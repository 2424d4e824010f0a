"""The outermost middleware: gives each request an id, and each answer a line in the log."""

import logging
import re
import time
import uuid

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

logger = logging.getLogger(__name__)

HEADER = "X-Request-ID"
# What a proxy may hand on: anything else could forge log lines.
ACCEPTED = re.compile(r"[A-Za-z0-9._-]{1,64}")


class RequestLogMiddleware:
    """Takes the caller's `X-Request-ID` or makes one, binds it to the logs, and returns it with the response."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and log how it was answered."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        offered = Headers(scope=scope).get(HEADER, "")
        request_id = offered if ACCEPTED.fullmatch(offered) else uuid.uuid4().hex
        status = 0  # no answer: the client went away
        started = time.perf_counter()

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[HEADER] = request_id
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self.app(scope, receive, send_with_id)
            finally:
                milliseconds = round((time.perf_counter() - started) * 1000, 1)
                fields = {"method": scope["method"], "path": scope["path"], "status": status}
                logger.info("request", extra=fields | {"milliseconds": milliseconds})
