import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Literal

from fastapi import FastAPI, Query
from pydantic import BaseModel, ConfigDict
from sqlalchemy import select
from sqlalchemy.orm import Mapped, mapped_column

from database import Base, Session, create_tables, engine


class Product(Base):
    __tablename__ = "products"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    price: Mapped[int]  # in cents


class ProductRead(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int
    name: str
    price: int


class ProductPage(BaseModel):
    items: list[ProductRead]
    next_cursor: str | None = None


def encode_cursor(offset: int) -> str:
    return base64.urlsafe_b64encode(str(offset).encode()).decode()


def decode_cursor(cursor: str) -> int:
    return int(base64.urlsafe_b64decode(cursor.encode()).decode())


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    await create_tables()
    yield
    await engine.dispose()


app = FastAPI(title="catalogue", lifespan=lifespan)


@app.get("/products", response_model=ProductPage)
async def list_products(
    limit: int = Query(20, le=100),
    cursor: str | None = None,
    sort: Literal["id", "price", "-price"] = "id",
    min_price: int | None = None,
    max_price: int | None = None,
) -> ProductPage:
    offset = decode_cursor(cursor) if cursor else 0
    query = select(Product)
    if min_price is not None:
        query = query.where(Product.price >= min_price)
    if max_price is not None:
        query = query.where(Product.price <= max_price)
    order = {
        "id": [Product.id],
        "price": [Product.price, Product.id],
        "-price": [Product.price.desc(), Product.id],
    }[sort]
    async with Session() as session:
        result = await session.execute(query.order_by(*order).offset(offset).limit(limit + 1))
        rows = result.scalars().all()
    next_cursor = encode_cursor(offset + limit) if len(rows) > limit else None
    return ProductPage(items=[ProductRead.model_validate(r) for r in rows[:limit]], next_cursor=next_cursor)
