from enum import StrEnum

from fastapi import FastAPI, HTTPException, Response
from pydantic import BaseModel, ConfigDict, Field, model_validator

tags_metadata = [{"name": "orders", "description": "Operations with orders."}]

app = FastAPI(title="shop", openapi_tags=tags_metadata)


class State(StrEnum):
    OPEN = "open"
    PAID = "paid"
    CANCELLED = "cancelled"


class Line(BaseModel):
    sku: str = Field(pattern=r"^[A-Z]{3}-\d{4}$")
    quantity: int = Field(ge=1, le=99)
    price_cents: int = Field(ge=0)


class NewOrder(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "customer": 42,
                "lines": [{"sku": "ABC-1234", "quantity": 2, "price_cents": 500}],
                "discount_cents": 1000,
            }
        }
    )

    customer: int = Field(ge=1)
    lines: list[Line] = Field(min_length=1)
    discount_cents: int = 0

    @model_validator(mode="after")
    def discount_is_less_than_the_order(self) -> "NewOrder":
        if self.discount_cents >= sum(line.quantity * line.price_cents for line in self.lines):
            raise ValueError("the discount is more than the order")
        return self


class Order(NewOrder):
    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 1,
                "customer": 42,
                "lines": [{"sku": "ABC-1234", "quantity": 2, "price_cents": 500}],
                "discount_cents": 1000,
                "state": "open",
            }
        }
    )

    id: int
    state: State


orders: dict[int, Order] = {}


@app.get("/orders", tags=["orders"], summary="List all orders")
async def list_orders(state: State | None = None) -> list[Order]:
    """Retrieve all orders, optionally filtered by state."""
    return [order for order in orders.values() if state in (None, order.state)]


@app.post("/orders", status_code=201, tags=["orders"], summary="Create a new order")
async def create_order(new: NewOrder) -> Order:
    """Create a new order with one or more lines."""
    order = Order(id=len(orders) + 1, state=State.OPEN, **new.model_dump())
    orders[order.id] = order
    return order


@app.get("/orders/{order_id}", tags=["orders"], summary="Get order by ID")
async def get_order(order_id: int) -> Order:
    """Retrieve a single order by its ID."""
    if order_id not in orders:
        raise HTTPException(404, "No such order.")
    return orders[order_id]


@app.post("/orders/{order_id}/cancel", tags=["orders"], summary="Cancel an order")
async def cancel_order(order_id: int) -> Order:
    """Cancel an order unless it has been paid."""
    order = await get_order(order_id)
    if order.state is State.PAID:
        raise HTTPException(409, "A paid order can't be cancelled.")
    order.state = State.CANCELLED
    return order


@app.delete("/orders/{order_id}", status_code=204, tags=["orders"], summary="Delete an order")
async def delete_order(order_id: int) -> Response:
    """Permanently delete an order."""
    await get_order(order_id)
    del orders[order_id]
    return Response(status_code=204)
