from fastapi import FastAPI
from fastapi.responses import ORJSONResponse
from fastapi.routing import APIRoute

import books

app = FastAPI(title="shelves", default_response_class=ORJSONResponse)
app.include_router(books.router)


@app.on_event("startup")
async def startup():
    books.load_shelves()


@app.get("/health")
async def health():
    return {"status": "ok"}


for route in app.routes:
    if isinstance(route, APIRoute):
        route.operation_id = route.name
