"""The outermost middleware: gives each request an id, and each answer a line in the log."""

import logging
import re
import time
import uuid
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

import structlog
from fastapi.routing import RouteContext, iter_route_contexts
from starlette.datastructures import Headers, MutableHeaders
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

logger = logging.getLogger(__name__)

HEADER = "X-Request-ID"
# What a proxy may hand on: anything else could forge log lines.
ACCEPTED = re.compile(r"[A-Za-z0-9._-]{1,64}")


class RequestLogMiddleware:
    """Takes the caller's `X-Request-ID` or makes one, binds it to the logs, and returns it with the response."""

    def __init__(self, app: ASGIApp, routes: Sequence[BaseRoute]) -> None:
        """Log each request under the template of the one of these routes that answered it."""
        self.app = app
        self._routes: dict[Callable[..., Any] | None, list[RouteContext]] = defaultdict(list)
        for route in iter_route_contexts(routes):
            self._routes[route.endpoint].append(route)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and log how it was answered, without its query: that may hold a secret."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        offered = Headers(scope=scope).get(HEADER, "")
        request_id = offered if ACCEPTED.fullmatch(offered) else uuid.uuid4().hex
        path = scope["path"].removeprefix(scope.get("root_path", ""))
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
                fields = {
                    "method": scope["method"],
                    "route": self._template(scope.get("endpoint"), path),
                    "path": scope["path"],
                    "status": status,
                    "milliseconds": round((time.perf_counter() - started) * 1000, 1),
                    # Behind a proxy, uvicorn puts the real client here if FORWARDED_ALLOW_IPS names the proxy.
                    "client": scope["client"][0] if scope.get("client") else None,
                }
                logger.info("request", extra=fields)

    def _template(self, endpoint: Callable[..., Any] | None, path: str) -> str | None:
        # The router names the function that answered; one that several routes share is told by its path.
        matching = (route.path_format for route in self._routes.get(endpoint, ()) if route.path_regex.match(path))
        return next(matching, None)
