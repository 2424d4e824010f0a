"""Keys that open, keys that don't, and what is said to each."""

from hashlib import sha256

import httpx2

from fastapi_expert.evals.trial import Trial, expect

KEYS = {
    "reader": (["read"], False),
    "writer": (["read", "write"], False),
    "old": (["read", "write"], True),
    "none": ([], False),
}


async def seed(trial: Trial) -> None:
    for key, (scopes, revoked) in KEYS.items():
        query = "INSERT INTO api_keys (key_sha256, scopes, revoked) VALUES ($1, $2, $3)"
        await trial.database.execute(query, sha256(key.encode()).hexdigest(), scopes, revoked)


async def read(trial: Trial, key: str | bytes) -> httpx2.Response:
    return await trial.client.get(
        "/readings", headers=[(b"x-api-key", key if isinstance(key, bytes) else key.encode())]
    )


async def write(trial: Trial, key: str) -> httpx2.Response:
    return await trial.client.post("/readings", headers={"X-API-Key": key}, json={"celsius": 21.5})


async def check_opens(trial: Trial) -> None:
    """A key with the scope opens each route, and /health needs none."""
    expect(await write(trial, "writer"), 201)
    assert {"celsius": 21.5} in expect(await read(trial, "reader"), 200)
    expect(await trial.client.get("/health"), 200)


async def check_scopes(trial: Trial) -> None:
    """A known key without the scope gets 403."""
    expect(await write(trial, "reader"), 403)
    expect(await read(trial, "none"), 403)


async def check_unknown_keys(trial: Trial) -> None:
    """No key, an unknown one and a revoked one get 401 with WWW-Authenticate."""
    for answer in (
        await trial.client.get("/readings"),
        await read(trial, "guess"),
        await read(trial, "old"),
        await read(trial, ""),
    ):
        expect(answer, 401)
        assert answer.headers.get("www-authenticate"), "a 401 has no WWW-Authenticate"


async def check_odd_keys(trial: Trial) -> None:
    """Keys that are not ASCII or very long get 401."""
    for odd in ("schlüssel".encode(), b"\xff\xfe", b"x" * 5000):
        expect(await read(trial, odd), 401)


async def check_only_the_header(trial: Trial) -> None:
    """A hash in place of the key, and a key in the query, open nothing."""
    assert (await read(trial, sha256(b"writer").hexdigest())).status_code in (401, 403), "the stored hash opens"
    for name in ("X-API-Key", "api_key", "key"):
        assert (await trial.client.get("/readings", params={name: "writer"})).status_code in (401, 403), (
            "the query opens"
        )


async def check_documented(trial: Trial) -> None:
    """The OpenAPI document shows the key at both routes and not at /health."""
    document = expect(await trial.client.get("/openapi.json"), 200)
    schemes = document.get("components", {}).get("securitySchemes", {})
    wanted = {
        name
        for name, scheme in schemes.items()
        if scheme.get("in") == "header" and scheme["name"].lower() == "x-api-key"
    }
    for method in ("get", "post"):
        shown = {name for entry in document["paths"]["/readings"][method].get("security", []) for name in entry}
        assert shown & wanted, f"{method} /readings does not show the key"
    assert not document["paths"]["/health"]["get"].get("security")
