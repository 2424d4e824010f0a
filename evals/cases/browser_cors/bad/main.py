import uuid
from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Cookie, FastAPI, HTTPException, Request, Response
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import JSONResponse

app = FastAPI(title="tickets")
app.add_middleware(
    CORSMiddleware,
    allow_origins=["*"],
    allow_credentials=True,
    allow_methods=["*"],
    allow_headers=["*"],
    expose_headers=["X-Request-Id"],
)


@app.exception_handler(Exception)
async def unhandled_exception_handler(request: Request, exc: Exception) -> JSONResponse:
    return JSONResponse(status_code=500, content={"detail": "Internal error"})


under_maintenance = {"/reports"}

Next = Callable[[Request], Awaitable[Response]]


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
