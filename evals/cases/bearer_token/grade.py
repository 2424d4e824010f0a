"""Tokens that are good, and all those that are not."""

import base64
import json
import time

import httpx2
import jwt

from fastapi_expert.evals.trial import Trial, expect

ROUTES = (("GET", "/orders"), ("GET", "/orders/1"), ("POST", "/orders/1/cancel"))


def token(trial: Trial, *, key: str = "", algorithm: str = "HS256", without: str = "", **claims: object) -> str:
    said = {"sub": "7", "aud": "orders", "exp": int(time.time()) + 300, **claims}
    said.pop(without, None)
    return jwt.encode(said, key or trial.environment["JWT_SECRET"], algorithm=algorithm)


async def call(trial: Trial, bearer: str, path: str = "/orders") -> httpx2.Response:
    return await trial.client.get(path, headers={"Authorization": f"Bearer {bearer}"})


async def check_good_token(trial: Trial) -> None:
    """A good token opens the own orders, and only them."""
    assert [order["id"] for order in expect(await call(trial, token(trial)), 200)] == [1, 2]
    assert expect(await call(trial, token(trial), "/orders/2"), 200)["item"] == "cups"


async def check_foreign_orders(trial: Trial) -> None:
    """Somebody else's order is a 404, to read and to cancel."""
    expect(await call(trial, token(trial), "/orders/3"), 404)
    headers = {"Authorization": f"Bearer {token(trial)}"}
    expect(await trial.client.post("/orders/3/cancel", headers=headers), 404)
    theirs = expect(await call(trial, token(trial, sub="8"), "/orders/3"), 200)
    assert theirs["cancelled"] is False, "it was cancelled all the same"


async def check_closed(trial: Trial) -> None:
    """Without a token every order route answers 401, and /health stays open."""
    for method, path in ROUTES:
        expect(await trial.client.request(method, path), 401)
    expect(await trial.client.get("/health"), 200)


async def check_challenge(trial: Trial) -> None:
    """Every 401 says `WWW-Authenticate: Bearer`, also for a token that is not good."""
    for answer in (
        await trial.client.get("/orders"),
        await call(trial, "rubbish"),
        await call(trial, token(trial, exp=1)),
    ):
        expect(answer, 401)
        assert answer.headers.get("www-authenticate", "").lower().startswith("bearer"), "a 401 has no challenge"


async def check_forged(trial: Trial) -> None:
    """Tokens of another key, unsigned ones, other algorithms, audiences and old ones get 401."""
    secret = trial.environment["JWT_SECRET"]
    head, body, _ = token(trial).split(".")
    unsigned = base64.urlsafe_b64encode(json.dumps({"alg": "none", "typ": "JWT"}).encode()).rstrip(b"=").decode()
    for name, forged in {
        "another key": token(trial, key="x" * 40),
        "HS512": token(trial, algorithm="HS512", key=secret),
        "none": f"{unsigned}.{body}.",
        "no signature": f"{head}.{body}.",
        "another audience": token(trial, aud="billing"),
        "no audience": token(trial, without="aud"),
        "expired": token(trial, exp=int(time.time()) - 3600),
        "rubbish": "rubbish",
    }.items():
        answer = await call(trial, forged)
        assert answer.status_code == 401, f"a token with {name} answered {answer.status_code}"


async def check_no_expiry(trial: Trial) -> None:
    """A token without an end gets 401."""
    expect(await call(trial, token(trial, without="exp")), 401)


async def check_odd_subject(trial: Trial) -> None:
    """A signed token whose subject is missing or no number gets 401."""
    for odd in (token(trial, without="sub"), token(trial, sub="ada"), token(trial, sub="7\x00")):
        expect(await call(trial, odd), 401)


async def check_documented(trial: Trial) -> None:
    """The OpenAPI document says that the order routes want a Bearer token."""
    described = expect(await trial.client.get("/openapi.json"), 200)
    schemes = described.get("components", {}).get("securitySchemes", {}).values()
    assert any(scheme.get("scheme") == "bearer" or scheme["type"] == "oauth2" for scheme in schemes), "no bearer scheme"
    assert described["paths"]["/orders"]["get"].get("security"), "GET /orders shows no security"
    assert not described["paths"]["/health"]["get"].get("security"), "/health shows security"
