from enum import StrEnum
from typing import Any

from fastapi import FastAPI, HTTPException, Response
from pydantic import BaseModel, ConfigDict, Field, model_validator

app = FastAPI(
    title="shop",
    openapi_tags=[{"name": "orders", "description": "Orders from the first line to their cancellation."}],
)

NEW_ORDER = {"customer": 1, "lines": [{"sku": "TEA-0001", "quantity": 2, "price_cents": 450}], "discount_cents": 100}


class Refusal(BaseModel):
    """Why a request was refused."""

    detail: str = Field(examples=["No such order."])


MISSING: dict[int | str, dict[str, Any]] = {404: {"model": Refusal, "description": "There is no such order."}}
PAID: dict[int | str, dict[str, Any]] = {409: {"model": Refusal, "description": "The order is paid."}}


class State(StrEnum):
    OPEN = "open"
    PAID = "paid"
    CANCELLED = "cancelled"


class Line(BaseModel):
    sku: str = Field(pattern=r"^[A-Z]{3}-\d{4}$")
    quantity: int = Field(ge=1, le=99)
    price_cents: int = Field(ge=0)


class NewOrder(BaseModel):
    model_config = ConfigDict(json_schema_extra={"examples": [NEW_ORDER]})

    customer: int = Field(ge=1)
    lines: list[Line] = Field(min_length=1)
    discount_cents: int = 0

    @model_validator(mode="after")
    def discount_is_less_than_the_order(self) -> "NewOrder":
        if self.discount_cents >= sum(line.quantity * line.price_cents for line in self.lines):
            raise ValueError("the discount is more than the order")
        return self


class Order(NewOrder):
    model_config = ConfigDict(json_schema_extra={"examples": [NEW_ORDER | {"id": 1, "state": "open"}]})

    id: int
    state: State


orders: dict[int, Order] = {}


@app.get("/orders", tags=["orders"], summary="List orders")
async def list_orders(state: State | None = None) -> list[Order]:
    """List all orders, or those in one state."""
    return [order for order in orders.values() if state in (None, order.state)]


@app.post("/orders", status_code=201, tags=["orders"], summary="Place an order")
async def create_order(new: NewOrder) -> Order:
    """Place an order. The discount must be less than the sum of its lines."""
    order = Order(id=len(orders) + 1, state=State.OPEN, **new.model_dump())
    orders[order.id] = order
    return order


@app.get("/orders/{order_id}", tags=["orders"], summary="Read an order", responses=MISSING)
async def get_order(order_id: int) -> Order:
    """Read one order with its lines."""
    if order_id not in orders:
        raise HTTPException(404, "No such order.")
    return orders[order_id]


@app.post("/orders/{order_id}/cancel", tags=["orders"], summary="Cancel an order", responses=MISSING | PAID)
async def cancel_order(order_id: int) -> Order:
    """Cancel an order that is not paid yet."""
    order = await get_order(order_id)
    if order.state is State.PAID:
        raise HTTPException(409, "A paid order can't be cancelled.")
    order.state = State.CANCELLED
    return order


@app.delete("/orders/{order_id}", status_code=204, tags=["orders"], summary="Delete an order", responses=MISSING)
async def delete_order(order_id: int) -> Response:
    """Delete an order for good."""
    await get_order(order_id)
    del orders[order_id]
    return Response(status_code=204)
