from typing import Annotated

from fastapi import APIRouter, HTTPException, Path, Request
from sqlmodel import col, select

from shop.db import SessionDep
from shop.tables.product import Product
from shop.tables.review import Review, ReviewSent, ReviewShown

router = APIRouter(prefix="/products/{product_id}/reviews")
ProductId = Annotated[int, Path(ge=1, le=2**31 - 1)]


async def known_product(product_id: int, session: SessionDep) -> None:
    if await session.get(Product, product_id) is None:
        raise HTTPException(404, "No such product.")


@router.post("", status_code=201)
async def add_review(product_id: ProductId, sent: ReviewSent, request: Request, session: SessionDep) -> ReviewShown:
    await known_product(product_id, session)
    client_host = request.client.host if request.client else ""
    review = Review(**sent.model_dump(), product_id=product_id, client_host=client_host)
    session.add(review)
    await session.commit()
    return ReviewShown.model_validate(review, from_attributes=True)


@router.get("")
async def list_reviews(product_id: ProductId, session: SessionDep) -> list[ReviewShown]:
    await known_product(product_id, session)
    query = select(Review).where(Review.product_id == product_id).order_by(col(Review.id).desc())
    return [ReviewShown.model_validate(review, from_attributes=True) for review in await session.exec(query)]
