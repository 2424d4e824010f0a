"""Paging through a catalogue of forty products, while it changes."""

from collections.abc import AsyncIterator
from typing import Any

from fastapi_expert.evals.trial import Trial, expect

PRICES = {number: (number % 5) * 100 for number in range(1, 41)}  # five prices, eight products each


async def seed(trial: Trial) -> None:
    for number, price in PRICES.items():
        await trial.database.execute(
            "INSERT INTO products (id, name, price) VALUES ($1, $2, $3)", number, f"p{number}", price
        )


async def pages(trial: Trial, **query: str | int) -> AsyncIterator[list[dict[str, Any]]]:
    cursor = None
    for _ in range(50):
        sent = query | ({"cursor": cursor} if cursor else {})
        body = expect(await trial.client.get("/products", params=sent), 200)
        yield body["items"]
        cursor = body["next_cursor"]
        if cursor is None:
            return
    raise AssertionError("after 50 pages there is still a next_cursor")


async def ids(trial: Trial, **query: str | int) -> list[int]:
    return [item["id"] async for page in pages(trial, **query) for item in page]


async def check_pages(trial: Trial) -> None:
    """The pages together are the whole list, 20 rows each unless said otherwise."""
    sizes = [len(page) async for page in pages(trial)]
    assert [size for size in sizes if size] == [20, 20], f"the pages hold {sizes}"
    assert await ids(trial, limit=7) == list(PRICES)


async def check_items(trial: Trial) -> None:
    """An item has id, name and price."""
    body = expect(await trial.client.get("/products", params={"limit": 1}), 200)
    assert body["items"] == [{"id": 1, "name": "p1", "price": 100}], body["items"]


async def check_sorted(trial: Trial) -> None:
    """Sorted by price, either way, nothing is missing or twice among equal prices."""
    for sort, sign in (("price", 1), ("-price", -1)):
        found = await ids(trial, sort=sort, limit=3)
        assert sorted(found) == list(PRICES), (
            f"sort={sort} gives {len(found)} rows, {len(set(found))} of them different"
        )
        prices = [sign * PRICES[number] for number in found]
        assert prices == sorted(prices), f"sort={sort} is not in order"


async def check_filtered(trial: Trial) -> None:
    """The filters hold on every page."""
    expected = [number for number, price in PRICES.items() if 100 <= price <= 200]
    assert await ids(trial, min_price=100, max_price=200, limit=4) == expected


async def check_rows_come_and_go(trial: Trial) -> None:
    """Rows that are added or deleted between two pages make no other row appear twice or not at all."""
    for sort in ("id", "price", "-price"):
        seen: list[int] = []
        turn = 0
        async for page in pages(trial, sort=sort, limit=6):
            seen += [item["id"] for item in page]
            turn += 1
            await trial.database.execute(
                "INSERT INTO products (id, name, price) VALUES ($1, 'new', $2)",
                -turn,
                0 if sort != "-price" else 10_000,
            )
            if turn % 2 == 0:
                await trial.database.execute("DELETE FROM products WHERE id = $1", -turn)
                await trial.database.execute("DELETE FROM products WHERE id = $1", 1 - turn)
        await trial.database.execute("DELETE FROM products WHERE id < 0")
        old = [number for number in seen if number > 0]
        assert sorted(old) == list(PRICES), f"sort={sort}: {len(old)} rows, {len(set(old))} different, of {len(PRICES)}"


async def check_bounds(trial: Trial) -> None:
    """A limit out of bounds, an unknown order and a cursor of another making get 422."""
    for query in ({"limit": 0}, {"limit": -1}, {"limit": 101}, {"limit": "x"}, {"sort": "name"}, {"min_price": "x"}):
        expect(await trial.client.get("/products", params=query), 422)
    for cursor in ("x", "e30", "LTE", "bnVsbA==", "%00", "[1]", "Ã¶"):
        expect(await trial.client.get("/products", params={"cursor": cursor}), 422)


async def check_numbers_too_large(trial: Trial) -> None:
    """A price beyond what the column can hold is no 500."""
    for number in (2**31, 2**63, 10**30):
        expect(await trial.client.get("/products", params={"min_price": number}), 200, 422)
        expect(await trial.client.get("/products", params={"max_price": -number}), 200, 422)
