from fastapi import APIRouter, FastAPI, HTTPException

RATES = {"USD": 1.08, "CHF": 0.95}
router = APIRouter()
loaded: dict[str, float] = {}


@router.get("/rates/{currency}")
async def get_rate(currency: str) -> float:
    if currency not in loaded:
        raise HTTPException(404, "There is no such currency.")
    return loaded[currency]


def create_app() -> FastAPI:
    app = FastAPI(title="rates")
    app.include_router(router)

    @app.on_event("startup")
    async def load_rates() -> None:
        loaded.update(RATES)
        print("rates loaded", flush=True)

    @app.on_event("shutdown")
    async def say_goodbye() -> None:
        print("goodbye", flush=True)

    return app
