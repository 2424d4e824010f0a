"""Refuses a body that is too large before it is read, with or without a `Content-Length`."""

from fastapi import status
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core.problems import problem_response


class BodyLimitMiddleware:
    """Like Starlette's own limit, but the refusal is a problem like every other error."""

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
        if declared.isdecimal() and int(declared) > self.max_bytes:
            refusal = problem_response(
                scope["path"],
                status.HTTP_413_CONTENT_TOO_LARGE,
                code="content-too-large",
                detail=f"The body may have at most {self.max_bytes} bytes.",
                headers={"Connection": "close"},
            )
            await refusal(scope, receive, send)
            return
        received = 0

        async def count() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > self.max_bytes:
                raise HTTPException(status.HTTP_413_CONTENT_TOO_LARGE)
            return message

        await self.app(scope, count, send)
