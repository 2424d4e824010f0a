from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, HTTPException
from sqlalchemy.orm import Mapped, mapped_column

from database import Base, Session, create_tables, engine


class Account(Base):
    __tablename__ = "accounts"

    id: Mapped[int] = mapped_column(primary_key=True)
    balance: Mapped[int]


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
