"""Gotchas of the skill `backend-authentication`."""

import asyncio
import hmac
import warnings
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Annotated

import jwt
import pytest
from anyio import CapacityLimiter, to_thread
from fastapi import Depends, FastAPI
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from jwt.exceptions import InvalidIssuerError, InvalidSubjectError, MissingRequiredClaimError
from jwt.types import Options
from pwdlib import PasswordHash
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from .app_client import AppClient

KEY = "a key of at least thirty-two bytes"


def test_au_01_passlib_cannot_hash_with_bcrypt_5() -> None:
    """Believed: passlib with bcrypt hashes passwords. Now: ValueError for every one with bcrypt 5; pwdlib.

    Since bcrypt 5.0.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it imports the standard library's deprecated `crypt`
        from passlib.context import CryptContext  # type: ignore[import-untyped] # unmaintained since 2020

    context = CryptContext(schemes=["bcrypt"])
    for password in ("short", "correct horse battery staple"):
        with pytest.raises(ValueError, match="password cannot be longer than 72 bytes"):
            context.hash(password)

    hasher = PasswordHash.recommended()
    assert hasher.verify("short", hasher.hash("short"))


def test_au_02_a_token_without_expiry_is_accepted() -> None:
    """Believed: PyJWT refuses a token without exp. Now: it is valid for ever; options={"require": ["exp"]}."""
    forever = jwt.encode({"sub": "1"}, KEY, "HS256")
    assert jwt.decode(forever, KEY, algorithms=["HS256"]) == {"sub": "1"}

    required: Options = {"require": ["exp"]}
    with pytest.raises(jwt.MissingRequiredClaimError, match='missing the "exp" claim'):
        jwt.decode(forever, KEY, algorithms=["HS256"], options=required)
    expiring = jwt.encode({"sub": "1", "exp": datetime.now(UTC) + timedelta(minutes=15)}, KEY, "HS256")
    assert jwt.decode(expiring, KEY, algorithms=["HS256"], options=required)["sub"] == "1"


def test_au_03_an_int_sub_encodes_and_does_not_decode() -> None:
    """Believed: `sub` may be the user's int id. Now: it encodes, and decoding refuses it; use str(user.id).

    Since PyJWT 2.10.
    """
    user_id = 1
    token = jwt.encode({"sub": user_id}, KEY, "HS256")
    with pytest.raises(InvalidSubjectError, match="Subject must be a string"):
        jwt.decode(token, KEY, algorithms=["HS256"])

    token = jwt.encode({"sub": str(user_id)}, KEY, "HS256")
    assert int(jwt.decode(token, KEY, algorithms=["HS256"])["sub"]) == user_id


async def test_au_04_http_bearer_without_a_header_is_a_401() -> None:
    """Believed: HTTPBearer answers 403 without a token. Now: 401 with WWW-Authenticate; test for that.

    Since FastAPI 0.122.
    """
    app = FastAPI()

    @app.get("/")
    async def read(token: Annotated[HTTPAuthorizationCredentials, Depends(HTTPBearer())]) -> str:
        return token.credentials

    async with AppClient(app) as client:
        response = await client.get("/")
        assert response.status_code != 403  # what code written for FastAPI before 0.122 waits for
        assert response.status_code == 401
        assert response.headers["www-authenticate"] == "Bearer"
        assert (await client.get("/", headers={"authorization": "Bearer abc"})).json() == "abc"


async def test_au_05_argon2_in_a_coroutine_stops_the_loop() -> None:
    """Believed: `async def` keeps the server responsive. Now: Argon2 stops the loop; a thread with a limiter."""
    hasher = PasswordHash.recommended()
    limiter = CapacityLimiter(2)  # each hash takes 64 MiB; the threads' own limit is 40

    async def inline(password: str) -> str:
        return hasher.hash(password)

    async def in_a_thread(password: str) -> str:
        return await to_thread.run_sync(hasher.hash, password, limiter=limiter)

    async def heartbeats_during(work: Awaitable[str]) -> int:
        beats = 0

        async def beat() -> None:
            nonlocal beats
            while True:
                beats += 1
                await asyncio.sleep(0)

        heart = asyncio.create_task(beat())
        await work
        heart.cancel()
        return beats

    assert await heartbeats_during(inline("hunter2")) == 0
    assert await heartbeats_during(in_a_thread("hunter2")) > 0


def test_au_06_skipping_the_hash_for_unknown_users_tells_who_is_known() -> None:
    """Believed: one message hides who exists. Now: an unknown user costs no hash, which shows; verify a dummy."""
    hasher = PasswordHash.recommended()
    hashes = {"ada@example.com": hasher.hash("hunter2")}
    dummy = hasher.hash("nobody's password")
    verified: list[str] = []

    def verify(password: str, password_hash: str) -> bool:
        verified.append(password_hash)
        return hasher.verify(password, password_hash)

    def wrong(email: str, password: str) -> bool:
        return email in hashes and verify(password, hashes[email])

    def right(email: str, password: str) -> bool:
        return verify(password, hashes.get(email, dummy)) and email in hashes

    def work_of_a_failing(email: str, log_in: Callable[[str, str], bool]) -> int:
        verified.clear()
        assert not log_in(email, "wrong password")
        return len(verified)

    assert [work_of_a_failing(email, wrong) for email in ("ada@example.com", "nobody@example.com")] == [1, 0]
    assert [work_of_a_failing(email, right) for email in ("ada@example.com", "nobody@example.com")] == [1, 1]
    assert right("ada@example.com", "hunter2")
    assert not right("nobody@example.com", "nobody's password")


async def test_au_07_a_refresh_token_that_is_read_then_marked_is_used_twice(engine: AsyncEngine) -> None:
    """Believed: look whether it is used, then mark it. Now: two at once both pass; one UPDATE … RETURNING."""
    both_looked = asyncio.Barrier(2)
    async with engine.begin() as connection:
        await connection.execute(text("CREATE TABLE tokens (hash text PRIMARY KEY, used_at timestamptz)"))
        await connection.execute(text("INSERT INTO tokens VALUES ('wrong'), ('right')"))

    async def look_then_mark() -> bool:
        async with engine.begin() as connection:
            unused = await connection.scalar(text("SELECT used_at IS NULL FROM tokens WHERE hash = 'wrong'"))
            await both_looked.wait()
            await connection.execute(text("UPDATE tokens SET used_at = now() WHERE hash = 'wrong'"))
            return bool(unused)

    async def mark() -> bool:
        use = "UPDATE tokens SET used_at = now() WHERE hash = 'right' AND used_at IS NULL RETURNING hash"
        async with engine.begin() as connection:
            return await connection.scalar(text(use)) is not None

    assert list(await asyncio.gather(look_then_mark(), look_then_mark())) == [True, True]
    assert sorted(await asyncio.gather(mark(), mark())) == [False, True]


def test_au_08_compare_digest_refuses_text_beyond_ascii() -> None:
    """Believed: compare_digest takes any two texts. Now: "é" from a header is a TypeError, a 500; compare bytes."""
    with pytest.raises(TypeError, match="non-ASCII characters is not supported"):
        hmac.compare_digest("clé", "key")

    assert not hmac.compare_digest("clé".encode(), b"key")
    assert hmac.compare_digest("clé".encode(), "clé".encode())


def test_au_09_a_token_for_another_purpose_is_accepted() -> None:
    """Believed: the signature says whose token it is. Now: one key's every token passes; iss and aud, required."""
    mail = jwt.encode({"sub": "1", "iss": "newsletter"}, KEY, "HS256")  # such as a link to unsubscribe
    assert jwt.decode(mail, KEY, algorithms=["HS256"])["sub"] == "1"

    with pytest.raises(InvalidIssuerError):
        jwt.decode(mail, KEY, algorithms=["HS256"], issuer="api")
    with pytest.raises(MissingRequiredClaimError):
        jwt.decode(mail, KEY, algorithms=["HS256"], audience="api")
