"""What is stored after each answer, and that the dependency can be overridden."""

import ast
import asyncio

import httpx2

from fastapi_expert.evals.trial import Trial, expect

OVERRIDING = """
import asyncio, sys
import httpx2
from database import get_session
from main import app

class Fake:
    async def scalar(self, *_): return 4711
    async def __aenter__(self): return self
    async def __aexit__(self, *_): return None

async def fake():
    yield Fake()

async def main():
    app.dependency_overrides[get_session] = fake
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://test") as client:
        print((await client.get("/guests/count")).text)

asyncio.run(main())
"""


async def book(trial: Trial, guest: str, room: int, *nights: int) -> httpx2.Response:
    return await trial.client.post("/bookings", json={"guest": guest, "room": room, "nights": list(nights)})


async def guests(trial: Trial, name: str) -> int:
    return int(await trial.value("SELECT count(*) FROM guests WHERE name = $1", name))


async def check_books(trial: Trial) -> None:
    """A booking answers 201 and is stored whole, and the lists show it."""
    body = expect(await book(trial, "Ada", 1, 5, 4), 201)
    assert body["nights"] == 2, body
    for _ in range(20):  # whether it is stored in time is another check
        if nights := expect(await trial.client.get("/rooms/1/nights"), 200):
            break
        await asyncio.sleep(0.1)
    assert nights == [4, 5], nights
    assert await guests(trial, "Ada") == 1
    assert expect(await trial.client.get("/guests/count"), 200) >= 1


async def check_told_the_truth(trial: Trial) -> None:
    """A booking that collides at the commit gets the 409 of today, and is not told 201."""
    expect(await book(trial, "Bea", 2, 1), 201)
    body = expect(await book(trial, "Eve", 2, 1, 2), 409)
    assert body == {"detail": "This collides with other bookings."}, body
    assert expect(await trial.client.get("/rooms/2/nights"), 200) == [1]


async def check_nothing_of_a_refused_request(trial: Trial) -> None:
    """A request that is refused leaves nothing behind, not even the guest."""
    expect(await book(trial, "Mallory", 13, 1), 422)
    assert await guests(trial, "Mallory") == 0, "the guest of a refused booking is stored"
    await book(trial, "Ada", 3, 1)
    await book(trial, "Mallory", 3, 1)
    assert await guests(trial, "Mallory") == 0, "the guest of a colliding booking is stored"


async def check_overridden(trial: Trial) -> None:
    """Overriding `get_session` of database.py replaces the session of the routes."""
    done = await trial.run("-c", OVERRIDING)
    assert done.output.strip().endswith("4711"), f"the override did not reach the route: {done.output[-200:]}"


async def check_routes_open_nothing(trial: Trial) -> None:
    """No function of main.py calls Session() or commit()."""
    tree = ast.parse((trial.project / "main.py").read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            assert name not in {"Session", "commit"}, f"main.py:{node.lineno} calls {name}()"
