from typing import Annotated

from fastapi import Depends, FastAPI, Header, HTTPException, Request
from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import RequestValidationError
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


def problem(status: int, title: str, detail: str, **extra: object) -> JSONResponse:
    return JSONResponse(
        status_code=status,
        content={"type": "about:blank", "title": title, "status": status, "detail": detail, **extra},
        media_type="application/problem+json",
    )


@app.exception_handler(NotEnoughMoney)
async def not_enough(request: Request, exc: NotEnoughMoney) -> JSONResponse:
    return problem(409, "Conflict", "not enough money", missing=exc.missing)


@app.exception_handler(HTTPException)
async def http_exception(request: Request, exc: HTTPException) -> JSONResponse:
    return problem(exc.status_code, "HTTP error", str(exc.detail))


@app.exception_handler(RequestValidationError)
async def validation_exception(request: Request, exc: RequestValidationError) -> JSONResponse:
    errors = [{"location": e["loc"], "message": e["msg"], "input": e.get("input")} for e in exc.errors()]
    return problem(422, "Validation error", "The request is invalid", errors=jsonable_encoder(errors))


@app.exception_handler(Exception)
async def unhandled(request: Request, exc: Exception) -> JSONResponse:
    return problem(500, "Internal Server Error", "An unexpected error occurred")


@app.get("/payments/{number}")
async def get_payment(number: int) -> dict[str, int]:
    raise HTTPException(404, f"payment {number} not found")
