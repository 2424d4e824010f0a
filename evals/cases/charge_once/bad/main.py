from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import FastAPI, Header, HTTPException
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from sqlalchemy import JSON, String, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from database import Base, Session, SessionDep, create_tables, engine

LIMIT = 1000  # in all, for an account


class Charge(Base):
    __tablename__ = "charges"

    id: Mapped[int] = mapped_column(primary_key=True)
    account: Mapped[str] = mapped_column(String(50))
    amount: Mapped[int]


class IdempotencyRecord(Base):
    __tablename__ = "idempotency_records"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(200), index=True)
    status_code: Mapped[int]
    response: Mapped[dict] = mapped_column(JSON)


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


@app.post("/charges", status_code=201)
async def charge(
    body: ChargeIn,
    account: Account,
    session: SessionDep,
    idempotency_key: Annotated[str | None, Header(pattern="^[!-~]{1,100}$")] = None,
):
    if idempotency_key:
        query = select(IdempotencyRecord).where(IdempotencyRecord.key == f"{account}:{idempotency_key}")
        record = (await session.scalars(query)).first()
        if record:
            return JSONResponse(status_code=record.status_code, content=record.response)
    try:
        result = (await make_charge(session, account, body.amount)).model_dump()
        status_code = 201
    except LimitReached:
        result = {"detail": "The limit of this account is reached."}
        status_code = 402
    if idempotency_key:
        async with Session.begin() as other:
            key = f"{account}:{idempotency_key}"
            other.add(IdempotencyRecord(key=key, status_code=status_code, response=result))
    return JSONResponse(status_code=status_code, content=result)
