from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import FastAPI, Header, HTTPException
from pydantic import BaseModel, Field
from sqlalchemy import String, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from database import Base, SessionDep, create_tables, engine

LIMIT = 1000  # in all, for an account


class Charge(Base):
    __tablename__ = "charges"

    id: Mapped[int] = mapped_column(primary_key=True)
    account: Mapped[str] = mapped_column(String(50))
    amount: Mapped[int]


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
async def charge(body: ChargeIn, account: Account, session: SessionDep) -> ChargeOut:
    try:
        return await make_charge(session, account, body.amount)
    except LimitReached:
        raise HTTPException(402, "The limit of this account is reached.") from None
