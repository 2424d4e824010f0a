"""What a machine may lack for some of the tests."""

import os
from typing import NoReturn

import pytest

from fastapi_expert.evals.pgbouncer import PROGRAM as PGBOUNCER


def lacking(reason: str) -> NoReturn:
    """Skip a test that can't run on this machine. Where CI is set, every test has to run: there it fails."""
    if os.environ.get("CI"):
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


def require_pgbouncer() -> None:
    """Skip the test where PgBouncer is missing, and fail it in CI."""
    if PGBOUNCER is None:
        lacking("pgbouncer is not installed (Debian: apt-get install pgbouncer)")
