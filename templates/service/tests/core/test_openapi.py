"""The document that clients are generated from."""

from typing import Annotated

from fastapi import Body, FastAPI
from fastapi.testclient import TestClient

from app.core.openapi import describe_problems

app = FastAPI(title="Shop", description="Sells things.", servers=[{"url": "https://shop.example.com"}])
describe_problems(app)


@app.post("/things", responses={409: {"description": "Conflict"}})
async def create_thing(name: Annotated[str, Body(embed=True)]) -> str:
    """Take a thing."""
    return name


def test_every_error_is_a_problem_and_nothing_else_is_changed() -> None:
    document = TestClient(app).get("/openapi.json").json()

    responses = document["paths"]["/things"]["post"]["responses"]
    assert {status: list(response.get("content", ())) for status, response in responses.items()} == {
        "200": ["application/json"],
        **{status: ["application/problem+json"] for status in ("400", "409", "413", "422")},
    }
    schemas = document["components"]["schemas"]
    assert {"Problem", "FieldProblem"} <= schemas.keys()
    assert "HTTPValidationError" not in schemas
    assert document["info"]["description"] == "Sells things."
    assert document["servers"] == [{"url": "https://shop.example.com"}]


def test_a_route_that_comes_later_is_described_too() -> None:
    late = FastAPI()
    describe_problems(late)
    assert late.openapi()["paths"] == {}

    late.add_api_route("/things", create_thing, methods=["POST"])

    assert "413" in late.openapi()["paths"]["/things"]["post"]["responses"]
