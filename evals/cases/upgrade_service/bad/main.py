from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from fastapi.routing import APIRoute

import books


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    books.load_shelves()
    yield


app = FastAPI(title="shelves", lifespan=lifespan)
app.include_router(books.router)


@app.get("/health")
async def health() -> dict[str, str]:
    return {"status": "ok"}


for route in app.routes:
    if isinstance(route, APIRoute):
        route.operation_id = route.name
