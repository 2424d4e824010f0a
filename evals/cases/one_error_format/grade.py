"""Every way to be refused, and what the refusal looks like."""

from typing import Any

import httpx2

from fastapi_expert.evals.trial import Trial, expect, raw_json

ADA = {"Authorization": "Bearer ada"}
CARD = "4111111111111111"


def problem(answer: httpx2.Response, status: int) -> dict[str, Any]:
    body: dict[str, Any] = expect(answer, status)
    media_type = answer.headers.get("content-type", "")
    assert media_type.startswith("application/problem+json"), f"a {status} has the media type {media_type!r}"
    assert {"type", "title", "status", "detail"} <= set(body), f"a {status} has only {sorted(body)}"
    assert body["status"] == status, f"a {status} says status {body['status']}"
    assert isinstance(body["detail"], str), f"the detail of a {status} is no text"
    return body


async def check_still_works(trial: Trial) -> None:
    """A payment that is in order answers 201 as before."""
    answer = await trial.client.post("/payments", json={"card": CARD, "amount": 40}, headers=ADA)
    assert expect(answer, 201) == {"left": 60}


async def check_validation(trial: Trial) -> None:
    """A validation error is a 422 problem that names each field."""
    answer = await trial.client.post("/payments", json={"card": "1", "amount": -1}, headers=ADA)
    errors = problem(answer, 422)["errors"]
    assert [error["location"] for error in errors] == [["body", "card"], ["body", "amount"]], errors
    assert all(isinstance(error["message"], str) and error["message"] for error in errors), errors


async def check_authentication(trial: Trial) -> None:
    """No token is a 401 problem."""
    problem(await trial.client.post("/payments", json={"card": CARD, "amount": 1}), 401)


async def check_business(trial: Trial) -> None:
    """Too little money is a 409 problem, an unknown payment a 404 problem."""
    problem(await trial.client.post("/payments", json={"card": CARD, "amount": 400}, headers=ADA), 409)
    problem(await trial.client.get("/payments/12"), 404)


async def check_router_errors(trial: Trial) -> None:
    """A path that doesn't exist and a method that isn't allowed are problems too."""
    problem(await trial.client.get("/nowhere"), 404)
    problem(await trial.client.delete("/payments"), 405)


async def check_headers_kept(trial: Trial) -> None:
    """The 401 keeps its challenge and the 405 its Allow."""
    refused = await trial.client.post("/payments", json={"card": CARD, "amount": 1})
    assert refused.headers.get("www-authenticate") == "Bearer", "the 401 has lost its challenge"
    assert "POST" in (await trial.client.delete("/payments")).headers.get("allow", ""), "the 405 has lost its Allow"


async def check_no_echo(trial: Trial) -> None:
    """No error repeats what was sent."""
    secret = "4999-secret"
    for body in ({"card": secret, "amount": 1}, {"card": CARD}, {"card": CARD, "amount": secret}):
        answer = await trial.client.post("/payments", json=body, headers=ADA)
        expect(answer, 422)
        assert secret not in answer.text, "a refused value is repeated"
        assert CARD not in answer.text, "the card is repeated where another field is missing"


async def check_not_a_number(trial: Trial) -> None:
    """NaN for an amount is a 422 problem."""
    sent = raw_json({"card": CARD, "amount": float("nan")})
    problem(await trial.client.post("/payments", content=sent["content"], headers=sent["headers"] | ADA), 422)


async def check_unforeseen(trial: Trial) -> None:
    """What nobody foresaw is a 500 problem without the cause, and the log has it."""
    answer = await trial.client.post(
        "/payments", json={"card": CARD, "amount": 1}, headers={"Authorization": "Bearer nobody-known"}
    )
    problem(answer, 500)
    assert "nobody-known" not in answer.text, "the cause is told"
    assert "KeyError" not in answer.text, "the cause is told"
    assert await trial.service.logs("KeyError"), "nothing is logged"
