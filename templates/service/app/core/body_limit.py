"""Refuses a body that is too large before it is read, with or without a `Content-Length`."""

from inspect import isawaitable

from fastapi import Request, status
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

DIGITS_OF_A_SIZE = 19  # int() refuses to read thousands of them


class BodyLimitMiddleware:
    """Like Starlette's own limit, but the application answers the refusal as it answers its other errors."""

    def __init__(self, app: ASGIApp, max_bytes: int) -> None:
        """Allow bodies of at most `max_bytes` bytes."""
        self.app = app
        self.max_bytes = max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse a declared size at once, an undeclared one as soon as it is reached."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        declared = Headers(scope=scope).get("content-length", "")
        if declared.isdecimal() and (len(declared) > DIGITS_OF_A_SIZE or int(declared) > self.max_bytes):
            await self._refuse(scope, receive, send)
            return
        received = 0

        async def count() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > self.max_bytes:
                raise self._refusal()
            return message

        await self.app(scope, count, send)

    async def _refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope)
        answered = request.app.exception_handlers[HTTPException](request, self._refusal())
        response = await answered if isawaitable(answered) else answered
        await response(scope, receive, send)

    def _refusal(self) -> HTTPException:
        return HTTPException(
            status.HTTP_413_CONTENT_TOO_LARGE,
            f"The body may have at most {self.max_bytes} bytes.",
            {"Connection": "close"},  # or the server reads the rest, to throw it away
        )
