from typing import Annotated

from fastapi import Depends, FastAPI, Header, HTTPException
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

app = FastAPI(title="payments")


class NotEnoughMoney(Exception):
    def __init__(self, missing: int) -> None:
        self.missing = missing


class Payment(BaseModel):
    card: str = Field(min_length=16, max_length=16)
    amount: float = Field(gt=0)


def balance_of(account: str) -> int:
    return {"ada": 100, "eve": 5}[account]


def get_account(authorization: Annotated[str | None, Header()] = None) -> str:
    if authorization is None or not authorization.startswith("Bearer "):
        raise HTTPException(401, {"error": "log in first"}, headers={"WWW-Authenticate": "Bearer"})
    return authorization.removeprefix("Bearer ")


@app.post("/payments", status_code=201)
async def pay(payment: Payment, account: Annotated[str, Depends(get_account)]) -> dict[str, float]:
    balance = balance_of(account)
    if payment.amount > balance:
        raise NotEnoughMoney(int(payment.amount - balance))
    return {"left": balance - payment.amount}


@app.exception_handler(NotEnoughMoney)
async def not_enough(request: object, error: NotEnoughMoney) -> JSONResponse:
    return JSONResponse({"message": "not enough money", "missing": error.missing}, status_code=409)


@app.get("/payments/{number}")
async def get_payment(number: int) -> dict[str, int]:
    raise HTTPException(404, f"payment {number} not found")
