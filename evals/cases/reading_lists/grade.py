"""A reading-list service: accounts, tokens, books of one's own, pages and errors."""

import asyncio
import itertools
import uuid
from typing import Any

import httpx2
import jwt

from fastapi_expert.evals.trial import Trial, expect, raw_json, statuses

PASSWORD = "correct horse battery staple"
PROBLEM = "application/problem+json"
numbers = itertools.count(1)


async def account(trial: Trial) -> dict[str, str]:
    """Register, log in and give the headers."""
    credentials = {"username": f"reader_{next(numbers)}", "password": PASSWORD}
    expect(await trial.client.post("/v1/accounts", json=credentials), 201)
    token = expect(await trial.client.post("/v1/login", json=credentials), 200)["access_token"]
    return {"Authorization": f"Bearer {token}"}


async def add(trial: Trial, headers: dict[str, str], **fields: object) -> dict[str, Any]:
    """Add a book."""
    body = {"title": "Emma", "author": "Jane Austen"} | fields
    book: dict[str, Any] = expect(await trial.client.post("/v1/books", json=body, headers=headers), 201)
    return book


async def check_account(trial: Trial) -> None:
    """Registering answers 201 with id, username and created_at, and /v1/me shows the same."""
    credentials = {"username": "Ada_1", "password": PASSWORD}
    body = expect(await trial.client.post("/v1/accounts", json=credentials), 201)
    assert set(body) == {"id", "username", "created_at"}, f"the answer has {sorted(body)}"
    token = expect(await trial.client.post("/v1/login", json=credentials), 200)["access_token"]
    me = expect(await trial.client.get("/v1/me", headers={"Authorization": f"Bearer {token}"}), 200)
    assert me == body, f"/v1/me answers {me}"


async def check_taken(trial: Trial) -> None:
    """Of five registrations of one name at once, one gets 201 and four 409; in other letters it is taken too."""
    wanted = {"username": "race", "password": PASSWORD}
    answers = await asyncio.gather(*(trial.client.post("/v1/accounts", json=wanted) for _ in range(5)))
    assert statuses(answers) == [201, 409, 409, 409, 409], f"the answers were {statuses(answers)}"
    expect(await trial.client.post("/v1/accounts", json=wanted | {"username": "RACE"}), 409)


async def check_login(trial: Trial) -> None:
    """Wrong credentials get 401; a token is good for 30 minutes; none, a forged one or an old one gets 401."""
    headers = await account(trial)
    expect(await trial.client.post("/v1/login", json={"username": "reader_1", "password": "x" * 12}), 401)
    expect(await trial.client.post("/v1/login", json={"username": "nobody", "password": PASSWORD}), 401)
    claims = jwt.decode(headers["Authorization"].removeprefix("Bearer "), options={"verify_signature": False})
    assert claims["exp"] - claims["iat"] == 30 * 60 if "iat" in claims else "exp" in claims, claims
    for token in (jwt.encode(claims, "another secret, also long enough", algorithm="HS256"), "nonsense"):
        expect(await trial.client.get("/v1/me", headers={"Authorization": f"Bearer {token}"}), 401)
    expect(await trial.client.get("/v1/me"), 401)
    expect(await trial.client.get("/v1/books"), 401)


async def check_book(trial: Trial) -> None:
    """A book is created, read, changed by what is sent, emptied by null where that may be, and deleted."""
    headers = await account(trial)
    book = await add(trial, headers, pages=474)
    assert {"id", "title", "author", "pages", "state", "created_at"} <= set(book), sorted(book)
    assert (book["state"], book["pages"]) == ("wanted", 474), book
    path = f"/v1/books/{book['id']}"
    changed = expect(await trial.client.patch(path, json={"state": "read"}, headers=headers), 200)
    assert (changed["state"], changed["pages"], changed["title"]) == ("read", 474, "Emma"), changed
    assert expect(await trial.client.patch(path, json={"pages": None}, headers=headers), 200)["pages"] is None
    for field in ("title", "author", "state"):
        expect(await trial.client.patch(path, json={field: None}, headers=headers), 422)
    assert expect(await trial.client.get(path, headers=headers), 200)["state"] == "read"
    expect(await trial.client.delete(path, headers=headers), 204)
    expect(await trial.client.get(path, headers=headers), 404)


async def check_bounds(trial: Trial) -> None:
    """What is out of bounds gets 422: names, passwords, titles, pages, states, limits, cursors."""
    for wrong in ({"username": "ab"}, {"username": "a b c"}, {"username": "x" * 31}, {"password": "x" * 11}):
        body = {"username": f"bounds_{next(numbers)}", "password": PASSWORD} | wrong
        expect(await trial.client.post("/v1/accounts", json=body), 422)
    headers = await account(trial)
    for field, value in (("title", ""), ("author", "x" * 201), ("pages", 0), ("pages", 20_001), ("state", "lost")):
        sent = {"title": "Emma", "author": "Jane Austen", field: value}
        expect(await trial.client.post("/v1/books", json=sent, headers=headers), 422)
    for query in ("limit=0", "limit=101", "state=lost", "cursor=nonsense"):
        expect(await trial.client.get(f"/v1/books?{query}", headers=headers), 422)


