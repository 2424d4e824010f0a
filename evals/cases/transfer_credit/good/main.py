from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, HTTPException

from accounts import Account
from database import Session, create_tables, engine
from transfers import router


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    await create_tables()
    yield
    await engine.dispose()


app = FastAPI(title="credit", lifespan=lifespan)
app.include_router(router)


@app.get("/accounts/{number}")
async def get_balance(number: int) -> dict[str, int]:
    async with Session() as session:
        account = await session.get(Account, number)
        if account is None:
            raise HTTPException(404, "There is no such account.")
        return {"id": account.id, "balance": account.balance}
