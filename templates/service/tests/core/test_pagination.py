# % if keyset_pages
"""Pages by key, of the rows of a table of a few lines."""

import base64
import json
from collections.abc import Iterator
from typing import Annotated, Literal

import pytest
from fastapi import FastAPI, Query
from fastapi.testclient import TestClient
from pydantic import BaseModel
from sqlalchemy import StaticPool, create_engine, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from app.core.pagination import Cursor, KeysetOrder, Page, PageQuery
from app.core.problems import add_problem_handlers

PRICES = [30, 10, 20, 10, 30, 20, 10]  # of the things 1 to 7


class Base(DeclarativeBase):
    """The tables of this test."""


class Thing(Base):
    """Something with a price, which others have too."""

    __tablename__ = "things"

    id: Mapped[int] = mapped_column(primary_key=True)
    price: Mapped[int]


class ThingRead(BaseModel, from_attributes=True):
    """A thing as it is shown."""

    id: int
    price: int


class ThingQuery(PageQuery):
    """What the listing takes."""

    sort: Literal["price", "-price", "id", "-id"] = "price"


ORDERS = {
    "price": KeysetOrder[tuple[Thing]](Thing.price, Thing.id),
    "id": KeysetOrder[tuple[Thing]](Thing.id, Thing.id),
}


@pytest.fixture
def session() -> Iterator[Session]:
    """The things, in SQLite: the statements are the same."""
    engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        session.add_all(Thing(id=number, price=price) for number, price in enumerate(PRICES, start=1))
        session.commit()
        yield session
    engine.dispose()


@pytest.fixture
def client(session: Session) -> TestClient:
    """A client of a listing of them."""
    app = FastAPI()
    add_problem_handlers(app)

    @app.get("/things")
    def list_things(query: Annotated[ThingQuery, Query()]) -> Page[ThingRead]:
        order = ORDERS[query.sort.removeprefix("-")]
        statement = order.page(select(Thing), query.sort, continued=query.cursor is not None)
        rows = session.scalars(statement, order.place(query, query.sort)).all()
        items = [ThingRead.model_validate(row) for row in rows[: query.limit]]
        return Page(items=items, next_cursor=order.next_cursor(rows, query, query.sort))

    return TestClient(app)


def pages(client: TestClient, sort: str, limit: int) -> list[list[int]]:
    """Read the listing to its end, and name the things of each page."""
    found: list[list[int]] = []
    query: dict[str, str | int] = {"sort": sort, "limit": limit}
    while True:
        page = client.get("/things", params=query).raise_for_status().json()
        found.append([thing["id"] for thing in page["items"]])
        if page["next_cursor"] is None:
            return found
        query["cursor"] = page["next_cursor"]


@pytest.mark.parametrize("sort", ["price", "-price", "id", "-id"])
@pytest.mark.parametrize("limit", [1, 3, 7, 100])
def test_page_after_page_gives_each_row_once_and_in_order(client: TestClient, sort: str, limit: int) -> None:
    things = sorted(enumerate(PRICES, start=1), key=lambda thing: (thing[1], thing[0]) if "price" in sort else thing)
    expected = [number for number, _ in things][:: -1 if sort.startswith("-") else 1]

    found = pages(client, sort, limit)

    assert [number for page in found for number in page] == expected
    assert [len(page) for page in found[:-1]] == [limit] * (len(found) - 1)
    assert found[-1]


def test_rows_that_come_and_go_shift_no_page(client: TestClient, session: Session) -> None:
    first = client.get("/things", params={"sort": "id", "limit": 3}).json()
    session.delete(session.get_one(Thing, 1))
    session.add(Thing(id=8, price=5))
    session.commit()

    rest = client.get("/things", params={"sort": "id", "cursor": first["next_cursor"]}).json()

    assert [thing["id"] for thing in rest["items"]] == [4, 5, 6, 7, 8]


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "rubbish",
        "é",
        base64.urlsafe_b64encode(b"[]").decode(),
        base64.urlsafe_b64encode(json.dumps({"sort": "price"}).encode()).decode(),
        Cursor(sort="id", value="3", id="3").encode(),
        Cursor(sort="price", value="cheap", id="3").encode(),
        Cursor(sort="price", value="10", id="' OR true --").encode(),
    ],
    ids=["none", "rubbish", "no ASCII", "no cursor", "half a cursor", "of another order", "no price", "no key"],
)
def test_a_cursor_of_one_s_own_is_refused(client: TestClient, cursor: str) -> None:
    response = client.get("/things", params={"sort": "price", "cursor": cursor})

    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"


# % endif
