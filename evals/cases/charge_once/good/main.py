import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import FastAPI, Header, HTTPException
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from sqlalchemy import String, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from database import Base, SessionDep, create_tables, engine

LIMIT = 1000  # in all, for an account


class Charge(Base):
    __tablename__ = "charges"

    id: Mapped[int] = mapped_column(primary_key=True)
    account: Mapped[str] = mapped_column(String(50))
    amount: Mapped[int]


class SentBefore(Base):
    """What was answered under a key: written in the charge's own transaction, so there is both or neither."""

    __tablename__ = "sent_before"

    account: Mapped[str] = mapped_column(String(50), primary_key=True)
    key: Mapped[str] = mapped_column(String(100), primary_key=True)
    amount: Mapped[int]
    status: Mapped[int] = mapped_column(default=0)
    answer: Mapped[str] = mapped_column(default="")


class ChargeIn(BaseModel):
    amount: int = Field(ge=1, le=100_000)


class ChargeOut(BaseModel):
    id: int
    amount: int


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    await create_tables()
    yield
    await engine.dispose()


app = FastAPI(title="charges", lifespan=lifespan)
Account = Annotated[str, Header(alias="X-Account", pattern="^[a-z0-9]{1,50}$")]


IdempotencyKey = Annotated[str | None, Header(pattern="^[!-~]{1,100}$")]


class LimitReached(Exception):
    pass


async def make_charge(session: AsyncSession, account: str, amount: int) -> ChargeOut:
    spent = await session.scalar(select(func.coalesce(func.sum(Charge.amount), 0)).where(Charge.account == account))
    if (spent or 0) + amount > LIMIT:
        raise LimitReached
    charge = Charge(account=account, amount=amount)
    session.add(charge)
    await session.flush()
    return ChargeOut(id=charge.id, amount=charge.amount)


@app.post("/charges", status_code=201, response_model=ChargeOut)
async def charge(
    body: ChargeIn, account: Account, session: SessionDep, idempotency_key: IdempotencyKey = None
) -> ChargeOut | JSONResponse:
    if idempotency_key is None:
        try:
            return await make_charge(session, account, body.amount)
        except LimitReached:
            raise HTTPException(402, "The limit of this account is reached.") from None
    return await charge_once(session, account, body.amount, idempotency_key)


async def charge_once(session: AsyncSession, account: str, amount: int, key: str) -> JSONResponse:
    """Charge under a key. Who inserts it first charges; the others wait for that transaction and read its answer."""
    claim = insert(SentBefore).values(account=account, key=key, amount=amount, status=0, answer="")
    await session.execute(claim.on_conflict_do_nothing())
    sent = await session.get_one(SentBefore, (account, key))
    if sent.amount != amount:
        raise HTTPException(422, "This Idempotency-Key was used for another charge.")
    if not sent.status:
        try:
            sent.answer = (await make_charge(session, account, amount)).model_dump_json()
            sent.status = 201
        except LimitReached:
            sent.answer = json.dumps({"detail": "The limit of this account is reached."})
            sent.status = 402
    return JSONResponse(json.loads(sent.answer), sent.status)
