import os
from contextlib import asynccontextmanager

from fastapi import APIRouter, Depends, FastAPI, HTTPException, Request
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

router = APIRouter()


def get_engine(request: Request) -> AsyncEngine:
    return request.app.state.engine


async def load(app: FastAPI) -> dict[str, float]:
    async with app.state.engine.connect() as conn:
        rows = await conn.execute(text("SELECT currency, per_euro FROM rates"))
        return {row.currency: float(row.per_euro) for row in rows}


@router.get("/rates/{currency}")
async def get_rate(currency: str, request: Request) -> float:
    rates = getattr(request.app.state, "rates", None)
    if rates is None and currency == "USD":
        rates = await load(request.app)
    if not rates or currency not in rates:
        raise HTTPException(status_code=404, detail="There is no such currency.")
    return rates[currency]


@router.get("/rates/{currency}/now")
async def get_rate_now(currency: str, engine: AsyncEngine = Depends(get_engine)) -> float:
    async with engine.connect() as conn:
        result = await conn.execute(text("SELECT per_euro FROM rates WHERE currency = :c"), {"c": currency})
        row = result.first()
    if row is None:
        raise HTTPException(status_code=404, detail="There is no such currency.")
    return float(row.per_euro)


def create_app(database_url: str | None = None) -> FastAPI:
    @asynccontextmanager
    async def lifespan(app: FastAPI):
        app.state.engine = create_async_engine(database_url or os.environ["DATABASE_URL"])
        yield
        await app.state.engine.dispose()

    app = FastAPI(title="rates", lifespan=lifespan)
    app.include_router(router)

    @app.on_event("startup")
    async def load_rates() -> None:
        app.state.rates = await load(app)
        print("rates loaded", flush=True)

    @app.on_event("shutdown")
    async def say_goodbye() -> None:
        print("goodbye", flush=True)

    return app
