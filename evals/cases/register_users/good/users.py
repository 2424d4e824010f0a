"""Accounts: the table, what is sent and answered, and the route."""

import uuid
from datetime import datetime
from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, HTTPException
from pwdlib import PasswordHash
from pydantic import AfterValidator, BaseModel, ConfigDict, EmailStr, Field
from sqlalchemy import DateTime, String, func
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from database import Base, Session

router = APIRouter(tags=["users"])
passwords = PasswordHash.recommended()


def _storable(value: str) -> str:
    if "\x00" in value or any("\ud800" <= character <= "\udfff" for character in value):
        raise ValueError("must not hold U+0000 or half a surrogate pair")
    return value


class User(Base):
    __tablename__ = "users"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    email: Mapped[str] = mapped_column(String(320), unique=True)  # in lower case
    password_hash: Mapped[str]
    display_name: Mapped[str] = mapped_column(String(100))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


class UserCreate(BaseModel):
    email: Annotated[EmailStr, AfterValidator(_storable), AfterValidator(str.lower)]
    password: Annotated[str, AfterValidator(_storable), Field(min_length=8, max_length=128)]
    display_name: Annotated[str, AfterValidator(_storable), Field(min_length=1, max_length=100)]


class UserRead(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    email: str
    display_name: str
    created_at: datetime


@router.post("/users", status_code=201, summary="Register", responses={409: {"description": "The address is taken."}})
async def register(body: UserCreate) -> UserRead:
    """Create an account."""
    user = User(
        email=body.email,
        display_name=body.display_name,
        password_hash=await to_thread.run_sync(passwords.hash, body.password),
    )
    try:
        async with Session.begin() as session:
            session.add(user)
    except IntegrityError as error:
        raise HTTPException(409, "An account with this e-mail address exists.") from error
    return UserRead.model_validate(user)
