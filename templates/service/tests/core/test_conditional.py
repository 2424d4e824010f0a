"""Conditional requests, on a resource of a few lines."""

import pytest
from fastapi import FastAPI, Response
from fastapi.testclient import TestClient

from app.core.conditional import IfMatchDep, IfNoneMatchDep, etag
from app.core.problems import add_problem_handlers

app = FastAPI()
add_problem_handlers(app)


@app.get("/thing")
async def read(seen: IfNoneMatchDep, response: Response) -> str | None:
    """Give the third version to whoever doesn't have it."""
    response.headers["ETag"] = etag(3)
    if seen.has(3):
        response.status_code = 304
        return None
    return "thing"


@app.put("/thing", status_code=204)
async def change(if_match: IfMatchDep) -> None:
    """Change the third version."""
    if_match.require(3)


client = TestClient(app)


@pytest.mark.parametrize(
    ("header", "status"),
    [(None, 204), ('"3"', 204), ('"2", "3"', 204), ("*", 204), ('"2"', 412), ('W/"3"', 412), ("", 412), ("3", 412)],
)
def test_a_change_wants_the_version_that_was_read(header: str | None, status: int) -> None:
    response = client.put("/thing", headers={} if header is None else {"If-Match": header})

    assert response.status_code == status
    if status == 412:
        assert response.json()["code"] == "precondition-failed"


@pytest.mark.parametrize(
    ("header", "status"), [(None, 200), ('"3"', 304), ('W/"3"', 304), ('"1", "3"', 304), ("*", 304), ('"2"', 200)]
)
def test_a_read_spares_what_the_caller_has(header: str | None, status: int) -> None:
    response = client.get("/thing", headers={} if header is None else {"If-None-Match": header})

    assert (response.status_code, response.headers["etag"]) == (status, '"3"')
