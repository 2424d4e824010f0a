"""Transfers: the record, what is sent and answered, and the business of moving credit."""

from typing import Annotated, Self

from fastapi import APIRouter, HTTPException
from pydantic import BaseModel, Field, model_validator
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from accounts import Account
from database import Base, SessionDep

AccountNumber = Annotated[int, Field(ge=1, le=2**31 - 1)]


class Transfer(Base):
    __tablename__ = "transfers"

    id: Mapped[int] = mapped_column(primary_key=True)
    from_account: Mapped[int]
    to_account: Mapped[int]
    amount: Mapped[int]


class TransferCreate(BaseModel):
    from_account: AccountNumber
    to_account: AccountNumber
    amount: int = Field(ge=1, le=1_000_000)

    @model_validator(mode="after")
    def between_two(self) -> Self:
        if self.from_account == self.to_account:
            raise ValueError("an account can't pay itself")
        return self


class Balances(BaseModel):
    from_balance: int
    to_balance: int


class UnknownAccountError(Exception):
    pass


class NotEnoughCreditError(Exception):
    pass


class TransferService:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def move(self, wanted: TransferCreate) -> Balances:
        """Move credit, all or nothing."""
        numbers = (wanted.from_account, wanted.to_account)
        # Locked in one order, whichever way the credit goes: two transfers can't wait for each other.
        locked = select(Account).where(Account.id.in_(numbers)).order_by(Account.id).with_for_update()
        found = {account.id: account for account in await self._session.scalars(locked)}
        if len(found) < len(numbers):
            raise UnknownAccountError
        payer, payee = found[wanted.from_account], found[wanted.to_account]
        if payer.balance < wanted.amount:
            raise NotEnoughCreditError
        payer.balance -= wanted.amount
        payee.balance += wanted.amount
        self._session.add(Transfer(**wanted.model_dump()))
        return Balances(from_balance=payer.balance, to_balance=payee.balance)


router = APIRouter(tags=["transfers"])


@router.post("/transfers", status_code=201, summary="Transfer credit")
async def transfer(wanted: TransferCreate, session: SessionDep) -> Balances:
    """Move credit from one account to another."""
    try:
        return await TransferService(session).move(wanted)
    except UnknownAccountError as error:
        raise HTTPException(404, "There is no such account.") from error
    except NotEnoughCreditError as error:
        raise HTTPException(409, "There is not enough credit.") from error
