"""Reviews of products: what goes in, what comes out, and what stays inside."""

import httpx2

from fastapi_expert.evals.trial import Trial, expect, raw_json

REVIEW = {"stars": 4, "text": "Boils water.", "author": "Ada"}
SHOWN = {"id", "stars", "text", "author", "created_at"}


async def new_product(trial: Trial) -> int:
    query = "INSERT INTO product (name, cost_cents, price_cents) VALUES ('kettle', 1000, 2500) RETURNING id"
    return int(await trial.value(query))


async def review(trial: Trial, product: int, **fields: object) -> httpx2.Response:
    return await trial.client.post(f"/products/{product}/reviews", **raw_json(REVIEW | fields))


async def check_added(trial: Trial) -> None:
    """A review answers 201 and is listed with the others of its product, newest first."""
    kettle, other = await new_product(trial), await new_product(trial)
    expect(await review(trial, other, text="other"), 201)
    for text in ("first", "second", "third"):
        body = expect(await review(trial, kettle, text=text), 201)
        assert (body["stars"], body["text"], body["author"]) == (4, text, "Ada"), body
    listed = expect(await trial.client.get(f"/products/{kettle}/reviews"), 200)
    assert [item["text"] for item in listed] == ["third", "second", "first"], listed
    assert await trial.value("SELECT count(*) FROM information_schema.columns WHERE column_name = 'client_host'") >= 1
    assert expect(await trial.client.get("/products"), 200)[0]["name"] == "kettle"


async def check_only_what_clients_may_see(trial: Trial) -> None:
    """A review is shown with its five fields, and without the address that it came from."""
    kettle = await new_product(trial)
    body = expect(await review(trial, kettle), 201)
    assert set(body) == SHOWN, f"POST shows {sorted(body)}"
    (listed,) = expect(await trial.client.get(f"/products/{kettle}/reviews"), 200)
    assert set(listed) == SHOWN, f"GET shows {sorted(listed)}"


async def check_bounds(trial: Trial) -> None:
    """Stars out of bounds, empty, long or unstorable texts and missing fields get 422."""
    kettle = await new_product(trial)
    for stars in (0, 6, None):
        expect(await review(trial, kettle, stars=stars), 422)
    for text in ("", "x" * 2001, "a\x00b"):
        expect(await review(trial, kettle, text=text), 422)
    for author in ("", "x" * 81, "a\x00b"):
        expect(await review(trial, kettle, author=author), 422)
    expect(await trial.client.post(f"/products/{kettle}/reviews", json={"stars": 3}), 422)
    assert expect(await trial.client.get(f"/products/{kettle}/reviews"), 200) == [], "something of it is stored"


async def check_own_number(trial: Trial) -> None:
    """A client chooses neither id nor time nor the address."""
    kettle = await new_product(trial)
    answer = await review(trial, kettle, id=424242, created_at="2001-01-01T00:00:00Z", client_host="forged")
    if answer.status_code != 422:
        body = expect(answer, 201)
        assert body["id"] != 424242, "the client chose the id"
        assert not body["created_at"].startswith("2001"), "the client chose the time"
    columns = "SELECT table_name FROM information_schema.columns WHERE column_name = 'client_host'"
    for row in await trial.rows(columns):
        query = f"SELECT count(*) FROM \"{row['table_name']}\" WHERE client_host = 'forged'"
        assert await trial.value(query) == 0, "the client chose its address"


async def check_unknown_product(trial: Trial) -> None:
    """An unknown product is a 404 for both, and a number beyond the column is no 500."""
    expect(await review(trial, 999999), 404)
    expect(await trial.client.get("/products/999999/reviews"), 404)
    expect(await review(trial, 2**31), 404, 422)
    expect(await trial.client.get(f"/products/{2**63}/reviews"), 404, 422)


async def check_stays_with_sqlmodel(trial: Trial) -> None:
    """No second kind of model: no DeclarativeBase, and the tables lie in shop/tables."""
    texts = {path: path.read_text(encoding="utf-8") for path in trial.files("*.py")}
    assert not any("DeclarativeBase" in text or "declarative_base" in text for text in texts.values())
    tables = [path for path, text in texts.items() if "table=True" in text]
    assert {path.parent.name for path in tables} == {"tables"}, f"tables lie in {[str(path) for path in tables]}"
    assert len(tables) == 2, "there is no module of its own for the reviews' table"
