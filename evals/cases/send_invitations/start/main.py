from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, HTTPException
from pydantic import BaseModel, ConfigDict, EmailStr
from sqlalchemy.orm import Mapped, mapped_column

import mailer
from database import Base, SessionDep, create_tables, engine


class Invitation(Base):
    __tablename__ = "invitations"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str]
    status: Mapped[str] = mapped_column(default="pending")


class InvitationIn(BaseModel):
    email: EmailStr


class InvitationOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int
    email: str
    status: str


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    await create_tables()
    yield
    await engine.dispose()


app = FastAPI(title="invitations", lifespan=lifespan)


@app.get("/health")
async def health() -> dict[str, str]:
    return {"status": "ok"}


@app.post("/invitations", status_code=201)
async def invite(body: InvitationIn, session: SessionDep) -> InvitationOut:
    invitation = Invitation(email=body.email)
    session.add(invitation)
    await session.flush()
    mailer.send(body.email, "You are invited.")
    invitation.status = "sent"
    return InvitationOut.model_validate(invitation)


@app.get("/invitations/{number}")
async def get_invitation(number: int, session: SessionDep) -> InvitationOut:
    invitation = await session.get(Invitation, number)
    if invitation is None:
        raise HTTPException(404, "There is no such invitation.")
    return InvitationOut.model_validate(invitation)
