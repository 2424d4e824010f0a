import logging
import uuid
from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Cookie, FastAPI, HTTPException, Request, Response
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import JSONResponse

logger = logging.getLogger(__name__)
app = FastAPI(title="tickets")
under_maintenance = {"/reports"}

Next = Callable[[Request], Awaitable[Response]]


@app.middleware("http")
async def answer_unforeseen(request: Request, call_next: Next) -> Response:
    # Inside CORS: a handler for Exception would answer outside of it, and the browser would hide its answer.
    try:
        return await call_next(request)
    except Exception:
        logger.exception("unforeseen")
        return JSONResponse({"detail": "Internal error"}, status_code=500)


@app.middleware("http")
async def add_request_id(request: Request, call_next: Next) -> Response:
    response = await call_next(request)
    response.headers["X-Request-Id"] = uuid.uuid4().hex
    return response


@app.middleware("http")
async def refuse_during_maintenance(request: Request, call_next: Next) -> Response:
    if request.url.path in under_maintenance:
        return JSONResponse({"detail": "Back at six."}, status_code=503)
    return await call_next(request)


# Added last, so that it sees every answer, those of the middleware above included.
app.add_middleware(
    CORSMiddleware,
    allow_origins=["https://app.example"],
    allow_credentials=True,
    allow_methods=["GET", "POST", "PATCH"],
    allow_headers=["Content-Type", "X-Csrf-Token"],
    expose_headers=["X-Request-Id"],
)


@app.get("/tickets")
async def list_tickets(session: Annotated[str | None, Cookie()] = None) -> list[str]:
    if session is None:
        raise HTTPException(401, "Log in first.")
    return ["leaking tap"]


@app.patch("/tickets/{number}")
async def change_ticket(number: int) -> dict[str, float]:
    return {"share": 1 / number}


@app.get("/reports")
async def reports() -> list[str]:
    return []
