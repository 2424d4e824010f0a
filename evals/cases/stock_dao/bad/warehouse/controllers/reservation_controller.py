from typing import Annotated, Self

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field, model_validator

from warehouse.daos.stock_dao import StockDao
from warehouse.failure import Failure

router = APIRouter()


class Line(BaseModel):
    sku: Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00]+$")]
    quantity: Annotated[int, Field(ge=1, le=1000)]


class Reservation(BaseModel):
    lines: Annotated[list[Line], Field(min_length=1, max_length=20)]

    @model_validator(mode="after")
    def each_sku_once(self) -> Self:
        if len({line.sku for line in self.lines}) < len(self.lines):
            raise ValueError("a SKU appears twice")
        return self


@router.post("/reservations", status_code=201)
async def create_reservation(reservation: Reservation, request: Request) -> dict[str, object]:
    dao: StockDao = request.app.state.stock_dao
    for line in reservation.lines:
        available = await dao.quantity(line.sku)
        if available is None:
            raise Failure("unknown_sku", 404)
        if available < line.quantity:
            raise Failure("out_of_stock", 409)
        await dao.set_quantity(line.sku, available - line.quantity)
    number = await dao.record([line.model_dump() for line in reservation.lines])
    return {"reservation": number, "lines": reservation.lines}
