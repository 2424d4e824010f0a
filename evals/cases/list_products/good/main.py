from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from enum import StrEnum
from typing import Annotated

from fastapi import FastAPI, HTTPException, Query
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy import and_, or_, select
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


INT32 = Annotated[int, Field(ge=-(2**31), le=2**31 - 1)]  # what the columns hold


class Sort(StrEnum):
    ID = "id"
    PRICE = "price"
    PRICE_DOWN = "-price"


class ProductQuery(BaseModel):
    limit: int = Field(20, ge=1, le=100)
    cursor: str | None = Field(None, max_length=200)
    sort: Sort = Sort.ID
    min_price: INT32 | None = None
    max_price: INT32 | None = None


class Cursor(BaseModel):
    """The last row of a page: the next one starts behind it, wherever that is by then."""

    model_config = ConfigDict(extra="forbid", strict=True)

    id: INT32
    price: INT32


class ProductPage(BaseModel):
    items: list[ProductRead]
    next_cursor: str | None


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    await create_tables()
    yield
    await engine.dispose()


app = FastAPI(title="catalogue", lifespan=lifespan)


@app.get("/products", summary="List products")
async def list_products(query: Annotated[ProductQuery, Query()]) -> ProductPage:
    """List the products page by page. Keep filters and `sort` from page to page."""
    wanted = select(Product).limit(query.limit + 1)
    if query.min_price is not None:
        wanted = wanted.where(Product.price >= query.min_price)
    if query.max_price is not None:
        wanted = wanted.where(Product.price <= query.max_price)
    after = read_cursor(query.cursor)
    match query.sort:
        case Sort.ID:
            wanted = wanted.order_by(Product.id)
            behind = Product.id > after.id if after else None
        case Sort.PRICE:
            wanted = wanted.order_by(Product.price, Product.id)
            behind = after and or_(
                Product.price > after.price, and_(Product.price == after.price, Product.id > after.id)
            )
        case Sort.PRICE_DOWN:
            wanted = wanted.order_by(Product.price.desc(), Product.id)
            behind = after and or_(
                Product.price < after.price, and_(Product.price == after.price, Product.id > after.id)
            )
    if behind is not None:
        wanted = wanted.where(behind)
    async with Session() as session:
        found = [ProductRead.model_validate(product) for product in await session.scalars(wanted)]
    items = found[: query.limit]
    more = len(found) > query.limit
    last = Cursor(id=items[-1].id, price=items[-1].price).model_dump_json() if more else None
    return ProductPage(items=items, next_cursor=last)


def read_cursor(text: str | None) -> Cursor | None:
    if text is None:
        return None
    try:
        return Cursor.model_validate_json(text)
    except ValidationError as error:
        raise HTTPException(422, "This cursor is none of ours.") from error
