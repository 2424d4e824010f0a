"""The same routes, asynchronous, behind a pooler that gives each transaction another connection."""

import ast
import asyncio
from collections import Counter

from fastapi_expert.evals.trial import Trial, expect


async def new_user(trial: Trial, email: str, name: str = "Ada") -> int:
    return int(expect(await trial.client.post("/users", json={"email": email, "name": name}), 201)["id"])


async def check_same_answers(trial: Trial) -> None:
    """Adding, finding, counting and a missing user answer as before."""
    ada = await new_user(trial, "ada@example.com", "Ada Lovelace")
    expected = {"id": ada, "email": "ada@example.com", "name": "Ada Lovelace"}
    assert expect(await trial.client.get(f"/users/{ada}"), 200) == expected
    assert expect(await trial.client.get("/users", params={"text": "Lovel"}), 200) == [expected]
    assert expect(await trial.client.get("/users/count"), 200) == await trial.value("SELECT count(*) FROM users")
    expect(await trial.client.get("/users/999999"), 404)


async def check_stored_before_the_answer(trial: Trial) -> None:
    """A second user with the same address gets 409, and is not told 201."""
    await new_user(trial, "twice@example.com")
    expect(await trial.client.post("/users", json={"email": "twice@example.com", "name": "Eve"}), 409)
    assert await trial.value("SELECT count(*) FROM users WHERE email = 'twice@example.com'") == 1


async def check_database_waits_alone(trial: Trial) -> None:
    """While the database keeps a request waiting, another route still answers."""
    async with trial.database.transaction():
        await trial.database.execute("LOCK TABLE users IN ACCESS EXCLUSIVE MODE")
        waiting = [asyncio.ensure_future(trial.client.get("/users/count")) for _ in range(2)]
        await asyncio.sleep(0.3)
        try:
            async with asyncio.timeout(8):
                expect(await trial.client.get("/health"), 200)
        except TimeoutError:
            raise AssertionError("/health does not answer while a query waits for a lock") from None
    await asyncio.gather(*waiting, return_exceptions=True)


async def check_no_synchronous_call_left(trial: Trial) -> None:
    """No module makes a synchronous engine or session."""
    for path in trial.files("*.py"):
        if path.parts[len(trial.project.parts)].startswith("test"):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            called = node.func if isinstance(node, ast.Call) else None
            name = called.id if isinstance(called, ast.Name) else getattr(called, "attr", "")
            assert name not in {"create_engine", "sessionmaker"}, (
                f"{path.name}:{getattr(node, 'lineno', 0)} calls {name}"
            )


async def check_table_as_it_was(trial: Trial) -> None:
    """The address is still checked at the end of the transaction."""
    query = "SELECT condeferred FROM pg_constraint WHERE conrelid = 'users'::regclass AND contype = 'u'"
    assert await trial.value(query) is True


async def check_many_at_once(trial: Trial) -> None:
    """Three hundred requests at once through the pooler all get their own answer."""
    ids = [await new_user(trial, f"many{number}@example.com", f"many{number}") for number in range(10)]

    async def one(number: int) -> str:
        name = f"many{number % 10}"
        match number % 3:
            case 0:
                answer = await trial.client.get(f"/users/{ids[number % 10]}")
                found = answer.json()["name"] if answer.status_code == 200 else None
            case 1:
                answer = await trial.client.get("/users", params={"text": name})
                found = answer.json()[0]["name"] if answer.status_code == 200 else None
            case _:
                answer = await trial.client.get("/users/count")
                found = name if answer.status_code == 200 and answer.json() >= 10 else None
        return "right" if found == name else str(answer.status_code) if found is None else "wrong"

    tally: Counter[str] = Counter()
    for _ in range(3):
        try:
            async with asyncio.timeout(20):
                tally.update(await asyncio.gather(*(one(number) for number in range(100))))
        except TimeoutError:
            raise AssertionError("a hundred requests at once are not answered in 20 s") from None
        if set(tally) != {"right"}:
            break
    assert set(tally) == {"right"}, f"the answers were: {dict(tally)}"
