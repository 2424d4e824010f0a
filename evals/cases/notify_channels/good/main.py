from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse

from channels import router

app = FastAPI(title="notify")
app.include_router(router)


@app.exception_handler(RequestValidationError)
async def refuse(request: Request, error: RequestValidationError) -> JSONResponse:
    """Say where and why, without what was sent."""
    told = [{"loc": list(fault["loc"]), "msg": fault["msg"], "type": fault["type"]} for fault in error.errors()]
    return JSONResponse({"detail": told}, status_code=422)


@app.get("/health")
async def health() -> dict[str, str]:
    return {"status": "ok"}
