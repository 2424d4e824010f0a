"""The same service on today's libraries: its tests, its answers, its operation ids, and no warning."""

import re

from fastapi_expert.evals.trial import Trial, expect

SERVING = """
import asyncio, warnings
import httpx2
warnings.simplefilter("error")
from main import app

async def main():
    transport = httpx2.ASGITransport(app=app)
    client = httpx2.AsyncClient(transport=transport, base_url="http://test")
    async with app.router.lifespan_context(app), client:
        for answer in (
            await client.post("/books", json={"title": "Notes", "pages": 66, "shelf": "a"}),
            await client.post("/books", json={"title": "Notes", "pages": 66, "shelf": "z"}),
            await client.get("/books", params={"shelf": "a"}),
            await client.get("/openapi.json"),
        ):
            print(answer.status_code)

asyncio.run(main())
"""


async def check_tests_pass(trial: Trial) -> None:
    """The tests pass, all three of them at least, and assert what they asserted."""
    done = await trial.run("-m", "pytest", "-q", "-p", "no:cacheprovider")
    assert done.code == 0, f"…{done.output[-300:]}"
    passed = re.search(r"(\d+) passed", done.output)
    assert passed, done.output[-200:]
    assert int(passed[1]) >= 3, "tests are gone"
    assert "skipped" not in done.output, "tests are skipped"
    text = "".join(path.read_text(encoding="utf-8") for path in trial.files("test_*.py"))
    assert text.count("assert ") >= 4, "assertions are gone"


async def check_answers(trial: Trial) -> None:
    """The routes answer as before."""
    book = {"title": "Engines", "pages": 12, "shelf": "b"}
    assert expect(await trial.client.post("/books", json=book | {"title": " Engines "}), 201) == book
    assert book in expect(await trial.client.get("/books", params={"shelf": "b"}), 200)
    assert expect(await trial.client.post("/books", json={"title": "x", "shelf": "a"}), 201)["pages"] is None
    assert expect(await trial.client.post("/books", json=book | {"shelf": "z"}), 422) == {"detail": "unknown shelf"}
    expect(await trial.client.post("/books", json=book | {"title": "  "}), 422)
    expect(await trial.client.get("/books", params={"shelf": "AB"}), 422)


async def check_starts_as_before(trial: Trial) -> None:
    """Shelves are loaded at start."""
    assert await trial.service.logs("shelves loaded")
    expect(await trial.client.get("/books", params={"shelf": "a"}), 200)


async def check_operation_ids(trial: Trial) -> None:
    """Each operation id is the name of its function."""
    document = expect(await trial.client.get("/openapi.json"), 200)
    found = {operation["operationId"] for path in document["paths"].values() for operation in path.values()}
    assert found == {"add_book", "list_books", "health"}, f"the operation ids are {sorted(found)}"


async def check_example_shown(trial: Trial) -> None:
    """The example of a book is in the document."""
    document = expect(await trial.client.get("/openapi.json"), 200)
    assert "Notes" in str(document["components"]["schemas"]["Book"]), "the example is lost"


async def check_no_warnings(trial: Trial) -> None:
    """Importing and serving raises no warning."""
    done = await trial.run("-c", SERVING)
    assert done.code == 0, f"with warnings as errors: …{done.output.strip()[-300:]}"
    assert re.findall(r"^\d{3}$", done.output, re.MULTILINE) == ["201", "422", "200", "200"], done.output[-200:]
