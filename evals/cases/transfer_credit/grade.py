"""Transfers, one by one and at once; the sum of all balances never changes."""

import httpx2

from fastapi_expert.evals.trial import Trial, expect, statuses


async def accounts(trial: Trial, *balances: int) -> list[int]:
    query = "INSERT INTO accounts (balance) VALUES ($1) RETURNING id"
    return [int(await trial.value(query, balance)) for balance in balances]


async def transfer(trial: Trial, payer: int, payee: int, amount: object) -> httpx2.Response:
    return await trial.client.post("/transfers", json={"from_account": payer, "to_account": payee, "amount": amount})


async def balances(trial: Trial, *numbers: int) -> list[int]:
    found = {row["id"]: row["balance"] for row in await trial.rows("SELECT id, balance FROM accounts")}
    return [found[number] for number in numbers]


async def check_moves(trial: Trial) -> None:
    """A transfer answers 201 with both balances, and is recorded."""
    ada, eve = await accounts(trial, 100, 5)
    assert expect(await transfer(trial, ada, eve, 40), 201) == {"from_balance": 60, "to_balance": 45}
    assert await balances(trial, ada, eve) == [60, 45]
    rows = await trial.rows("SELECT from_account, to_account, amount FROM transfers WHERE from_account = $1", ada)
    assert rows == [{"from_account": ada, "to_account": eve, "amount": 40}], rows


async def check_not_below_zero(trial: Trial) -> None:
    """More than there is gets 409, and nothing moves or is recorded."""
    ada, eve = await accounts(trial, 100, 5)
    expect(await transfer(trial, ada, eve, 101), 409)
    assert await balances(trial, ada, eve) == [100, 5]
    assert await trial.value("SELECT count(*) FROM transfers WHERE from_account = $1", ada) == 0


async def check_all_or_nothing(trial: Trial) -> None:
    """To or from an account that doesn't exist is a 404, and nothing moves."""
    (ada,) = await accounts(trial, 100)
    expect(await transfer(trial, ada, 999999, 10), 404)
    expect(await transfer(trial, 999999, ada, 10), 404)
    assert await balances(trial, ada) == [100]


async def check_refused(trial: Trial) -> None:
    """Amounts out of bounds and a transfer to oneself get 422."""
    ada, eve = await accounts(trial, 100, 5)
    for amount in (0, -5, 1_000_001, "x", 1.5):
        expect(await transfer(trial, ada, eve, amount), 422)
    expect(await transfer(trial, ada, ada, 1), 422)
    assert await balances(trial, ada, eve) == [100, 5]


async def check_at_once(trial: Trial) -> None:
    """Of five transfers of 30 out of 100 at once, three get 201 and two get 409, and the sum stays."""
    ada, eve = await accounts(trial, 100, 0)
    answers = statuses(await trial.meet("accounts", [transfer(trial, ada, eve, 30) for _ in range(5)]))
    assert answers == [201] * 3 + [409] * 2, f"the answers were {answers}"
    assert await balances(trial, ada, eve) == [10, 90], "money came or went"


async def check_both_directions(trial: Trial) -> None:
    """Forty transfers in both directions at once all get 201, and none of them is lost."""
    ada, eve = await accounts(trial, 1000, 1000)
    pairs = [(ada, eve)] * 12 + [(eve, ada)] * 16 + [(ada, eve)] * 12
    answers = statuses(await trial.meet("accounts", [transfer(trial, *pair, 10) for pair in pairs]))
    assert set(answers) == {201}, f"the answers were {answers}"
    assert await balances(trial, ada, eve) == [920, 1080], "some of the transfers were lost"
