from enum import StrEnum

from fastapi import FastAPI, HTTPException, Response
from pydantic import BaseModel, Field, model_validator

app = FastAPI(title="shop")


class State(StrEnum):
    OPEN = "open"
    PAID = "paid"
    CANCELLED = "cancelled"


class Line(BaseModel):
    sku: str = Field(pattern=r"^[A-Z]{3}-\d{4}$")
    quantity: int = Field(ge=1, le=99)
    price_cents: int = Field(ge=0)


class NewOrder(BaseModel):
    customer: int = Field(ge=1)
    lines: list[Line] = Field(min_length=1)
    discount_cents: int = 0

    @model_validator(mode="after")
    def discount_is_less_than_the_order(self) -> "NewOrder":
        if self.discount_cents >= sum(line.quantity * line.price_cents for line in self.lines):
            raise ValueError("the discount is more than the order")
        return self


class Order(NewOrder):
    id: int
    state: State


orders: dict[int, Order] = {}


@app.get("/orders")
async def list_orders(state: State | None = None) -> list[Order]:
    return [order for order in orders.values() if state in (None, order.state)]


@app.post("/orders", status_code=201)
async def create_order(new: NewOrder) -> Order:
    order = Order(id=len(orders) + 1, state=State.OPEN, **new.model_dump())
    orders[order.id] = order
    return order


@app.get("/orders/{order_id}")
async def get_order(order_id: int) -> Order:
    if order_id not in orders:
        raise HTTPException(404, "No such order.")
    return orders[order_id]


@app.post("/orders/{order_id}/cancel")
async def cancel_order(order_id: int) -> Order:
    order = await get_order(order_id)
    if order.state is State.PAID:
        raise HTTPException(409, "A paid order can't be cancelled.")
    order.state = State.CANCELLED
    return order


@app.delete("/orders/{order_id}", status_code=204)
async def delete_order(order_id: int) -> Response:
    await get_order(order_id)
    del orders[order_id]
    return Response(status_code=204)
