"""Compresses answers (gzip, Brotli, Zstandard), as the caller's `Accept-Encoding` allows.

BREACH reads secrets from the size of answers that also repeat what the attacker sent. It needs a browser that proves
who it is by itself, as with cookies; a Bearer token is added by the page's own code. With cookies: leave this out.
"""

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette_compress import CompressMiddleware

MINIMUM_BYTES = 1024  # smaller answers fit into one packet anyway
PLAIN_SEND = "app.plain_send"


class CompressionMiddleware:
    """Leaves an answer with an `ETag` as it is: a strong tag stands for its very bytes (RFC 9110, section 8.8.3).

    Compressed it would need another tag, a weak one would never satisfy `If-Match`, and one resource is small anyway.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.compressing = CompressMiddleware(self.answer, minimum_size=MINIMUM_BYTES)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and compress its answer or not."""
        scope[PLAIN_SEND] = send
        await self.compressing(scope, receive, send)

    async def answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the answer through the compressor, or past it when it is tagged."""
        chosen = send

        async def choose(message: Message) -> None:
            nonlocal chosen
            if message["type"] == "http.response.start" and "etag" in Headers(raw=message["headers"]):
                chosen = scope[PLAIN_SEND]
            await chosen(message)

        await self.app(scope, receive, choose)
