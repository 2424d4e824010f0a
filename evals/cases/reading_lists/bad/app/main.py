"""Reading lists: accounts, and the books that each of them has read or wants to."""

import os
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal

import jwt
from anyio import to_thread
from fastapi import APIRouter, Depends, FastAPI, HTTPException, Query, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pwdlib import PasswordHash
from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from sqlalchemy import DateTime, ForeignKey, String, func, make_url, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

LIFETIME = timedelta(minutes=30)
passwords = PasswordHash.recommended()
NOBODYS_HASH = passwords.hash(uuid.uuid4().hex)
bearer = HTTPBearer(auto_error=False)
router = APIRouter(prefix="/v1")


class Base(DeclarativeBase):
    """The base of both tables."""


class Account(Base):
    """A reader."""

    __tablename__ = "accounts"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    username: Mapped[str] = mapped_column(String(30), unique=True)  # in lower case
    shown_as: Mapped[str] = mapped_column(String(30))
    password_hash: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


class Book(Base):
    """A book of an account."""

    __tablename__ = "books"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    owner_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"), index=True)
    title: Mapped[str] = mapped_column(String(200))
    author: Mapped[str] = mapped_column(String(200))
    pages: Mapped[int | None]
    state: Mapped[str] = mapped_column(String(10))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.clock_timestamp())


def storable(value: str) -> str:
    """Refuse what PostgreSQL can't store."""
    if "\x00" in value or any("\ud800" <= character <= "\udfff" for character in value):
        raise ValueError("must not hold U+0000 or half a surrogate pair")
    return value


Text = Annotated[str, AfterValidator(storable), Field(min_length=1, max_length=200)]
Pages = Annotated[int, Field(ge=1, le=20_000)]
State = Literal["wanted", "reading", "read"]


class Credentials(BaseModel):
    """A name and a password."""

    username: Annotated[str, Field(pattern="^[A-Za-z0-9_]{3,30}$")]
    password: Annotated[str, AfterValidator(storable), Field(min_length=12, max_length=128)]


class AccountRead(BaseModel):
    """An account as it is shown."""

    id: uuid.UUID
    username: str
    created_at: datetime


class BookCreate(BaseModel):
    """A new book."""

    title: Text
    author: Text
    pages: Pages | None = None
    state: State = "wanted"


class BookUpdate(BaseModel):
    """What changes of a book."""

    title: Text = ""
    author: Text = ""
    pages: Pages | None = None
    state: State = "wanted"


class BookRead(BookCreate):
    """A book as it is shown."""

    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    created_at: datetime


class Page(BaseModel):
    """A page of books."""

    items: list[BookRead]
    next_cursor: str | None


class Token(BaseModel):
    """A token."""

    access_token: str
    token_type: str = "bearer"


async def get_session(request: Request) -> AsyncIterator[AsyncSession]:
    """Commit before the answer."""
    async with request.app.state.sessions.begin() as session:
        yield session


SessionDep = Annotated[AsyncSession, Depends(get_session, scope="function")]


async def get_account(
    session: SessionDep, sent: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]
) -> Account:
    """Recognise the caller."""
    refusal = HTTPException(401, "Log in first.", {"WWW-Authenticate": "Bearer"})
    if sent is None:
        raise refusal
    try:
        claims = jwt.decode(
            sent.credentials, os.environ["JWT_SECRET"], algorithms=["HS256"], options={"require": ["sub", "exp"]}
        )
        account = await session.get(Account, uuid.UUID(claims["sub"]))
    except (jwt.PyJWTError, ValueError):
        raise refusal from None
    if account is None:
        raise refusal
    return account


AccountDep = Annotated[Account, Depends(get_account)]


async def get_book(book_id: uuid.UUID, account: AccountDep, session: SessionDep) -> Book:
    """Find one of the caller's own books."""
    book = await session.scalar(select(Book).where(Book.id == book_id))
    if book is None:
        raise HTTPException(404, "There is no such book.")
    return book


