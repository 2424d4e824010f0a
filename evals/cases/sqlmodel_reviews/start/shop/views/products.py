from fastapi import APIRouter, HTTPException
from sqlmodel import select

from shop.db import SessionDep
from shop.tables.product import Product, ProductShown

router = APIRouter(prefix="/products")


@router.get("")
async def list_products(session: SessionDep) -> list[ProductShown]:
    found = await session.exec(select(Product).order_by(Product.name))
    return [ProductShown.model_validate(product, from_attributes=True) for product in found]


@router.get("/{product_id}")
async def get_product(product_id: int, session: SessionDep) -> ProductShown:
    product = await session.get(Product, product_id)
    if product is None:
        raise HTTPException(404, "No such product.")
    return ProductShown.model_validate(product, from_attributes=True)
