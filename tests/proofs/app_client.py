"""An HTTP client of an ASGI app in this process, which shows a crash as a user and as a server's log see it."""

import httpx2
from starlette.types import ASGIApp, Receive, Scope, Send


class AppClient(httpx2.AsyncClient):
    """A client to whom a crash is a 500, and which keeps in `crashes` what escaped the app."""

    def __init__(self, app: ASGIApp) -> None:
        self.crashes: list[Exception] = []

        async def logged(scope: Scope, receive: Receive, send: Send) -> None:
            try:
                await app(scope, receive, send)
            except Exception as error:
                self.crashes.append(error)
                raise

        super().__init__(transport=httpx2.ASGITransport(app=logged, raise_app_exceptions=False), base_url="http://test")
