import hmac
import logging
import math
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import Depends, FastAPI, HTTPException, Request
from limits import parse
from limits.aio.strategies import FixedWindowRateLimiter
from limits.storage import storage_from_string
from pydantic import BaseModel
from valkey.exceptions import ValkeyError

logger = logging.getLogger(__name__)
LIMIT = parse("5/minute")


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    url = os.environ["VALKEY_URL"].replace("redis://", "valkey://", 1)
    app.state.limiter = FixedWindowRateLimiter(storage_from_string(f"async+{url}"))
    yield


app = FastAPI(title="door", lifespan=lifespan)


async def limit_attempts(request: Request) -> None:
    """Count the attempt; beyond the limit, answer 429."""
    limiter: FixedWindowRateLimiter = request.app.state.limiter
    client = request.client.host if request.client else ""
    try:
        if await limiter.hit(LIMIT, "login", client):
            return
        window = await limiter.get_window_stats(LIMIT, "login", client)
    except (ValkeyError, OSError):
        logger.warning("no limit on log-ins: Valkey is away")
        return
    wait = max(1, min(60, math.ceil(window.reset_time - time.time())))
    raise HTTPException(429, "Too many attempts.", headers={"Retry-After": str(wait)})


PASSWORDS = {"ada": "correct horse"}


class Credentials(BaseModel):
    username: str
    password: str


@app.get("/health")
async def health() -> dict[str, str]:
    return {"status": "ok"}


@app.post("/login", dependencies=[Depends(limit_attempts)])
async def login(sent: Credentials) -> dict[str, str]:
    expected = PASSWORDS.get(sent.username, "")
    if not hmac.compare_digest(expected.encode(), sent.password.encode()) or not expected:
        raise HTTPException(401, "Wrong user name or password.")
    return {"user": sent.username}
