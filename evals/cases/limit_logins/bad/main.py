import hmac
import time
from collections import defaultdict

from fastapi import Depends, FastAPI, HTTPException, Request
from pydantic import BaseModel

app = FastAPI(title="door")
attempts: dict[str, list[float]] = defaultdict(list)


def client_ip(request: Request) -> str:
    forwarded = request.headers.get("X-Forwarded-For")
    if forwarded:
        return forwarded.split(",")[0].strip()
    return request.client.host if request.client else "unknown"


async def rate_limit(request: Request) -> None:
    ip = client_ip(request)
    now = time.time()
    attempts[ip] = [t for t in attempts[ip] if now - t < 60]
    if len(attempts[ip]) >= 5:
        retry_after = int(60 - (now - attempts[ip][0])) + 1
        raise HTTPException(status_code=429, detail="Too many requests", headers={"Retry-After": str(min(retry_after, 60))})
    attempts[ip].append(now)


PASSWORDS = {"ada": "correct horse"}


class Credentials(BaseModel):
    username: str
    password: str


@app.get("/health")
async def health() -> dict[str, str]:
    return {"status": "ok"}


@app.post("/login", dependencies=[Depends(rate_limit)])
async def login(sent: Credentials) -> dict[str, str]:
    expected = PASSWORDS.get(sent.username, "")
    if not hmac.compare_digest(expected.encode(), sent.password.encode()) or not expected:
        raise HTTPException(401, "Wrong user name or password.")
    return {"user": sent.username}
