from fastapi import FastAPI, HTTPException

from auth import UserId
from orders import ORDERS, Order

app = FastAPI(title="orders")


def own_order(order_id: int, user_id: int) -> Order:
    order = ORDERS.get(order_id)
    if order is None or order.user_id != user_id:
        raise HTTPException(404, "There is no such order.")
    return order


@app.get("/health")
async def health() -> dict[str, str]:
    return {"status": "ok"}


@app.get("/orders")
async def list_orders(user_id: UserId) -> list[Order]:
    return [order for order in ORDERS.values() if order.user_id == user_id]


@app.get("/orders/{order_id}")
async def get_order(order_id: int, user_id: UserId) -> Order:
    return own_order(order_id, user_id)


@app.post("/orders/{order_id}/cancel")
async def cancel_order(order_id: int, user_id: UserId) -> Order:
    order = own_order(order_id, user_id)
    order.cancelled = True
    return order
