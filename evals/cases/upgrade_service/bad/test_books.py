from httpx2 import ASGITransport, AsyncClient

import books
from main import app


async def test_a_book_is_listed_on_its_shelf():
    books.load_shelves()
    async with AsyncClient(transport=ASGITransport(app=app), base_url="http://test") as client:
        added = await client.post("/books", json={"title": " Notes ", "pages": 66, "shelf": "a"})
        assert added.status_code == 201
        listed = await client.get("/books", params={"shelf": "a"})
    assert listed.json() == [{"title": "Notes", "pages": 66, "shelf": "a"}]


async def test_pages_may_be_missing():
    books.load_shelves()
    async with AsyncClient(transport=ASGITransport(app=app), base_url="http://test") as client:
        added = await client.post("/books", json={"title": "Notes", "shelf": "b"})
    assert (added.status_code, added.json()["pages"]) == (201, None)


async def test_an_unknown_shelf_is_refused():
    books.load_shelves()
    async with AsyncClient(transport=ASGITransport(app=app), base_url="http://test") as client:
        refused = await client.post("/books", json={"title": "Notes", "pages": 1, "shelf": "z"})
    assert refused.status_code == 422
