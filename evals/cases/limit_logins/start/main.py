import hmac

from fastapi import FastAPI, HTTPException
from pydantic import BaseModel

app = FastAPI(title="door")
PASSWORDS = {"ada": "correct horse"}


class Credentials(BaseModel):
    username: str
    password: str


@app.get("/health")
async def health() -> dict[str, str]:
    return {"status": "ok"}


@app.post("/login")
async def login(sent: Credentials) -> dict[str, str]:
    expected = PASSWORDS.get(sent.username, "")
    if not hmac.compare_digest(expected.encode(), sent.password.encode()) or not expected:
        raise HTTPException(401, "Wrong user name or password.")
    return {"user": sent.username}
