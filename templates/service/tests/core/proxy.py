"""A network between the service and PostgreSQL that a test can cut and mend."""

import asyncio
from contextlib import suppress
from pathlib import Path

from sqlalchemy import URL, make_url


class DatabaseProxy:
    """Forwards a local TCP port to the database; `cut()` drops every connection and refuses new ones."""

    def __init__(self, database_url: str) -> None:
        self._target = make_url(database_url)
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._port = 0

    @property
    def url(self) -> str:
        """The database's URL by way of this proxy."""
        proxied: URL = self._target.set(host="127.0.0.1", port=self._port, query={})
        return proxied.render_as_string(hide_password=False)

    async def mend(self) -> None:
        """Listen, on the same port as before."""
        self._server = await asyncio.start_server(self._forward, "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]

    async def cut(self) -> None:
        """Close everything."""
        if self._server is not None:
            self._server.close()
        for writer in list(self._writers):
            writer.close()
        await asyncio.sleep(0)

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        directory = self._target.query.get("host")
        if isinstance(directory, str):
            socket = Path(directory) / f".s.PGSQL.{self._target.port or 5432}"
            upstream, downstream = await asyncio.open_unix_connection(socket)
        else:
            upstream, downstream = await asyncio.open_connection(self._target.host, self._target.port or 5432)
        self._writers |= {writer, downstream}
        await asyncio.gather(self._copy(reader, downstream), self._copy(upstream, writer))
        self._writers -= {writer, downstream}

    @staticmethod
    async def _copy(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while chunk := await source.read(65536):
                sink.write(chunk)
                await sink.drain()
        sink.close()