async def check_odd_text(trial: Trial) -> None:
    """Text that PostgreSQL can't store gets 422."""
    headers = await account(trial)
    for odd in ("E\x00mma", "E\ud800mma"):
        sent = raw_json({"title": odd, "author": "Jane Austen"})
        sent["headers"] = sent.get("headers", {}) | headers
        expect(await trial.client.post("/v1/books", **sent), 422)
        expect(await trial.client.post("/v1/login", **raw_json({"username": odd, "password": odd * 4})), 401, 422)


async def check_somebody_elses(trial: Trial) -> None:
    """Somebody else's book is a 404 and stays as it is, and no listing shows it."""
    ada, eve = await account(trial), await account(trial)
    book = await add(trial, ada)
    path = f"/v1/books/{book['id']}"
    expect(await trial.client.get(path, headers=eve), 404)
    expect(await trial.client.patch(path, json={"title": "Mine"}, headers=eve), 404)
    expect(await trial.client.delete(path, headers=eve), 404)
    assert expect(await trial.client.get("/v1/books", headers=eve), 200)["items"] == []
    assert expect(await trial.client.get(path, headers=ada), 200)["title"] == "Emma"


async def check_pages_while_books_come(trial: Trial) -> None:
    """Turning pages while books come and go skips and repeats none; a state narrows the list."""
    headers = await account(trial)
    there = [
        (await add(trial, headers, title=f"Book {n}", state="reading" if n % 2 else "read"))["id"] for n in range(7)
    ]
    first = expect(await trial.client.get("/v1/books?limit=3", headers=headers), 200)
    for _ in range(2):
        await add(trial, headers, title="Later")
    expect(await trial.client.delete(f"/v1/books/{there[6]}", headers=headers), 204)
    seen, cursor = [book["id"] for book in first["items"]], first["next_cursor"]
    while cursor is not None:
        page = expect(await trial.client.get("/v1/books", params={"limit": 3, "cursor": cursor}, headers=headers), 200)
        seen += [book["id"] for book in page["items"]]
        cursor = page["next_cursor"]
        assert len(seen) < 20, "the pages don't end"
    assert seen == there[::-1], "books were skipped, repeated or not newest first"
    reading = expect(await trial.client.get("/v1/books?state=reading", headers=headers), 200)
    assert [book["id"] for book in reading["items"]] == [there[5], there[3], there[1]]
    assert reading["next_cursor"] is None


async def check_problems_everywhere(trial: Trial) -> None:
    """Every error is application/problem+json with the status in it: the router's own, validation, auth, conflicts."""
    headers = await account(trial)
    taken = {"username": "problem", "password": PASSWORD}
    await trial.client.post("/v1/accounts", json=taken)
    answers: list[httpx2.Response] = [
        await trial.client.get("/v1/nothing"),
        await trial.client.put("/v1/login", json={}),
        await trial.client.get("/v1/me"),
        await trial.client.post("/v1/login", json=taken | {"password": "x" * 12}),
        await trial.client.post("/v1/accounts", json=taken),
        await trial.client.post("/v1/accounts", json={}),
        await trial.client.post("/v1/accounts", content=b"{", headers={"content-type": "application/json"}),
        await trial.client.get(f"/v1/books/{uuid.uuid4()}", headers=headers),
    ]
    found = [answer.status_code for answer in answers]
    assert found == [404, 405, 401, 401, 409, 422, 422, 404], f"the answers were {found}"
    for answer in answers:
        assert answer.headers["content-type"] == PROBLEM, f"{answer.request.url.path}: {answer.headers['content-type']}"
        assert answer.json()["status"] == answer.status_code, answer.text


async def check_no_password_in_answers(trial: Trial) -> None:
    """No refusal repeats the password."""
    for body in (
        {"password": PASSWORD},
        {"username": "a b", "password": PASSWORD},
        {"username": "echo", "password": "s3cr3t!"},
    ):
        answer = await trial.client.post("/v1/accounts", json=body)
        expect(answer, 422)
        assert body["password"] not in answer.text, "a password is repeated"


async def check_hashed(trial: Trial) -> None:
    """No table holds the password itself."""
    await account(trial)
    tables = await trial.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    for table in tables:
        found = await trial.value(
            f'SELECT count(*) FROM "{table["tablename"]}" t WHERE to_jsonb(t)::text LIKE $1',
            f"%{PASSWORD}%",
        )
        assert found == 0, f"{table['tablename']} holds a password"


async def check_tests_pass(trial: Trial) -> None:
    """The service has tests, and `pytest` passes."""
    done = await trial.run("-m", "pytest", "-q", seconds=300)
    assert done.code == 0, done.output[-600:]
