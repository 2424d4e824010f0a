"""Charges sent once, again, at once, and with the same key for something else."""

import httpx2

from fastapi_expert.evals.trial import Trial, expect


async def charge(trial: Trial, account: str, amount: int, key: str | None = None) -> httpx2.Response:
    headers = {"X-Account": account} | ({"Idempotency-Key": key} if key is not None else {})
    return await trial.client.post("/charges", json={"amount": amount}, headers=headers)


async def charged(trial: Trial, account: str) -> list[int]:
    return [
        row["amount"] for row in await trial.rows("SELECT amount FROM charges WHERE account = $1 ORDER BY id", account)
    ]


async def check_again(trial: Trial) -> None:
    """A charge that is sent again gets the same answer, and is charged once."""
    first = await charge(trial, "again", 40, "key-1")
    expect(first, 201)
    for _ in range(2):
        second = await charge(trial, "again", 40, "key-1")
        assert (second.status_code, second.text) == (first.status_code, first.text), (
            f"the second got {second.status_code}"
        )
    assert await charged(trial, "again") == [40]


async def check_without_key(trial: Trial) -> None:
    """Without a key, and with another one, each request is a charge."""
    for key in (None, None, "a", "b"):
        expect(await charge(trial, "plain", 10, key), 201)
    assert await charged(trial, "plain") == [10] * 4


async def check_another_account(trial: Trial) -> None:
    """The same key of another account is another charge."""
    expect(await charge(trial, "mine", 10, "shared"), 201)
    expect(await charge(trial, "yours", 20, "shared"), 201)
    assert [await charged(trial, "mine"), await charged(trial, "yours")] == [[10], [20]]


async def check_another_body(trial: Trial) -> None:
    """The same key with another body is a 422, and nothing is charged."""
    expect(await charge(trial, "other", 10, "key-2"), 201)
    expect(await charge(trial, "other", 20, "key-2"), 422)
    assert await charged(trial, "other") == [10]


async def check_refusal_again(trial: Trial) -> None:
    """A refusal is remembered too."""
    expect(await charge(trial, "poor", 1001, "key-3"), 402)
    await trial.database.execute("DELETE FROM charges WHERE account = 'poor'")
    expect(await charge(trial, "poor", 1001, "key-3"), 402)
    expect(await charge(trial, "rich", 900), 201)
    refused = await charge(trial, "rich", 200, "key-4")
    expect(refused, 402)
    await trial.database.execute("DELETE FROM charges WHERE account = 'rich'")
    again = await charge(trial, "rich", 200, "key-4")
    assert (again.status_code, again.text) == (402, refused.text), f"sent again it answered {again.status_code}"


async def check_at_once(trial: Trial) -> None:
    """Five times the same charge at once is charged once, and nobody gets a 5xx."""
    answers = await trial.meet("charges", [charge(trial, "race", 30, "key-5") for _ in range(5)])
    assert await charged(trial, "race") == [30], f"charged: {await charged(trial, 'race')}"
    assert {answer.status_code for answer in answers} <= {201, 409}, [answer.status_code for answer in answers]
    assert len({answer.text for answer in answers if answer.status_code == 201}) == 1
    expect(await charge(trial, "race", 30, "key-5"), 201)
    assert await charged(trial, "race") == [30]


async def check_wrong_keys(trial: Trial) -> None:
    """An empty, a long and an unprintable key get 422."""
    for key in ("", "x" * 101, "a b\tc"):
        expect(await charge(trial, "wrong", 10, key), 422)
    assert await charged(trial, "wrong") == []
