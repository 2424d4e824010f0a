"""One PostgreSQL server for all that a worker grades, and the plain template, rendered once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from fastapi_expert.evals.postgres import postgres_server
from fastapi_expert.pack.location import content_root
from fastapi_expert.render.project import plan_project, write_project
from fastapi_expert.render.template import read_template


@pytest.fixture(scope="session")
def postgres() -> Iterator[Path]:
    with postgres_server() as socket:
        yield socket


@pytest.fixture(scope="session")
def plain_template() -> Iterator[Path]:
    """What `fastapi-expert new` gives, untouched."""
    with TemporaryDirectory(prefix="evals-") as folder:
        project = Path(folder, "plain-template")
        write_project(plan_project(read_template(content_root() / "templates" / "service"), project, {}))
        yield project
