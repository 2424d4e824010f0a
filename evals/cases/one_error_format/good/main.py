from typing import Annotated

from fastapi import Depends, FastAPI, Header, HTTPException
from pydantic import BaseModel, Field

from problems import ProblemResponse, add_problem_handlers, problem

app = FastAPI(title="payments")
add_problem_handlers(app)


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
async def not_enough(request: object, error: NotEnoughMoney) -> ProblemResponse:
    return problem(409, "There is not enough money.", missing=error.missing)


@app.get("/payments/{number}")
async def get_payment(number: int) -> dict[str, int]:
    raise HTTPException(404, f"payment {number} not found")
