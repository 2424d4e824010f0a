"""Registration: what is stored, what is answered, and who gets the address."""

import httpx2

from fastapi_expert.evals.trial import Trial, expect, raw_json, statuses

PASSWORD = "correct horse battery staple"


async def register(trial: Trial, email: str, **fields: object) -> httpx2.Response:
    body = {"email": email, "password": PASSWORD, "display_name": "Ada", **fields}
    return await trial.client.post("/users", **raw_json(body))


async def check_created(trial: Trial) -> None:
    """Registering answers 201 with id, email, display_name and created_at, and nothing else."""
    body = expect(await register(trial, "created@example.com"), 201)
    assert set(body) == {"id", "email", "display_name", "created_at"}, f"the answer has {sorted(body)}"
    assert (body["email"], body["display_name"]) == ("created@example.com", "Ada"), body


async def check_hashed(trial: Trial) -> None:
    """The table users holds an Argon2 hash and no password."""
    expect(await register(trial, "hashed@example.com"), 201)
    stored = str(
        await trial.value("SELECT to_jsonb(u)::text FROM users u WHERE to_jsonb(u)::text ILIKE '%hashed@example.com%'")
    )
    assert "$argon2" in stored, "no Argon2 hash is stored"
    assert PASSWORD not in stored, "the password itself is stored"


async def check_taken(trial: Trial) -> None:
    """An address that is taken gets 409, also in other letters."""
    expect(await register(trial, "taken@example.com"), 201)
    expect(await register(trial, "taken@example.com"), 409)
    expect(await register(trial, "Taken@Example.com"), 409)


async def check_at_once(trial: Trial) -> None:
    """Of five registrations of one address at once, one gets 201 and four get 409."""
    answers = statuses(await trial.meet("users", [register(trial, "race@example.com") for _ in range(5)]))
    assert answers == [201] + [409] * 4, f"the answers were {answers}"


async def check_bounds(trial: Trial) -> None:
    """A wrong address, a short or long password, and an empty or long name get 422."""
    for number, wrong in enumerate(
        (
            {"email": "nobody"},
            {"password": "short"},
            {"password": "x" * 129},
            {"display_name": ""},
            {"display_name": "x" * 101},
        )
    ):
        expect(await register(trial, **({"email": f"bounds{number}@example.com"} | wrong)), 422)


async def check_no_password_in_answers(trial: Trial) -> None:
    """No refusal repeats the password."""
    whole = {"email": "echo@example.com", "password": PASSWORD, "display_name": "Ada"}
    for missing in ("email", "display_name"):
        answer = await trial.client.post("/users", json={k: v for k, v in whole.items() if k != missing})
        expect(answer, 422)
        assert PASSWORD not in answer.text, f"without {missing} the answer repeats the password"
    answer = await register(trial, "echo@example.com", password="s3cr3t!")
    expect(answer, 422)
    assert "s3cr3t!" not in answer.text, "a password that is too short is repeated"


async def check_odd_text(trial: Trial) -> None:
    """Text that PostgreSQL can't store gets 422, in each field."""
    for number, odd in enumerate(("A\x00da", "A\ud800da")):
        expect(await register(trial, f"odd{number}@example.com", display_name=odd), 422)
        expect(await register(trial, f"odd\x00{number}@example.com"), 422)
    expect(await trial.client.post("/users", **raw_json({"email": float("nan")})), 422)
