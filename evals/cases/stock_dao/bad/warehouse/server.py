import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse

from warehouse.controllers import reservation_controller, stock_controller
from warehouse.daos.stock_dao import StockDao
from warehouse.failure import Failure


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    async with asyncpg.create_pool(os.environ["DATABASE_URL"]) as pool:
        app.state.stock_dao = StockDao(pool)
        await app.state.stock_dao.create_schema()
        yield


app = FastAPI(title="warehouse", lifespan=lifespan)
app.include_router(stock_controller.router)
app.include_router(reservation_controller.router)


@app.exception_handler(Failure)
async def show_failure(request: Request, failure: Failure) -> JSONResponse:
    return JSONResponse({"failure": failure.code}, status_code=failure.status)


@app.exception_handler(RequestValidationError)
async def show_bad_request(request: Request, error: RequestValidationError) -> JSONResponse:
    return JSONResponse({"failure": "bad_request"}, status_code=400)
