import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, FastAPI, HTTPException, Request
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

router = APIRouter()


@dataclass(frozen=True)
class Resources:
    """What one application opened at its start."""

    engine: AsyncEngine
    loaded: dict[str, float]


def get_resources(request: Request) -> Resources:
    resources: Resources = request.app.state.resources
    return resources


ResourcesDep = Annotated[Resources, Depends(get_resources)]


async def get_connection(resources: ResourcesDep) -> AsyncIterator[AsyncConnection]:
    async with resources.engine.connect() as connection:
        yield connection


@router.get("/rates/{currency}")
async def get_rate(currency: str, resources: ResourcesDep) -> float:
    if currency not in resources.loaded:
        raise HTTPException(404, "There is no such currency.")
    return resources.loaded[currency]


@router.get("/rates/{currency}/now")
async def get_rate_now(
    currency: str, connection: Annotated[AsyncConnection, Depends(get_connection, scope="function")]
) -> float:
    query = text("SELECT per_euro FROM rates WHERE currency = :currency")
    rate = await connection.scalar(query, {"currency": currency})
    if rate is None:
        raise HTTPException(404, "There is no such currency.")
    return float(rate)


def create_app(database_url: str | None = None) -> FastAPI:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        engine = create_async_engine(database_url or os.environ["DATABASE_URL"])
        try:
            async with engine.connect() as connection:
                rows = await connection.execute(text("SELECT currency, per_euro FROM rates"))
                app.state.resources = Resources(engine, {currency: float(rate) for currency, rate in rows})
            print("rates loaded", flush=True)
            yield
            print("goodbye", flush=True)
        finally:
            await engine.dispose()

    app = FastAPI(title="rates", lifespan=lifespan)
    app.include_router(router)
    return app