BookDep = Annotated[Book, Depends(get_book)]


def shown(account: Account) -> AccountRead:
    """Show an account."""
    return AccountRead(id=account.id, username=account.shown_as, created_at=account.created_at)


@router.post("/accounts", status_code=201)
async def register(sent: Credentials, session: SessionDep) -> AccountRead:
    """Register; the unique constraint decides."""
    password_hash = await to_thread.run_sync(passwords.hash, sent.password)
    account = Account(username=sent.username.lower(), shown_as=sent.username, password_hash=password_hash)
    session.add(account)
    try:
        await session.flush()
    except IntegrityError:
        raise HTTPException(409, "The name is taken.") from None
    await session.refresh(account)
    return shown(account)


@router.post("/login")
async def log_in(sent: Credentials, session: SessionDep) -> Token:
    """Give a token for the right credentials, with as much work for a name that nobody has."""
    account = await session.scalar(select(Account).where(Account.username == sent.username.lower()))
    known = account.password_hash if account else NOBODYS_HASH
    if not await to_thread.run_sync(passwords.verify, sent.password, known) or account is None:
        raise HTTPException(401, "Wrong name or password.", {"WWW-Authenticate": "Bearer"})
    now = datetime.now(UTC)
    claims = {"sub": str(account.id), "iat": now, "exp": now + LIFETIME}
    return Token(access_token=jwt.encode(claims, os.environ["JWT_SECRET"], algorithm="HS256"))


@router.get("/me")
async def read_me(account: AccountDep) -> AccountRead:
    """Show the own account."""
    return shown(account)


@router.post("/books", status_code=201)
async def create_book(sent: BookCreate, account: AccountDep, session: SessionDep) -> BookRead:
    """Add a book."""
    book = Book(owner_id=account.id, **sent.model_dump())
    session.add(book)
    await session.flush()
    await session.refresh(book)
    return BookRead.model_validate(book)


@router.get("/books")
async def list_books(
    account: AccountDep,
    session: SessionDep,
    state: State | None = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    cursor: str | None = None,
) -> Page:
    """List the own books, newest first."""
    statement = select(Book).where(Book.owner_id == account.id)
    if state:
        statement = statement.where(Book.state == state)
    offset = int(cursor) if cursor and cursor.isdecimal() else 0
    if cursor and not offset:
        raise HTTPException(422, "The cursor is none of ours.")
    books = (await session.scalars(statement.order_by(Book.created_at.desc()).offset(offset).limit(limit + 1))).all()
    return Page(
        items=[BookRead.model_validate(book) for book in books[:limit]],
        next_cursor=str(offset + limit) if len(books) > limit else None,
    )


@router.get("/books/{book_id}")
async def read_book(book: BookDep) -> BookRead:
    """Show a book."""
    return BookRead.model_validate(book)


@router.patch("/books/{book_id}")
async def update_book(sent: BookUpdate, book: BookDep) -> BookRead:
    """Change what is sent."""
    for field, value in sent.model_dump(exclude_unset=True).items():
        setattr(book, field, value)
    return BookRead.model_validate(book)


@router.delete("/books/{book_id}", status_code=204)
async def delete_book(book: BookDep, session: SessionDep) -> None:
    """Delete a book."""
    await session.delete(book)


def create_app() -> FastAPI:
    """Build the application."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        engine = create_async_engine(make_url(os.environ["DATABASE_URL"]).set(drivername="postgresql+asyncpg"))
        async with engine.begin() as connection:
            await connection.execute(text("SELECT pg_advisory_xact_lock(1)"))
            await connection.run_sync(Base.metadata.create_all)
        app.state.sessions = async_sessionmaker(engine, expire_on_commit=False)
        yield
        await engine.dispose()

    app = FastAPI(title="Reading lists", lifespan=lifespan)
    app.include_router(router)
    return app
