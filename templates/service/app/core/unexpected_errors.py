"""The innermost middleware: an error that nobody foresaw becomes a problem while the headers can still be added.

Starlette handles `Exception` outside every middleware, where the answer would have no CORS headers and no request id.
"""

import logging

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core.problems import unexpected_problem

logger = logging.getLogger(__name__)


class UnexpectedErrorMiddleware:
    """Logs the error whole and answers 500 without a word of it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; answer in its place when it fails before it has begun to answer."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = False

        async def watch(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, watch)
        except Exception:
            logger.exception("unexpected error")
            if started:
                raise  # half an answer is out: the server must cut the connection
            await unexpected_problem(scope["path"])(scope, receive, send)
