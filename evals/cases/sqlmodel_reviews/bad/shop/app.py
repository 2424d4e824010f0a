from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

import shop.tables  # noqa: F401 - create_tables sees them all
from shop.db import create_tables, engine
from shop.views import products, reviews


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    await create_tables()
    yield
    await engine.dispose()


app = FastAPI(title="shop", lifespan=lifespan)
app.include_router(products.router)
app.include_router(reviews.router)
