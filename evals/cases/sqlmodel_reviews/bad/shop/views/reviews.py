from fastapi import APIRouter, HTTPException, Request
from sqlmodel import select

from shop.db import SessionDep
from shop.tables.product import Product
from shop.tables.review import Review

router = APIRouter(prefix="/products/{product_id}/reviews", tags=["reviews"])


async def get_product_or_404(product_id: int, session: SessionDep) -> Product:
    product = await session.get(Product, product_id) if product_id < 2**31 else None
    if not product:
        raise HTTPException(status_code=404, detail="Product not found")
    return product


@router.post("", status_code=201, response_model=Review)
async def create_review(product_id: int, review: Review, request: Request, session: SessionDep):
    await get_product_or_404(product_id, session)
    review.product_id = product_id
    review.client_host = request.client.host
    session.add(review)
    await session.commit()
    await session.refresh(review)
    return review


@router.get("", response_model=list[Review])
async def list_reviews(product_id: int, session: SessionDep):
    await get_product_or_404(product_id, session)
    result = await session.exec(
        select(Review).where(Review.product_id == product_id).order_by(Review.created_at.desc())
    )
    return result.all()
