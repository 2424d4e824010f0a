from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

import books


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    books.load_shelves()
    yield


app = FastAPI(title="shelves", lifespan=lifespan, generate_unique_id_function=lambda route: route.name)
app.include_router(books.router)


@app.get("/health")
async def health() -> dict[str, str]:
    return {"status": "ok"}
