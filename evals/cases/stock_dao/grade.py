"""Reservations, alone and at once; stock that never goes below zero."""

import asyncio
import json
import re

import httpx2

from fastapi_expert.evals.trial import Trial, expect, raw_json, statuses


async def stock(trial: Trial, **quantities: int) -> None:
    for sku, quantity in quantities.items():
        await trial.database.execute("INSERT INTO stock VALUES ($1, $2)", sku, quantity)


async def left(trial: Trial, *skus: str) -> list[int]:
    return [int(await trial.value("SELECT quantity FROM stock WHERE sku = $1", sku)) for sku in skus]


async def reserve(trial: Trial, **quantities: object) -> httpx2.Response:
    lines = [{"sku": sku, "quantity": quantity} for sku, quantity in quantities.items()]
    return await trial.client.post("/reservations", **raw_json({"lines": lines}))


async def check_reserves(trial: Trial) -> None:
    """A reservation takes each line out of stock, answers 201 and is recorded."""
    await stock(trial, tea=10, cup=5)
    body = expect(await reserve(trial, tea=3, cup=5), 201)
    lines = [{"sku": "tea", "quantity": 3}, {"sku": "cup", "quantity": 5}]
    assert body["lines"] == lines, body
    assert await left(trial, "tea", "cup") == [7, 0]
    recorded = await trial.value("SELECT lines FROM reservations WHERE number = $1", body["reservation"])
    assert json.loads(recorded) == lines, recorded


async def check_all_or_nothing(trial: Trial) -> None:
    """When one line can't be had, nothing is taken and nothing recorded."""
    await stock(trial, pot=10, lid=1)
    before = await trial.value("SELECT count(*) FROM reservations")
    assert expect(await reserve(trial, pot=2, lid=2), 409) == {"failure": "out_of_stock"}
    assert expect(await reserve(trial, pot=2, unicorn=1), 404) == {"failure": "unknown_sku"}
    assert await left(trial, "pot", "lid") == [10, 1], "something was taken"
    assert await trial.value("SELECT count(*) FROM reservations") == before


async def check_bad_requests(trial: Trial) -> None:
    """What is not in order is a bad_request."""
    await stock(trial, jug=10)
    bad = {"failure": "bad_request"}
    for quantity in (0, -1, 1001, "x", None):
        assert expect(await reserve(trial, jug=quantity), 400) == bad
    twice = [{"sku": "jug", "quantity": 1}] * 2
    for lines in (
        [],
        twice,
        [{"sku": f"s{number}", "quantity": 1} for number in range(21)],
        [{"sku": "j\x00g", "quantity": 1}],
    ):
        assert expect(await trial.client.post("/reservations", **raw_json({"lines": lines})), 400) == bad
    assert await left(trial, "jug") == [10]


async def check_at_once(trial: Trial) -> None:
    """Of five reservations of 3 out of 10 at once, three get 201 and two out_of_stock."""
    await stock(trial, can=10)
    answers = statuses(await trial.meet("stock", [reserve(trial, can=3) for _ in range(5)]))
    assert answers == [201] * 3 + [409] * 2, f"the answers were {answers}"
    assert await left(trial, "can") == [1]


async def check_in_any_order(trial: Trial) -> None:
    """Thirty reservations of the same things in both orders at once all get 201."""
    await stock(trial, ham=1000, egg=1000)
    orders = [{"ham": 1, "egg": 1}, {"egg": 1, "ham": 1}] * 15
    answers = statuses(await asyncio.gather(*(reserve(trial, **lines) for lines in orders)))
    assert set(answers) == {201}, f"the answers were {answers}"


async def check_built_as_before(trial: Trial) -> None:
    """No library and no layer was added, and controllers hold no SQL."""
    for path in trial.files("*.py"):
        if "test" in path.name:
            continue
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"^\s*(import|from) (sqlalchemy|sqlmodel|psycopg)", text, re.MULTILINE), (
            f"{path.name} imports it"
        )
        if path.parent.name == "controllers":
            assert not re.search(r"\b(SELECT|UPDATE|INSERT)\b", text), f"{path.name} holds SQL"
    folders = {path.name for path in (trial.project / "warehouse").iterdir() if path.is_dir()} - {"__pycache__"}
    assert folders == {"controllers", "daos"}, f"warehouse/ has {sorted(folders)}"
