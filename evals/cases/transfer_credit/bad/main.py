from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, HTTPException
from pydantic import BaseModel, Field, model_validator
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from database import Base, Session, create_tables, engine


class Account(Base):
    __tablename__ = "accounts"

    id: Mapped[int] = mapped_column(primary_key=True)
    balance: Mapped[int]


class Transfer(Base):
    __tablename__ = "transfers"

    id: Mapped[int] = mapped_column(primary_key=True)
    from_account: Mapped[int]
    to_account: Mapped[int]
    amount: Mapped[int]


class TransferRequest(BaseModel):
    from_account: int
    to_account: int
    amount: int = Field(ge=1, le=1_000_000)

    @model_validator(mode="after")
    def validate_accounts(self) -> "TransferRequest":
        if self.from_account == self.to_account:
            raise ValueError("Accounts must differ")
        return self


class TransferService:
    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def transfer(self, data: TransferRequest) -> dict[str, int]:
        query = select(Account).where(Account.id.in_([data.from_account, data.to_account]))
        accounts = {a.id: a for a in (await self.session.execute(query)).scalars()}
        if len(accounts) != 2:
            raise HTTPException(status_code=404, detail="Account not found")
        source, target = accounts[data.from_account], accounts[data.to_account]
        if source.balance < data.amount:
            raise HTTPException(status_code=409, detail="Insufficient funds")
        source.balance -= data.amount
        target.balance += data.amount
        self.session.add(Transfer(**data.model_dump()))
        await self.session.commit()
        return {"from_balance": source.balance, "to_balance": target.balance}


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    await create_tables()
    yield
    await engine.dispose()


app = FastAPI(title="credit", lifespan=lifespan)


@app.get("/accounts/{number}")
async def get_balance(number: int) -> dict[str, int]:
    async with Session() as session:
        account = await session.get(Account, number)
        if account is None:
            raise HTTPException(404, "There is no such account.")
        return {"id": account.id, "balance": account.balance}


@app.post("/transfers", status_code=201)
async def create_transfer(data: TransferRequest) -> dict[str, int]:
    async with Session() as session:
        return await TransferService(session).transfer(data)
