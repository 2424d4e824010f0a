from fastapi import APIRouter, Request

from warehouse.daos.stock_dao import StockDao
from warehouse.failure import Failure

router = APIRouter()


@router.get("/stock/{sku}")
async def show_stock(sku: str, request: Request) -> dict[str, int]:
    dao: StockDao = request.app.state.stock_dao
    if "\x00" in sku:
        raise Failure("bad_request", 400)
    quantity = await dao.quantity(sku)
    if quantity is None:
        raise Failure("unknown_sku", 404)
    return {"quantity": quantity}
