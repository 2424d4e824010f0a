from fastapi import FastAPI, HTTPException

from orders import ORDERS, Order

app = FastAPI(title="orders")


@app.get("/health")
async def health() -> dict[str, str]:
    return {"status": "ok"}


@app.get("/orders")
async def list_orders() -> list[Order]:
    return list(ORDERS.values())


@app.get("/orders/{order_id}")
async def get_order(order_id: int) -> Order:
    if order_id not in ORDERS:
        raise HTTPException(404, "There is no such order.")
    return ORDERS[order_id]


@app.post("/orders/{order_id}/cancel")
async def cancel_order(order_id: int) -> Order:
    if order_id not in ORDERS:
        raise HTTPException(404, "There is no such order.")
    ORDERS[order_id].cancelled = True
    return ORDERS[order_id]
